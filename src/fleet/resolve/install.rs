//! How the jobs of a workflow get dockwright. There is no default: until a release exists, whoever
//! registers the name on a package registry would run code in every workflow that installs it.

use super::field::Findings;
use crate::declare::Text;
use crate::declare::outputs::InstallDecl;
use crate::diagnostic::{Code, code};
use crate::fleet::model::{Origin, Section, Sourced};
use crate::fleet::outputs::Install;
use crate::published::{NAME, PUBLISHED, command_by_name};
use crate::values::image_reference::ImageReference;
use crate::values::requirement::normalized;
use crate::values::{
    DownloadUrl, FreeText, InvalidValue, PackageName, PackageVersion, RelPath, Sha256,
};

const INSTALL: &str = "outputs.workflow.install";
const URL: &str = "outputs.workflow.install.url";
const PATH: &str = "outputs.workflow.install.path";
const WHEEL: &str = "outputs.workflow.install.wheel";
const IMAGE: &str = "outputs.workflow.install.image";
const PACKAGE: &str = "outputs.workflow.install.package";
const VERSION: &str = "outputs.workflow.install.version";
const SHA256: &str = "outputs.workflow.install.sha256";

/// What to write, each line ready to paste. The digest is that of an empty file, so nothing is
/// installed before a person replaces it.
const CHOICES: &[&str] = &[
    "install: { url: \"https://files.example.com/dockwright\", sha256: \
     \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\" }",
    "install: { path: tools/dockwright, sha256: \
     \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\" }",
    "install: { wheel: tools/dockwright-0.1.0-py3-none-linux_x86_64.whl }",
    "install: { image: \
     \"registry.example.com/tools/dockwright@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\" }",
    "install: { package: acme-dockwright, version: \"1.2.3\", sha256: \
     \"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\" }",
    "install: ./tools/get-dockwright.sh",
];
const CHOOSE: &str = "write one of these below `workflow`, with your own values (docs/builders.md \
 explains each; `package` is one that you publish):";

/// Reads `outputs.workflow.install`.
pub(super) fn install(
    findings: &mut Findings<'_>,
    decl: Option<&InstallDecl>,
) -> Option<Sourced<Install>> {
    let nothing = InstallDecl::default();
    let mut reader = Reader {
        findings,
        decl: decl.unwrap_or(&nothing),
    };
    let value = reader.install()?;
    Some(Sourced {
        value,
        origin: Origin::field(Section::Fleet, INSTALL),
    })
}

/// Reads one declaration.
struct Reader<'f, 'a> {
    findings: &'f mut Findings<'a>,
    decl: &'f InstallDecl,
}

impl Reader<'_, '_> {
    fn install(&mut self) -> Option<Install> {
        let decl = self.decl;
        let sources = [
            (INSTALL, &decl.line),
            (URL, &decl.url),
            (PATH, &decl.path),
            (WHEEL, &decl.wheel),
            (IMAGE, &decl.image),
            (PACKAGE, &decl.package),
        ];
        let mut given = sources
            .iter()
            .filter_map(|(field, text)| Some((*field, text.as_ref()?)));
        let Some((field, text)) = given.next().filter(|(_, text)| !text.trim().is_empty()) else {
            let message = "the workflow needs `install`: how its jobs get dockwright".to_owned();
            return self.choose(&code::MISSING_FIELD, INSTALL, message);
        };
        if let Some((other, _)) = given.next() {
            let message = format!(
                "`install` has both `{}` and `{}`; keep one of them",
                name(field),
                name(other)
            );
            return self.refuse(other, message, "use the fields of one form only".to_owned());
        }
        let companions: &[&str] = match field {
            URL | PATH => &[SHA256],
            PACKAGE => &[VERSION, SHA256],
            _ => &[],
        };
        let fits = self.has_companions(field, companions);
        let value = self.form(field, text)?;
        fits.then_some(value)
    }

    /// Whether exactly the fields are given that belong to a form.
    fn has_companions(&mut self, form: &'static str, companions: &[&str]) -> bool {
        let mut fits = true;
        for (field, text) in [(VERSION, &self.decl.version), (SHA256, &self.decl.sha256)] {
            match (text, companions.contains(&field)) {
                (None, true) => {
                    let message = format!("`{}` needs `{}`", name(form), name(field));
                    let help = match field {
                        SHA256 => "write the 64 digits that `sha256sum FILE` prints: sha256: \"…\"",
                        _ => "write the exact version: version: \"1.2.3\"",
                    };
                    self.missing::<()>(INSTALL, message, help.to_owned());
                }
                (Some(_), false) => {
                    let message =
                        format!("`{}` cannot be combined with `{}`", name(field), name(form));
                    self.refuse::<()>(field, message, format!("delete `{}`", name(field)));
                }
                _ => continue,
            }
            fits = false;
        }
        fits
    }

