//! Indexes that named packages come from: those of the fleet, of the base, of `defaults`, of the
//! kind and the image's own, each above the one before.

use super::Ground;
use super::field::Findings;
use super::layers::Layers;
use super::sets::Sets;
use crate::declare::Text;
use crate::declare::indexes::{IndexDecl, Indexes};
use crate::diagnostic::code;
use crate::fleet::model::PackageIndex;
use crate::fleet::model::{Image, Origin, Parent, Section, Sourced};
use crate::values::{IndexUrl, KindName, PackagePattern};

/// An index as far as it is declared by now.
#[derive(Clone)]
struct Draft {
    name: KindName,
    origin: Origin,
    url: Option<Sourced<IndexUrl>>,
    packages: Vec<Sourced<PackagePattern>>,
}

/// The indexes of an image on `parent`.
pub(super) fn indexes(
    findings: &mut Findings<'_>,
    ground: &Ground<'_>,
    layers: &Layers<'_>,
    parent: Option<&Parent>,
) -> Vec<PackageIndex> {
    let mut drafts = Drafts::default();
    drafts.extend(findings, Section::Fleet, &ground.decl.indexes);
    if let Some(Parent::Base(base)) = parent {
        drafts.inherit(&ground.bases.images[base.value]);
    }
    for entry in layers.inherited_first() {
        let own = &entry.decl.indexes;
        if own.is_null() {
            drafts = Drafts::default();
        }
        drafts.extend(findings, entry.section, own);
    }
    drafts.finish(findings)
}

#[derive(Default)]
struct Drafts(Vec<Draft>);

impl Drafts {
    fn inherit(&mut self, base: &Image) {
        for index in &base.indexes {
            self.0.retain(|known| known.name != index.name);
            self.0.push(Draft {
                name: index.name.clone(),
                origin: index.origin,
                url: Some(index.url.clone()),
                packages: index.packages.clone(),
            });
        }
    }

    /// Puts the entries of a layer above those that are there: each of its fields that is declared
    /// replaces the one below.
    fn extend(&mut self, findings: &mut Findings<'_>, section: Section, indexes: &Indexes) {
        for (at, (name, decl)) in indexes.iter().enumerate() {
            let origin = Origin::field(section, "indexes").item(at);
            if decl.is_null() {
                self.0.retain(|known| known.name.as_str() != name);
                continue;
            }
            let read = KindName::parse(name).map_err(|error| error.to_string());
            match read {
                Ok(name) => self.put(findings, name, (origin, decl)),
                Err(message) => findings.at_key(&code::INVALID_NAME, origin, message),
            }
        }
    }

    fn put(
        &mut self,
        findings: &mut Findings<'_>,
        name: KindName,
        (origin, decl): (Origin, &IndexDecl),
    ) {
        let known = self.0.iter().position(|known| known.name == name);
        let at = known.unwrap_or_else(|| {
            self.0.push(Draft {
                name,
                origin,
                url: None,
                packages: Vec::new(),
            });
            self.0.len() - 1
        });
        let draft = &mut self.0[at];
        draft.origin = origin;
        if let Some(url) = decl
            .url
            .as_ref()
            .and_then(|url| read_url(findings, origin, url))
        {
            draft.url = Some(url);
        }
        if !decl.packages.is_empty() {
            let packages = decl.packages.iter();
            let read = packages.filter_map(|text| {
                findings.value(origin, text, &code::INVALID_VALUE, PackagePattern::parse)
            });
            draft.packages = read.collect();
        }
    }

    /// The whole ones; the others are reported.
    fn finish(self, findings: &mut Findings<'_>) -> Vec<PackageIndex> {
        let mut whole = Vec::new();
        for draft in self.0 {
            let name = draft.name;
            let (field, example) = match (draft.url, draft.packages.is_empty()) {
                (Some(url), false) => {
                    whole.push(PackageIndex {
                        name,
                        origin: draft.origin,
                        url,
                        packages: draft.packages,
                    });
                    continue;
                }
                (None, _) => ("url", "https://download.pytorch.org/whl/cpu"),
                (Some(_), true) => ("packages", "[torch]"),
            };
            let message =
                format!("the index `{name}` needs `{field}`, such as `{field}: {example}`");
            findings.at_value(&code::MISSING_FIELD, draft.origin, message);
        }
        whole
    }
}

fn read_url(findings: &mut Findings<'_>, origin: Origin, text: &Text) -> Option<Sourced<IndexUrl>> {
    let code = if text.contains('@') {
        &code::CREDENTIALS_IN_URL
    } else {
        &code::INVALID_VALUE
    };
    findings.value(origin, text, code, IndexUrl::parse)
}

/// Says which indexes have no effect: a lock names its indexes itself, and what a stage before
/// builds for an image on a base comes from all of them.
pub(super) fn check(findings: &mut Findings<'_>, sets: &Sets, images: &[Image]) {
    for image in images.iter().filter(|image| !image.indexes.is_empty()) {
        let Some(index) = used(sets, image) else {
            continue;
        };
        let (what, help) = if image.locked.is_wanted() {
            let help = "leave it out of `locks.images`, or use `index_urls`";
            ("is locked", help)
        } else if image.base().is_some() && !image.apt_build.is_empty() {
            let help = "let the base install these packages, or leave `base` out";
            ("builds packages for an image on a base", help)
        } else {
            continue;
        };
        let message = format!(
            "the index `{}` has no effect in {}, which {what}",
            index.name, image.name
        );
        let help = help.to_owned();
        findings.at_value_with_help(&code::FIELD_WITHOUT_EFFECT, index.origin, message, help);
    }
}

/// The first index that something comes from which the image asks for in services.yaml.
fn used<'a>(sets: &Sets, image: &'a Image) -> Option<&'a PackageIndex> {
    let of_sets = image
        .sets
        .iter()
        .flat_map(|set| &sets.all[set.value].requirements);
    let mut asked = of_sets.chain(&image.pip);
    asked.find_map(|one| image.index_of(one.value.normalized_name()))
}
