//! The first half of the line: what stands in services.yaml and the files that it includes.

use camino::Utf8Path;

use super::error::{Error, VERSION};
use super::include::{parse_files, read_included};
use super::inputs::{DECLARATION_BYTES, Inputs};
use super::sources::Sources;
use crate::declare::{FleetDecl, Follows, Parsed, Part, parse};
use crate::diagnostic::{DeclPath, Diagnostic};
use crate::fleet::{Resolved, resolve};
use crate::values::RequiredVersion;

/// A declaration with everything that it includes, as far as it could be read.
#[derive(Debug, Default)]
pub(crate) struct Declared {
    /// What it says; nothing where services.yaml is not valid YAML.
    pub(crate) decl: Option<FleetDecl>,
    /// What is wrong with the texts.
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Whether an included file was left out.
    is_cut: bool,
}

impl Declared {
    /// Reads a declaration by its path below the root, and adds its texts to `sources`.
    ///
    /// # Errors
    /// There is none, or a file cannot be read.
    pub(crate) fn read(
        inputs: &dyn Inputs,
        file: &str,
        sources: &mut Sources,
    ) -> Result<Self, Error> {
        let bytes = inputs
            .text(Utf8Path::new(file), DECLARATION_BYTES)?
            .ok_or_else(|| no_declaration(inputs, file))?;
        let parsed = parse(file, &bytes);
        right_version(file, &parsed)?;
        sources.add(file, bytes);
        let mut parsed = match parsed {
            Ok(parsed) => parsed,
            Err(diagnostics) => {
                return Ok(Self {
                    diagnostics,
                    ..Self::default()
                });
            }
        };
        sources.add_tree(file, std::mem::take(&mut parsed.tree));
        let mut declared = Self::default();
        if !parsed.decl.include.is_empty() {
            let length = sources.text(file).map_or(0, str::len);
            let found = read_included(inputs, (file, length), &parsed.decl)?;
            let (mut parts, too_many) = parse_files(&found.files);
            add_sources(sources, &found.files, &mut parts);
            parsed.diagnostics.extend(found.diagnostics);
            parsed.diagnostics.extend(too_many);
            declared.is_cut = !parts.iter().all(Part::is_ours);
            parsed = parsed.including(file, parts, &|location| sources.place(location));
        }
        Ok(Self {
            decl: Some(parsed.decl),
            diagnostics: parsed.diagnostics,
            ..declared
        })
    }

    /// The folder that it names for templates of its own.
    #[must_use]
    pub(crate) fn templates_folder(&self) -> Option<String> {
        let folder = self.decl.as_ref()?.templates.as_ref()?;
        Some(folder.trim_end_matches('/').to_owned())
    }

    /// What it stands for, and everything that is wrong with it, without what only follows from a
    /// wrong shape.
    pub(super) fn resolve(self, file: &str, sources: &Sources) -> Resolved {
        let Some(decl) = self.decl else {
            return Resolved {
                diagnostics: self.diagnostics,
                ..Resolved::default()
            };
        };
        let mut resolved = resolve(file, &decl);
        let readable = |file: &str, path: &DeclPath| sources.readable(file, path);
        let follows = Follows::of(&self.diagnostics, &readable);
        resolved
            .diagnostics
            .retain(|found| !follows.hold_back(found, &readable));
        if self.is_cut {
            // What a file left out would have declared may be all that a warning is about, and its
            // locks would count as unused.
            resolved.fleet = None;
            resolved.diagnostics.retain(Diagnostic::is_error);
        }
        resolved.diagnostics.splice(0..0, self.diagnostics);
        resolved
    }
}

/// That there is no declaration, and whether the other ending of YAML files is there.
fn no_declaration(inputs: &dyn Inputs, file: &str) -> Error {
    let path = Utf8Path::new(file);
    let ending = match path.extension() {
        Some("yml") => "yaml",
        _ => "yml",
    };
    let beside = path.with_extension(ending);
    let is_there = matches!(inputs.text(&beside, DECLARATION_BYTES), Ok(Some(_)));
    Error::NoDeclaration {
        path: path.to_owned(),
        beside: is_there.then(|| beside.into_string()),
    }
}

/// Refuses a declaration that is for other versions of this program, before anything that such a
/// version may know is called wrong.
fn right_version(file: &str, parsed: &Result<Parsed, Vec<Diagnostic>>) -> Result<(), Error> {
    let required = parsed.as_ref().ok();
    let required = required.and_then(|parsed| parsed.decl.required_version.as_deref());
    match required.map(RequiredVersion::parse) {
        Some(Ok(required)) if !required.accepts(VERSION) => Err(Error::OtherVersion {
            file: file.to_owned(),
            required,
        }),
        // One that is not valid is told with everything else.
        _ => Ok(()),
    }
}

/// Adds the texts of included files; none of a file that is not ours is ever shown.
fn add_sources(sources: &mut Sources, files: &[(String, Vec<u8>)], parts: &mut [Part]) {
    for ((file, bytes), part) in files.iter().zip(&*parts) {
        if !part.is_ours() {
            sources.add_withheld(file, bytes);
        }
    }
    for (file, tree) in parts.iter_mut().filter_map(Part::take_tree) {
        sources.add_tree(file, tree);
    }
}
