//! Whom a container runs as, and what it may write.

use serde::Serialize;

use super::path::service;
use super::probe::exec_form;
use crate::fleet::account::{Account, AccountGroup, Identity};
use crate::fleet::model::Service;
use crate::fleet::{Fleet, Image, Origin};
use crate::render::pen::{Pen, Printed};

/// What makes the account, and what `USER` says.
#[derive(Debug, Serialize)]
pub(super) struct AccountContext<'a> {
    /// The group of folders that the user may write; absent where only the image below knows it.
    #[serde(skip_serializing_if = "Option::is_none")]
    group: Option<Printed<'a>>,
    /// What `USER` says.
    user: Printed<'a>,
    /// The account that this image makes; absent where it is there already.
    #[serde(skip_serializing_if = "Option::is_none")]
    made: Option<MadeContext<'a>>,
    /// What puts the account into further groups; absent where nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    groups: Option<GroupsContext<'a>>,
    /// The home folder that an account of the base gets; absent where it stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    moved: Option<MovedContext<'a>>,
}

#[derive(Debug, Serialize)]
struct MadeContext<'a> {
    name: Printed<'a>,
    home: Printed<'a>,
    /// Present where the home is a folder to make.
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<Printed<'a>>,
    /// Present where a group of this number may be there already.
    #[serde(skip_serializing_if = "Option::is_none")]
    joins: Option<Printed<'a>>,
}

#[derive(Debug, Serialize)]
struct GroupsContext<'a> {
    /// Commands that make the groups where they are missing.
    made: Vec<Printed<'a>>,
    /// What puts the account into all of them.
    joined: Printed<'a>,
}

#[derive(Debug, Serialize)]
struct MovedContext<'a> {
    name: Printed<'a>,
    home: Printed<'a>,
    /// Present where the home is a folder to make.
    #[serde(skip_serializing_if = "Option::is_none")]
    folder: Option<Printed<'a>>,
}

/// The home of an account unless it is declared: the one folder that it can write in any case.
const HOME: &str = "/tmp";

/// A text that is decided by the declared user, where one is declared.
fn said<'a>(pen: &Pen, account: &Account, text: String) -> Printed<'a> {
    pen.write(text, account.origin)
}

/// The owner of folders that the user may write.
pub(super) fn owner<'a>(pen: &Pen, account: &Account) -> Printed<'a> {
    said(pen, account, account.owner().to_owned())
}

impl<'a> AccountContext<'a> {
    /// Whether nothing is done with an account that the image below made.
    pub(super) fn is_usual(&self) -> bool {
        self.groups.is_none() && self.moved.is_none()
    }

    pub(super) fn of(pen: &Pen, fleet: &Fleet, image: &'a Image) -> Self {
        let account = &image.account;
        let home = account.home.as_ref().map(|home| home.value.as_str());
        let home_origin = account.home.as_ref().map(|home| home.origin);
        let folder = home
            .filter(|home| *home != HOME && !home.starts_with("/tmp/"))
            .map(|home| pen.write(home, home_origin));
        let name = account.name();
        let written = |name: &str| said(pen, account, name.to_owned());
        let groups = account.groups.iter().map(|group| group.origin);
        Self {
            group: account
                .group()
                .map(|group| said(pen, account, group.to_owned())),
            user: pen.write(account.user(), account.origin.into_iter().chain(groups)),
            made: name.filter(|_| account.is_made).map(|name| MadeContext {
                name: written(name),
                home: pen.write(home.unwrap_or(HOME), home_origin),
                folder: folder.clone(),
                joins: joins(account).then_some(Printed::fixed("joins")),
            }),
            groups: name.and_then(|name| GroupsContext::of(pen, fleet, (image, name))),
            moved: name
                .zip(home)
                .filter(|_| !account.is_made)
                .map(|(name, home)| MovedContext {
                    name: written(name),
                    home: pen.write(home, home_origin),
                    folder,
                }),
        }
    }
}

/// Whether the account's group has a number of its own, which the image below may know already.
fn joins(account: &Account) -> bool {
    matches!(&account.identity, Identity::Own { uid, gid, .. } if uid != gid)
}

impl GroupsContext<'_> {
    fn of(pen: &Pen, fleet: &Fleet, (image, name): (&Image, &str)) -> Option<Self> {
        let groups = &image.account.groups;
        if groups.is_empty() {
            return None;
        }
        let is_alpine = fleet
            .external_of(image)
            .is_some_and(|external| external.is_alpine);
        let made = groups.iter().map(|group| {
            let command = match &group.value {
                AccountGroup::Name(name) if is_alpine => {
                    format!("{{ getent group {name} > /dev/null || addgroup {name}; }}")
                }
                AccountGroup::Name(name) => format!("groupadd --force {name}"),
                AccountGroup::Number(id) => {
                    let add = if is_alpine {
                        "addgroup -g"
                    } else {
                        "groupadd --gid"
                    };
                    format!("{{ getent group {id} > /dev/null || {add} {id} group{id}; }}")
                }
            };
            pen.write(command, [group.origin])
        });
        let words: Vec<&str> = groups.iter().map(|group| word(&group.value)).collect();
        let joined = if is_alpine {
            let joined = words.iter().map(|group| match group.parse::<u32>() {
                Ok(_) => format!("addgroup {name} \"$(getent group {group} | cut -d: -f1)\""),
                Err(_) => format!("addgroup {name} {group}"),
            });
            joined.collect::<Vec<_>>().join(" && ")
        } else {
            format!("usermod --append --groups {} {name}", words.join(","))
        };
        let origins = groups.iter().map(|group| group.origin);
        Some(Self {
            made: made.collect(),
            joined: pen.write(joined, origins),
        })
    }
}

fn word(group: &AccountGroup) -> &str {
    match group {
        AccountGroup::Name(name) => name.as_str(),
        AccountGroup::Number(id) => id.as_str(),
    }
}

/// The folders that the user may write, volumes among them, once each.
pub(super) fn written(image: &Image) -> Vec<(&str, Origin)> {
    let dirs = image
        .dirs
        .iter()
        .map(|dir| (dir.value.as_str(), dir.origin));
    let volumes = service(image)
        .into_iter()
        .flat_map(|service| &service.volumes);
    let volumes = volumes.map(|volume| (volume.value.as_str(), volume.origin));
    let mut all: Vec<(&str, Origin)> = Vec::new();
    for (dir, origin) in dirs.chain(volumes) {
        if all.iter().all(|(known, _)| *known != dir) {
            all.push((dir, origin));
        }
    }
    all
}

/// All of them in one line; nothing where there is none.
pub(super) fn written_dirs<'a>(pen: &Pen, image: &'a Image) -> Option<Printed<'a>> {
    let all = written(image);
    let line: Vec<&str> = all.iter().map(|(dir, _)| *dir).collect();
    let origins = all.iter().map(|(_, origin)| *origin);
    (!line.is_empty()).then(|| pen.write(line.join(" "), origins))
}

/// The folders that are volumes, in JSON form; nothing where there is none.
pub(super) fn volumes<'a>(pen: &Pen, service: &Service) -> Option<Printed<'a>> {
    let paths: Vec<&str> = service
        .volumes
        .iter()
        .map(|one| one.value.as_str())
        .collect();
    let origins = service.volumes.iter().map(|one| one.origin);
    (!paths.is_empty()).then(|| pen.write(exec_form(&paths), origins))
}
