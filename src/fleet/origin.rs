//! Where values were declared.

use crate::declare::Included;
use crate::diagnostic::{DeclPath, Location, Spot, Step};

/// Where an entry or an item stands, from 0: four bytes, since every value carries two of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Position(u32);

impl From<usize> for Position {
    fn from(position: usize) -> Self {
        Self(u32::try_from(position).expect("the files that are read are far below 2^32 bytes"))
    }
}

impl From<Position> for usize {
    fn from(position: Position) -> Self {
        position.0 as Self
    }
}

/// The top-level entry of services.yaml that a value was declared in; numbers count entries from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Section {
    /// A field of the fleet itself.
    Fleet,
    /// An entry of `images`.
    Images(Position),
    /// An entry of `requirements`.
    Requirements(Position),
    /// An entry of `bases`.
    Bases(Position),
    /// The entry `defaults`.
    Defaults,
    /// An entry of `kinds`.
    Kinds(Position),
    /// An entry of `services`.
    Services(Position),
    /// A requirement file of the repository; the item is the first byte of the line.
    Files(Position),
}

/// Where a value was declared: small enough to travel with every value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Origin {
    /// The entry.
    pub(crate) section: Section,
    /// The field in it, with dots where fields nest; empty for the entry itself.
    pub(crate) field: &'static str,
    /// The item of a list or the entry of a mapping, from 0.
    pub(crate) item: Option<Position>,
}

impl Origin {
    /// A field of an entry.
    #[must_use]
    pub(crate) fn field(section: Section, field: &'static str) -> Self {
        Self {
            section,
            field,
            item: None,
        }
    }

    /// The nth item of this field.
    #[must_use]
    pub(crate) fn item(self, item: usize) -> Self {
        Self {
            item: Some(item.into()),
            ..self
        }
    }

    /// The included file that it is in, unless it is services.yaml itself, and the path there.
    fn path(self, included: &Included) -> (Option<&str>, DeclPath) {
        let of = |key, at: Position| DeclPath::of(&[key]).index(at.into());
        let (file, path) = match self.section {
            Section::Fleet | Section::Files(_) => (None, DeclPath::default()),
            Section::Defaults => (None, DeclPath::of(&["defaults"])),
            Section::Images(at) => (None, of("images", at)),
            Section::Bases(at) => (None, of("bases", at)),
            Section::Kinds(at) => (None, of("kinds", at)),
            Section::Requirements(at) => match included.requirement(at.into()) {
                Some((file, local)) => (Some(file), of("requirements", local.into())),
                None => (None, of("requirements", at)),
            },
            Section::Services(at) => match included.service(at.into()) {
                Some((file, local)) => (Some(file), of("services", local.into())),
                None => (None, of("services", at)),
            },
        };
        let mut steps = path.0;
        steps.extend(
            self.field
                .split('.')
                .filter(|field| !field.is_empty())
                .map(|field| Step::Key(field.to_owned())),
        );
        steps.extend(self.item.map(|item| Step::Index(item.into())));
        (file, DeclPath(steps))
    }

    /// The value's place: in the declaration `file`, or in one that it includes.
    #[must_use]
    pub(crate) fn value(self, file: &str, included: &Included) -> Location {
        let (found, path) = self.path(included);
        Location {
            file: found.unwrap_or(file).to_owned(),
            spot: Spot::Value(path),
        }
    }

    /// The key's place, likewise.
    #[must_use]
    pub(crate) fn key(self, file: &str, included: &Included) -> Location {
        let (found, path) = self.path(included);
        Location {
            file: found.unwrap_or(file).to_owned(),
            spot: Spot::Key(path),
        }
    }
}

/// A value and where it was declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Its place in services.yaml.
    pub(crate) origin: Origin,
}