    fn form(&mut self, field: &'static str, text: &Text) -> Option<Install> {
        let value = match field {
            URL => Install::Url {
                url: self.url(text)?,
                sha256: self.sha256()?,
            },
            PATH => Install::Path {
                path: self.value(PATH, text, RelPath::parse)?,
                sha256: self.sha256()?,
            },
            WHEEL => Install::Wheel(self.wheel(text)?),
            IMAGE => Install::Image(self.image(text)?),
            PACKAGE => self.package(text)?,
            _ => Install::Line(self.line(text)?),
        };
        Some(value)
    }

    fn url(&mut self, text: &Text) -> Option<DownloadUrl> {
        let code = if text.contains('@') {
            &code::CREDENTIALS_IN_URL
        } else {
            &code::INVALID_VALUE
        };
        let url = self.findings.value(
            Origin::field(Section::Fleet, URL),
            text,
            code,
            DownloadUrl::parse,
        )?;
        Some(url.value)
    }

    fn sha256(&mut self) -> Option<Sha256> {
        let text = self.decl.sha256.as_ref()?;
        self.value(SHA256, text, Sha256::parse)
    }

    fn wheel(&mut self, text: &Text) -> Option<RelPath> {
        let path = self.value(WHEEL, text, RelPath::parse)?;
        let is_wheel = path
            .file_name()
            .strip_suffix(".whl")
            .is_some_and(|stem| !stem.is_empty());
        if is_wheel {
            return Some(path);
        }
        let message = format!("`{path}` is not a wheel: its name does not end in `.whl`");
        let help = "for a static binary write `path` and `sha256` instead of `wheel`".to_owned();
        self.refuse(WHEEL, message, help)
    }

    /// An image whose place is said in full: a bare name means one on Docker Hub, which anybody may
    /// register.
    fn image(&mut self, text: &Text) -> Option<ImageReference> {
        let image = self.value(IMAGE, text, ImageReference::parse)?;
        let help = format!(
            "such as \"registry.example.com/tools/{NAME}@sha256:…\"; nobody can move a digest to \
             other content"
        );
        if image.repository().registry().is_none() {
            return self.refuse(IMAGE, format!("`{image}` does not name its registry"), help);
        }
        if image.tag().is_none() && image.digest().is_none() {
            return self.refuse(
                IMAGE,
                format!("`{image}` has neither a digest nor a tag"),
                help,
            );
        }
        Some(image)
    }

    fn package(&mut self, text: &Text) -> Option<Install> {
        let package = self.value(PACKAGE, text, PackageName::parse)?;
        if !PUBLISHED && normalized(package.as_str()) == NAME {
            return self.refuse_unpublished(PACKAGE, package.as_str());
        }
        let version = self.decl.version.as_ref()?;
        let version = self.value(VERSION, version, PackageVersion::parse)?;
        Some(Install::Package {
            name: package,
            version,
            sha256: self.sha256()?,
        })
    }

    fn line(&mut self, text: &Text) -> Option<FreeText> {
        let line = self.value(INSTALL, text, FreeText::parse)?;
        if line.as_str().contains("${{") {
            let message =
                "the shell line has `${{`, which the runner replaces before the shell reads it"
                    .to_owned();
            let help = "put the commands into a script in the repository: install: \
                 ./tools/get-dockwright.sh"
                .to_owned();
            return self.refuse(INSTALL, message, help);
        }
        match command_by_name(line.as_str()).filter(|_| !PUBLISHED) {
            Some(command) => self.refuse_unpublished(INSTALL, command),
            None => Some(line),
        }
    }

    fn refuse_unpublished<T>(&mut self, field: &'static str, written: &str) -> Option<T> {
        let message = format!(
            "`{written}` installs a package that nobody has published: whoever registers its name \
             runs code in the workflow"
        );
        self.choose(&code::INVALID_VALUE, field, message)
    }

    fn value<T>(
        &mut self,
        field: &'static str,
        text: &str,
        parse: fn(&str) -> Result<T, InvalidValue>,
    ) -> Option<T> {
        let origin = Origin::field(Section::Fleet, field);
        self.findings
            .value(origin, text, &code::INVALID_VALUE, parse)
            .map(|read| read.value)
    }

    fn refuse<T>(&mut self, field: &'static str, message: String, help: String) -> Option<T> {
        let origin = Origin::field(Section::Fleet, field);
        self.findings
            .at_value_with_help(&code::INVALID_VALUE, origin, message, help);
        None
    }

    /// Says what is wrong, with every form to choose from.
    fn choose<T>(
        &mut self,
        code: &'static Code,
        field: &'static str,
        message: String,
    ) -> Option<T> {
        let origin = Origin::field(Section::Fleet, field);
        self.findings
            .at_value_with_examples(code, origin, message, (CHOOSE, CHOICES));
        None
    }

    fn missing<T>(&mut self, field: &'static str, message: String, help: String) -> Option<T> {
        let origin = Origin::field(Section::Fleet, field);
        self.findings
            .at_value_with_help(&code::MISSING_FIELD, origin, message, help);
        None
    }
}

/// The last part of a field's path.
fn name(field: &str) -> &str {
    field.rsplit('.').next().unwrap_or(field)
}
