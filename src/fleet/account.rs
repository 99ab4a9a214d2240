//! Whom a container runs as.

use super::origin::{Origin, Sourced};
use crate::values::{AccountId, AccountName, ImageUser, LinuxPath};

/// Whom a container runs as, and what an image does for that.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Account {
    /// Who it is.
    pub(crate) identity: Identity,
    /// Where it was declared; nothing where nobody did.
    pub(crate) origin: Option<Origin>,
    /// Whether this image makes the account; else it is there already.
    pub(crate) is_made: bool,
    /// The home folder that this image gives it; `/tmp` where nothing else was said.
    pub(crate) home: Option<Sourced<LinuxPath>>,
    /// The further groups that this image puts it into.
    pub(crate) groups: Vec<Sourced<AccountGroup>>,
    /// Whether it is in further groups, by this image or one below.
    pub(crate) has_groups: bool,
}

/// Who a container runs as.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Identity {
    /// An account that images of the fleet make.
    Own {
        /// Its number.
        uid: AccountId,
        /// The number of its group.
        gid: AccountId,
        /// Its name, and that of its group.
        name: AccountName,
    },
    /// The root account.
    Root,
    /// The account of the external image below.
    Inherited(ImageUser),
}

/// A group, by name or number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AccountGroup {
    /// By name.
    Name(AccountName),
    /// By number.
    Number(AccountId),
}

/// The uid and gid of the account that images have unless they say otherwise: numeric, so that
/// Kubernetes' `runAsNonRoot` can check it, and above Debian's system range.
pub(crate) const STANDARD: &str = "10001";
/// Its name.
pub(crate) const STANDARD_NAME: &str = "appuser";

impl Default for Account {
    fn default() -> Self {
        let id = AccountId::parse(STANDARD).expect("the number is valid");
        let name = AccountName::parse(STANDARD_NAME).expect("the name is valid");
        let identity = Identity::Own {
            uid: id.clone(),
            gid: id,
            name,
        };
        Self {
            identity,
            origin: None,
            is_made: true,
            home: None,
            groups: Vec::new(),
            has_groups: false,
        }
    }
}

impl Account {
    /// The same account as an image on top of this one finds it.
    #[must_use]
    pub(crate) fn below(&self) -> Self {
        Self {
            is_made: false,
            home: None,
            groups: Vec::new(),
            ..self.clone()
        }
    }

    /// The owner of its folders, as `install -o` takes it.
    #[must_use]
    pub(crate) fn owner(&self) -> &str {
        match &self.identity {
            Identity::Own { uid, .. } => uid.as_str(),
            Identity::Root => "0",
            Identity::Inherited(user) => user.owner(),
        }
    }

    /// The group of its folders; nothing where only the image below knows it.
    #[must_use]
    pub(crate) fn group(&self) -> Option<&str> {
        match &self.identity {
            Identity::Own { gid, .. } => Some(gid.as_str()),
            Identity::Root => Some("0"),
            Identity::Inherited(user) => user.group(),
        }
    }

    /// The text of `USER`. With a group in it Docker would leave the further groups out.
    /// <https://docs.docker.com/reference/dockerfile/#user>
    #[must_use]
    pub(crate) fn user(&self) -> String {
        match self.group().filter(|_| !self.has_groups) {
            Some(group) => format!("{}:{group}", self.owner()),
            None => self.owner().to_owned(),
        }
    }

    /// The name of an account that images of the fleet make.
    #[must_use]
    pub(crate) fn name(&self) -> Option<&str> {
        match &self.identity {
            Identity::Own { name, .. } => Some(name.as_str()),
            Identity::Root | Identity::Inherited(_) => None,
        }
    }
}
