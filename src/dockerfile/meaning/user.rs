//! The account that an image runs as.

use std::fmt;

/// An account, as `USER` names it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct User {
    /// The name or number; nothing where the image below decides, which for images of Python and
    /// of distributions is root.
    pub(crate) name: Option<String>,
    /// Its number, where it is known.
    pub uid: Option<u32>,
    /// The group behind the colon.
    pub group: Option<String>,
    /// Its home folder, where the account is made here.
    pub(crate) home: Option<String>,
    /// Further groups that the account is a member of.
    pub(crate) groups: Vec<String>,
}

impl User {
    /// Whether it is root.
    #[must_use]
    pub fn is_root(&self) -> bool {
        match &self.name {
            None => true,
            Some(name) => name == "root" || self.uid == Some(0),
        }
    }
}

impl fmt::Display for User {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_root() {
            return write!(formatter, "root");
        }
        let name = self.name.as_deref().unwrap_or_default();
        match self.uid {
            Some(uid) if uid.to_string() != name => write!(formatter, "{name} ({uid})"),
            _ => write!(formatter, "{name}"),
        }
    }
}
