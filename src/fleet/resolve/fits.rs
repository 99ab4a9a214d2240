//! What the external image below cannot do: another package manager's packages, and whatever needs
//! a shell where there is none.

use super::field::Findings;
use crate::diagnostic::code;
use crate::fleet::model::{After, ExternalImage, Image, Origin, Parent, Role};

/// The external image below an image.
fn external<'a>(bases: &'a [Image], image: &'a Image) -> Option<&'a ExternalImage> {
    let mut below = image;
    loop {
        match &below.parent {
            Parent::External(external) => return Some(external),
            Parent::Base(base) => below = &bases[base.value],
            Parent::Kept(_) => return None,
        }
    }
}

/// Says what an image asks for that the external image below cannot do.
pub(super) fn check_external(findings: &mut Findings<'_>, bases: &[Image], image: &Image) {
    let Some(external) = external(bases, image) else {
        return;
    };
    packages(findings, external, image);
    if !external.has_python() {
        without_python(findings, external, image);
    } else if let Some(builder) = &image.builder {
        interpreter(findings, external, builder.origin);
    }
    if external.is_alpine {
        on_alpine(findings, image);
    }
    if !external.has_shell {
        without_shell(findings, external, image);
    }
}

/// Packages need the package manager that there is.
fn packages(findings: &mut Findings<'_>, external: &ExternalImage, image: &Image) {
    let builder = image
        .builder
        .as_ref()
        .map_or(external, |builder| &builder.value);
    let debian = [(&image.apt, external), (&image.apt_build, builder)];
    for (list, place) in debian {
        if let (Some(package), false) = (list.first(), place.has_apt) {
            let message = format!(
                "`{}` cannot be installed: {} has no apt-get",
                package.value, place.reference
            );
            let help = if place.is_alpine {
                format!(
                    "on Alpine the field is `{}`",
                    package.origin.field.replace("apt", "apk")
                )
            } else {
                format!(
                    "if it is Debian all the same, say `distribution: debian` at images.{}",
                    place.name
                )
            };
            let code = &code::APT_WITHOUT_DEBIAN;
            return findings.at_value_with_help(code, package.origin, message, help);
        }
    }
    let alpine = [(&image.apk, external), (&image.apk_build, builder)];
    for (list, place) in alpine {
        if let (Some(package), false) = (list.first(), place.is_alpine) {
            let message = format!(
                "`{}` cannot be installed: {} is not an Alpine",
                package.value, place.reference
            );
            let help = if place.has_apt {
                format!(
                    "on Debian the field is `{}`",
                    package.origin.field.replace("apk", "apt")
                )
            } else {
                format!(
                    "if it is one, say `distribution: alpine` at images.{}",
                    place.name
                )
            };
            let code = &code::APT_WITHOUT_DEBIAN;
            return findings.at_value_with_help(code, package.origin, message, help);
        }
    }
}

/// What is only done with the tools of Debian.
fn on_alpine(findings: &mut Findings<'_>, image: &Image) {
    if let (Parent::Base(_), Some(package)) = (&image.parent, image.apk_build.first()) {
        let message = "`apk_build` has no effect on a base of the fleet";
        let help = "let the base install what is built from source";
        let code = &code::FIELD_WITHOUT_EFFECT;
        findings.at_value_with_help(code, package.origin, message.to_owned(), help.to_owned());
    }
    if let (false, Some(home)) = (image.account.is_made, &image.account.home) {
        let message = "`home` cannot be changed on an Alpine base: it has no usermod";
        let help = "say `home` at the base";
        let code = &code::FIELD_WITHOUT_EFFECT;
        findings.at_value_with_help(code, home.origin, message.to_owned(), help.to_owned());
    }
}

/// What is installed in one image runs in another one by that one's Python.
fn interpreter(findings: &mut Findings<'_>, external: &ExternalImage, builder: Origin) {
    let is_official = external.reference.repository().is_python();
    if external.python.value.starts_with('/') || is_official {
        return;
    }
    let message = format!(
        "another image builds for {}, and where its Python is, is not declared",
        external.reference
    );
    let help = format!(
        "say it at images.{}: python: /usr/bin/python3",
        external.name
    );
    findings.at_value_with_help(&code::MISSING_FIELD, builder, message, help);
}

/// Where uv installs the Python: it is one for glibc, and a base would have to hand uv on.
fn without_python(findings: &mut Findings<'_>, external: &ExternalImage, image: &Image) {
    let named = &external.name;
    let (message, help) = if external.is_alpine {
        let message = format!("`python: none` needs glibc, and `{named}` is an Alpine with musl");
        (
            message,
            "install it there: apk: [python3], and python: python3",
        )
    } else if matches!(image.role, Role::Base(_)) {
        let message = format!("a base needs an image with Python, and `{named}` has none");
        (message, "build on it in services alone")
    } else {
        return;
    };
    let code = &code::INVALID_VALUE;
    findings.at_value_with_help(code, external.python.origin, message, help.to_owned());
}

/// Says what would run in the final stage.
fn without_shell(findings: &mut Findings<'_>, external: &ExternalImage, image: &Image) {
    let named = &external.name;
    if let (true, Some(_)) = (image.workdir.is_inherited, image.steps.first()) {
        let message = format!(
            "steps run in the builder stage, and the working folder of `{named}` is not known there"
        );
        let help = "set `workdir` to a path".to_owned();
        findings.at_value_with_help(&code::NO_SHELL, image.workdir.origin, message, help);
    }
    let mut refuse = |origin: Origin, field: &str, help: String| {
        let message = format!("`{field}` needs a shell in the final image, and `{named}` has none");
        findings.at_value_with_help(&code::NO_SHELL, origin, message, help);
    };
    let copy = "copy what it needs: copy: { image: NAME, from: PATH, to: PATH }".to_owned();
    if let Role::Base(version) = &image.role {
        let at = Origin::field(version.origin.section, "from");
        return refuse(at, "bases", "build on it in services alone".to_owned());
    }
    if image.template.value.as_str() == "multi-stage-slim" && image.builder.is_none() {
        let at = Origin::field(image.section, "");
        refuse(
            at,
            "pip",
            "name an image to install in: builder: python-slim".to_owned(),
        );
    }
    for package in image.apt.iter().chain(&image.apk).take(1) {
        refuse(package.origin, package.origin.field, copy.clone());
    }
    for hook in image
        .hooks
        .iter()
        .filter(|hook| hook.point != "builder")
        .take(1)
    {
        let at = hook
            .lines
            .first()
            .map_or(Origin::field(image.section, "hooks"), |line| line.origin);
        refuse(at, hook.point, "use the point `builder`".to_owned());
    }
    let mut steps = image.steps.iter();
    if let Some(step) = steps.find(|step| step.after != After::Install) {
        let field = match step.after {
            After::Apt => "after: apt",
            After::Install | After::Source => "after: source",
        };
        let help = "let it run after the installation".to_owned();
        refuse(step.origin, field, help);
    }
    let account = &image.account;
    let needs = account.groups.first().map(|group| group.origin);
    for origin in needs
        .into_iter()
        .chain(account.home.as_ref().map(|home| home.origin))
    {
        refuse(origin, origin.field, format!("delete `{}`", origin.field));
    }
}
