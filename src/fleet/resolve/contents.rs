//! What services and bases say alike.

use std::sync::Arc;

use super::Ground;
use super::account::account;
use super::external::DEFAULT_IMAGE;
use super::field::Findings;
use super::fits::check_external;
use super::indexes::indexes;
use super::layers::Layers;
use super::platforms::{check_platforms, platforms};
use super::sources::copies;
use super::steps::{dirs, steps};
use super::variables::{check_variables, labels};
use crate::declare::schema::ServiceDecl;
use crate::declare::{Nullable, OneOrMany, Text};
use crate::diagnostic::code;
use crate::fleet::account::Account;
use crate::fleet::joined::Joined;
use crate::fleet::model::PackageIndex;
use crate::fleet::model::{BuildStep, Copy, ExternalImage, Image, Label, Parent, Secret, Sourced};
use crate::fleet::placeholder::Values;
use crate::values::{AptPackage, Platform};

/// What services and bases say alike.
pub(super) struct Contents {
    pub(super) account: Option<Arc<Account>>,
    pub(super) apk: Vec<Sourced<AptPackage>>,
    pub(super) apk_build: Vec<Sourced<AptPackage>>,
    pub(super) builder: Option<Box<Sourced<Arc<ExternalImage>>>>,
    pub(super) copies: Vec<Copy>,
    pub(super) dirs: Vec<Sourced<String>>,
    pub(super) indexes: Vec<PackageIndex>,
    pub(super) labels: Vec<Label>,
    pub(super) platforms: Vec<Sourced<Platform>>,
    pub(super) steps: Vec<BuildStep>,
}

impl Contents {
    /// Reads it for an image on `parent` with these secrets, whose workdir is among `values`.
    pub(super) fn of(
        findings: &mut Findings<'_>,
        ground: &Ground<'_>,
        layers: &Layers<'_>,
        (parent, secrets): (Option<&Parent>, &Joined<Secret>),
        values: &Values<'_>,
    ) -> Self {
        let bases = ground.bases.images.as_slice();
        Self {
            account: account(findings, layers, (bases, parent), values),
            apk: apk(findings, layers, (bases, parent), "apk", |decl| &decl.apk),
            apk_build: apk(findings, layers, (bases, parent), "apk_build", |decl| {
                &decl.apk_build
            }),
            builder: builder(findings, ground, layers, parent),
            copies: copies(findings, ground, layers, values),
            dirs: dirs(findings, layers, values),
            indexes: indexes(findings, ground, layers, parent),
            labels: labels(findings, layers, values),
            platforms: platforms(findings, ground, layers),
            steps: steps(findings, layers, secrets, values),
        }
    }
}

/// Alpine packages. Inherited ones are passed over on images that are no Alpine, so that one kind
/// serves both.
fn apk<'a>(
    findings: &mut Findings<'_>,
    layers: &Layers<'a>,
    (bases, parent): (&[Image], Option<&Parent>),
    field: &'static str,
    of: impl Fn(&'a ServiceDecl) -> &'a Nullable<OneOrMany<Text>>,
) -> Vec<Sourced<AptPackage>> {
    let (items, _) = layers.items(field, of);
    if items.is_empty() {
        return Vec::new();
    }
    let mut below = parent;
    while let Some(Parent::Base(base)) = below {
        below = Some(&bases[base.value].parent);
    }
    let is_alpine = matches!(below, Some(Parent::External(external)) if external.is_alpine);
    let mut packages: Vec<Sourced<AptPackage>> = Vec::new();
    for (origin, text) in items {
        if !is_alpine && origin.section != layers.own.section {
            continue;
        }
        let read = findings.value(origin, text, &code::INVALID_APT_PACKAGE, AptPackage::parse);
        let is_new =
            |read: &Sourced<AptPackage>| packages.iter().all(|one| one.value != read.value);
        let read = read.filter(is_new);
        packages.extend(read);
    }
    packages
}

/// The external image of the builder stage.
fn builder(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    layers: &Layers<'_>,
    parent: Option<&Parent>,
) -> Option<Box<Sourced<Arc<ExternalImage>>>> {
    let said = layers.pick("builder", |decl| &decl.builder);
    if let (None, Some(Parent::External(below))) = (&said, parent)
        && !below.has_python()
    {
        // uv comes by pip, which the official image has.
        let (value, origin) = (
            ground.externals.get(DEFAULT_IMAGE, ground.python?)?,
            below.origin,
        );
        return Some(Box::new(Sourced { value, origin }));
    }
    let (origin, name) = said?;
    let name = &**name;
    let Some(Parent::External(below)) = parent else {
        if origin.section == layers.own.section {
            let message =
                "`builder` has no effect on a base of the fleet: that installs".to_owned();
            let help = "delete `builder`".to_owned();
            findings.at_value_with_help(&code::FIELD_WITHOUT_EFFECT, origin, message, help);
        }
        return None;
    };
    if !ground.externals.has(name) {
        let known = ground.externals.names();
        findings.unknown(&code::UNKNOWN_IMAGE, origin, "external image", name, known);
        return None;
    }
    let value = ground.externals.get(name, ground.python?)?;
    (value.name != below.name).then(|| Box::new(Sourced { value, origin }))
}

/// What can be said of an image alone once all of it is known.
pub(super) fn check(findings: &mut Findings<'_>, ground: &Ground<'_>, image: &Image) {
    let bases = &ground.bases.images;
    check_external(findings, bases, image);
    check_platforms(findings, bases, image);
    check_variables(findings, image);
}
