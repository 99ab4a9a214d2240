//! The rules that hold for a path: those of the folders above it, the repository's own and the
//! person's.

use std::rc::Rc;

use super::attributes::{AttributeLines, Source, resolve};
use super::content::Conversion;
use super::error::Error;
use super::ignore::IgnoreLines;
use super::repository::{Repository, text};

/// The rules that stand in one folder, with those of the folders above.
#[derive(Debug)]
pub(super) struct Level {
    above: Option<Rc<Level>>,
    /// The length of what leads to its paths: the folder with a slash.
    base: usize,
    ignore: IgnoreLines,
    attributes: AttributeLines,
    /// A sparse checkout leaves the folder's `.gitattributes` out, so they are not known.
    is_unknown: bool,
}

impl Level {
    /// The level of a folder from the content of its two files.
    pub(super) fn new(
        above: Option<Rc<Self>>,
        folder: &[u8],
        ignore: Option<&[u8]>,
        attributes: Option<&[u8]>,
        is_unknown: bool,
    ) -> Rc<Self> {
        Rc::new(Self {
            above,
            base: if folder.is_empty() {
                0
            } else {
                folder.len() + 1
            },
            ignore: ignore.map(IgnoreLines::parse).unwrap_or_default(),
            attributes: attributes.map(AttributeLines::parse).unwrap_or_default(),
            is_unknown,
        })
    }

    /// The levels from this one up.
    fn all(&self) -> impl Iterator<Item = &Self> {
        std::iter::successors(Some(self), |level| level.above.as_deref())
    }

    fn path_from<'a>(&self, path: &'a [u8]) -> &'a [u8] {
        path.get(self.base..).unwrap_or_default()
    }
}

/// The rules of a repository beside those in its folders, the strongest first.
#[derive(Debug)]
pub(super) struct Rules {
    ignore: Vec<IgnoreLines>,
    info_attributes: AttributeLines,
    own_attributes: AttributeLines,
    built_in: AttributeLines,
    fold: bool,
    auto_crlf: bool,
}

impl Rules {
    /// Reads the rules of a repository.
    ///
    /// # Errors
    /// What cannot be read.
    pub(super) fn read(repository: &Repository) -> Result<Self, Error> {
        let settings = &repository.settings;
        let info = repository.common_dir.join("info");
        let exclude = Some(info.join("exclude"));
        let mut ignore = Vec::new();
        for path in [&exclude, &settings.excludes_file].into_iter().flatten() {
            ignore.extend(text(path)?.map(|bytes| IgnoreLines::parse(&bytes)));
        }
        let attributes = |bytes: Option<Vec<u8>>| {
            bytes
                .map(|bytes| AttributeLines::parse(&bytes))
                .unwrap_or_default()
        };
        let own = match &settings.attributes_file {
            Some(path) => text(path)?,
            None => None,
        };
        Ok(Self {
            ignore,
            info_attributes: attributes(text(&info.join("attributes"))?),
            own_attributes: attributes(own),
            built_in: AttributeLines::built_in(),
            fold: settings.file_system.ignores_case,
            auto_crlf: settings.auto_crlf,
        })
    }

    /// Whether a path is ignored where the folder that it is in is not.
    pub(super) fn ignores(&self, level: &Level, path: &[u8], is_folder: bool) -> bool {
        let by_folder = level.all().find_map(|level| {
            level
                .ignore
                .verdict(level.path_from(path), is_folder, self.fold)
        });
        by_folder
            .or_else(|| {
                self.ignore
                    .iter()
                    .find_map(|lines| lines.verdict(path, is_folder, self.fold))
            })
            .unwrap_or(false)
    }

    /// What git does with the bytes of a file.
    pub(super) fn conversion(&self, level: &Level, path: &[u8]) -> Conversion {
        if level.all().any(|level| level.is_unknown) {
            return Conversion::NONE;
        }
        let mut sources = vec![Source {
            lines: &self.info_attributes,
            path,
        }];
        sources.extend(level.all().map(|level| Source {
            lines: &level.attributes,
            path: level.path_from(path),
        }));
        sources.extend([&self.own_attributes, &self.built_in].map(|lines| Source { lines, path }));
        Conversion::of(&resolve(&sources, self.fold), self.auto_crlf)
    }
}
