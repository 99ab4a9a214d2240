//! Accounts of a container: numbers and names of users and groups.

use super::invalid::{Grammar, Refusal, no_correction, only, validated};

validated! {
    /// The number of a user or a group, from 1 to 2147483647: what Docker takes in `USER`
    /// (moby's `user` package reads it as an `int32`), without 0, which is root's.
    AccountId,
    Grammar {
        what: "user or group number",
        max_bytes: 10,
        read: check_id,
        correct: no_correction,
    }
}

validated! {
    /// The name of a user or a group: at most 32 lower-case letters, digits, `_` and `-`, which
    /// begin with a letter or `_` (useradd(8), Debian's adduser.conf).
    AccountName,
    Grammar {
        what: "user or group name",
        max_bytes: 32,
        read: check_name,
        correct: |value| value.to_ascii_lowercase(),
    }
}

validated! {
    /// Whom an external image runs as, as `USER` has it: a name or number, and a group behind a
    /// colon where that is to be said.
    ImageUser,
    Grammar {
        what: "user of an image",
        max_bytes: 65,
        read: check_user,
        correct: no_correction,
    }
}

impl ImageUser {
    /// The name or number of the user.
    #[must_use]
    pub(crate) fn owner(&self) -> &str {
        self.0.split(':').next().unwrap_or(&self.0)
    }

    /// That of the group.
    #[must_use]
    pub(crate) fn group(&self) -> Option<&str> {
        self.0.split_once(':').map(|(_, group)| group)
    }
}

fn check_id(value: &str) -> Result<(), Refusal> {
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit()) && !value.starts_with('0');
    match value.parse::<i32>() {
        Ok(_) if is_number => Ok(()),
        _ => Err(Refusal::new("must be a number from 1 to 2147483647")),
    }
}

fn check_name(value: &str) -> Result<(), Refusal> {
    let is_allowed =
        |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '_' | '-');
    only(value, is_allowed, "lower-case letters, digits, `_` and `-`")?;
    if value.starts_with(|c: char| c.is_ascii_lowercase() || c == '_') {
        return Ok(());
    }
    Err(Refusal::new("must begin with a letter or `_`"))
}

fn check_user(value: &str) -> Result<(), Refusal> {
    let (user, group) = value
        .split_once(':')
        .map_or((value, None), |(user, group)| (user, Some(group)));
    let check = |one: &str| {
        if one == "0" || check_id(one).is_ok() {
            return Ok(());
        }
        check_name(one)
    };
    check(user)?;
    if user.is_empty() || group == Some("") {
        return Err(Refusal::new(
            "must be a name or a number, such as `65532` or `nonroot`",
        ));
    }
    group.map_or(Ok(()), check)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_leave_out_root_and_what_docker_cannot_read() {
        for good in ["1", "10001", "2147483647"] {
            assert!(AccountId::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "0", "01", "-1", "+1", "2147483648", "1.0", "x"] {
            assert!(AccountId::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn names_are_those_of_useradd() {
        for good in ["appuser", "_apt", "www-data"] {
            assert!(AccountName::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "1000", "a b", "a;b", "-x", "a:b", "A"] {
            assert!(AccountName::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn users_of_images_have_a_group_or_none() {
        let user = ImageUser::parse("65532:nonroot").unwrap();
        assert_eq!((user.owner(), user.group()), ("65532", Some("nonroot")));
        assert_eq!(ImageUser::parse("node").unwrap().group(), None);
        for bad in ["", ":", "1:", ":1", "a:b:c", "a b"] {
            assert!(ImageUser::parse(bad).is_err(), "{bad}");
        }
    }
}
