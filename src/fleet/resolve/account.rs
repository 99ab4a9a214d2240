//! Whom an image runs as.

use std::sync::{Arc, LazyLock};

use super::field::Findings;
use super::layers::Layers;
use crate::declare::schema::UserDecl;
use crate::diagnostic::code;
use crate::fleet::account::{Account, AccountGroup, Identity, STANDARD, STANDARD_NAME};
use crate::fleet::model::{Image, Origin, Parent, Sourced};
use crate::fleet::placeholder::Values;
use crate::values::{AccountId, AccountName, LinuxPath};

/// Reads whom an image runs as; what is below it decides unless it says otherwise. `None` where
/// that is wrong, which is told.
pub(super) fn account(
    findings: &mut Findings<'_>,
    layers: &Layers<'_>,
    (bases, parent): (&[Image], Option<&Parent>),
    values: &Values<'_>,
) -> Option<Arc<Account>> {
    let below = match parent? {
        Parent::Base(base) => Some(&bases[base.value].account),
        Parent::External(_) | Parent::Kept(_) => None,
    };
    let user = layers.pick("user", |decl| &decl.user);
    let home = layers.pick("home", |decl| &decl.home);
    let (groups, _) = layers.items("groups", |decl| &decl.groups);
    if user.is_none() && home.is_none() && groups.is_empty() {
        return Some(standard(below));
    }
    let mut account = below.map_or_else(Account::default, |below| below.below());
    if let Some((origin, decl)) = user {
        let identity = identity(findings, (origin, decl), parent?, below.map(AsRef::as_ref))?;
        let is_below = below.is_some_and(|below| below.identity == identity);
        account.is_made = !is_below && matches!(identity, Identity::Own { .. });
        account.has_groups &= is_below;
        account.origin = Some(origin);
        account.identity = identity;
    }
    if let Some((origin, text)) = home {
        account.home = self::home(findings, origin, text, values);
    }
    for (origin, text) in groups {
        account.groups.extend(group(findings, origin, text));
    }
    account.has_groups |= !account.groups.is_empty();
    has_own_account(findings, &account)?;
    Some(Arc::new(account))
}

/// Nearly all images of a fleet have one of these two: that of an image that makes the standard
/// account, and that of an image on top of it.
static ACCOUNTS: LazyLock<[Arc<Account>; 2]> = LazyLock::new(|| {
    let account = Account::default();
    let below = account.below();
    [Arc::new(account), Arc::new(below)]
});

/// The account of an image that says nothing of it.
pub(super) fn standard(below: Option<&Arc<Account>>) -> Arc<Account> {
    let [made, found] = &*ACCOUNTS;
    match below {
        None => Arc::clone(made),
        Some(below) if Arc::ptr_eq(below, made) => Arc::clone(found),
        Some(below) if !below.is_made && below.groups.is_empty() && below.home.is_none() => {
            Arc::clone(below)
        }
        Some(below) => Arc::new(below.below()),
    }
}

/// Groups and a home belong to an account that images of the fleet make.
fn has_own_account(findings: &mut Findings<'_>, account: &Account) -> Option<()> {
    let needs = account.groups.first().map(|group| group.origin);
    let needs = needs.or(account.home.as_ref().map(|home| home.origin));
    if let (Some(origin), None) = (needs, account.name()) {
        let field = origin.field;
        let message =
            format!("`{field}` needs an account that the image makes, and `user` names none");
        let help = format!("set `user: {STANDARD}`, or delete `{field}`");
        findings.at_value_with_help(&code::FIELD_WITHOUT_EFFECT, origin, message, help);
        return None;
    }
    Some(())
}

/// Who it is.
fn identity(
    findings: &mut Findings<'_>,
    (origin, decl): (Origin, &UserDecl),
    parent: &Parent,
    below: Option<&Account>,
) -> Option<Identity> {
    let (uid, gid) = match decl.short.as_deref() {
        Some("root") => return Some(Identity::Root),
        Some("inherit") => return inherited(findings, origin, parent, below),
        Some(text) => match text.split_once(':') {
            Some((uid, gid)) => (uid.to_owned(), Some(gid.to_owned())),
            None => (text.to_owned(), None),
        },
        None => (
            decl.uid
                .map_or_else(|| STANDARD.to_owned(), |uid| uid.to_string()),
            decl.gid.map(|gid| gid.to_string()),
        ),
    };
    let mut id = |text: &str| {
        let read = findings.value(origin, text, &code::INVALID_VALUE, AccountId::parse);
        read.map(|read| read.value)
    };
    let uid = id(&uid)?;
    let gid = gid.map_or_else(|| Some(uid.clone()), |gid| id(&gid))?;
    let name = match decl.name.as_deref() {
        Some(name) => name.to_owned(),
        None => free_name(&uid, below),
    };
    let name = findings.value(origin, &name, &code::INVALID_VALUE, AccountName::parse)?;
    Some(Identity::Own {
        uid,
        gid,
        name: name.value,
    })
}

/// A name that the account of the base below does not have.
fn free_name(uid: &AccountId, below: Option<&Account>) -> String {
    match below.map(|below| &below.identity) {
        Some(Identity::Own {
            uid: taken, name, ..
        }) if taken != uid && name.as_str().starts_with(STANDARD_NAME) => {
            format!("{STANDARD_NAME}{uid}")
        }
        Some(Identity::Own {
            uid: same, name, ..
        }) if same == uid => name.to_string(),
        _ => STANDARD_NAME.to_owned(),
    }
}

/// The user of the image below.
fn inherited(
    findings: &mut Findings<'_>,
    origin: Origin,
    parent: &Parent,
    below: Option<&Account>,
) -> Option<Identity> {
    let external = match (parent, below) {
        (Parent::External(external), _) => external,
        (Parent::Base(_) | Parent::Kept(_), below) => {
            return below.map(|below| below.identity.clone());
        }
    };
    if let Some(user) = &external.user {
        return Some(Identity::Inherited(user.clone()));
    }
    let message = format!("whom {} runs as is not declared", external.reference);
    let help = format!("say it at images.{}: user: \"1000\"", external.name);
    findings.at_value_with_help(&code::MISSING_FIELD, origin, message, help);
    None
}

fn home(
    findings: &mut Findings<'_>,
    origin: Origin,
    text: &str,
    values: &Values<'_>,
) -> Option<Sourced<LinuxPath>> {
    let path = findings.filled_path(origin, text, values)?;
    let path = findings.counted_from_workdir(origin, &path, values)?;
    findings.value(origin, &path, &code::INVALID_VALUE, LinuxPath::parse)
}

/// A path of the image that counts from the workdir; nothing for none, and for the root of all,
/// which no user may own.
pub(super) fn absolute(path: &str, workdir: &str) -> String {
    let path = path.strip_prefix("./").unwrap_or(path);
    match path.trim_end_matches('/') {
        "" => String::new(),
        "." => workdir.to_owned(),
        whole if whole.starts_with('/') => whole.to_owned(),
        below => format!("{}/{below}", workdir.trim_end_matches('/')),
    }
}

fn group(findings: &mut Findings<'_>, origin: Origin, text: &str) -> Option<Sourced<AccountGroup>> {
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    let value = if is_number {
        let read = findings.value(origin, text, &code::INVALID_VALUE, AccountId::parse)?;
        AccountGroup::Number(read.value)
    } else {
        let read = findings.value(origin, text, &code::INVALID_VALUE, AccountName::parse)?;
        AccountGroup::Name(read.value)
    };
    Some(Sourced { value, origin })
}
