//! Accounts and groups that shell commands make: `useradd`, `adduser`, `usermod` and their like of
//! Debian (`adduser` 3.134, `shadow` 4.13) and Alpine (busybox 1.36).

use std::collections::BTreeMap;

use super::user::User;

/// The accounts of a stage.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Accounts {
    accounts: BTreeMap<String, Account>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Account {
    uid: Option<u32>,
    home: Option<String>,
    groups: Vec<String>,
}

/// The first number of an account for people, and of one for a program on Debian
/// (`/etc/login.defs`: `UID_MIN`, `SYS_UID_MAX`).
const FIRST_UID: u32 = 1000;
const LAST_SYSTEM_UID: u32 = 999;

/// Options that the next word is a value of.
const VALUED: [&str; 34] = [
    "--base-dir",
    "--comment",
    "--conf",
    "--expiredate",
    "--gecos",
    "--gid",
    "--group-id",
    "--groups",
    "--home",
    "--home-dir",
    "--inactive",
    "--ingroup",
    "--key",
    "--firstuid",
    "--lastuid",
    "--password",
    "--root",
    "--shell",
    "--skel",
    "--uid",
    "--append-groups",
    "-G",
    "-K",
    "-b",
    "-c",
    "-d",
    "-e",
    "-f",
    "-g",
    "-h",
    "-k",
    "-p",
    "-s",
    "-u",
];

/// The options and operands of a command.
struct Arguments {
    options: Vec<(String, Option<String>)>,
    operands: Vec<String>,
}

impl Arguments {
    fn read(program: &str, words: &[String]) -> Self {
        let mut read = Self {
            options: Vec::new(),
            operands: Vec::new(),
        };
        let mut words = words.iter().peekable();
        while let Some(word) = words.next() {
            if let Some((name, value)) = word.split_once('=').filter(|_| word.starts_with("--")) {
                read.options.push((name.to_owned(), Some(value.to_owned())));
            } else if word.starts_with("--") {
                let has_value = VALUED.contains(&word.as_str());
                let value = if has_value {
                    words.next().cloned()
                } else {
                    None
                };
                read.options.push((word.clone(), value));
            } else if let Some(letters) = word.strip_prefix('-').filter(|rest| !rest.is_empty()) {
                read.letters(program, letters, &mut words);
            } else {
                read.operands.push(word.clone());
            }
        }
        read
    }

    /// Single letters behind one dash, the last of which may take the next word: `-rm`, `-u 1000`,
    /// `-u1000`.
    fn letters<'a>(
        &mut self,
        program: &str,
        letters: &str,
        words: &mut impl Iterator<Item = &'a String>,
    ) {
        for (at, letter) in letters.char_indices() {
            let name = format!("-{letter}");
            if !takes_value(program, &name) {
                self.options.push((name, None));
                continue;
            }
            let rest = letters.get(at + letter.len_utf8()..).unwrap_or_default();
            let value = if rest.is_empty() {
                words.next().cloned()
            } else {
                Some(rest.to_owned())
            };
            self.options.push((name, value));
            return;
        }
    }

    fn value(&self, names: &[&str]) -> Option<&str> {
        let is_named = |(name, _): &&(String, Option<String>)| names.contains(&name.as_str());
        self.options.iter().rfind(is_named)?.1.as_deref()
    }

    fn has(&self, names: &[&str]) -> bool {
        self.options
            .iter()
            .any(|(name, _)| names.contains(&name.as_str()))
    }
}

/// Whether a single letter takes a value. busybox's `adduser -h` and `-G` do too; `-d` of `passwd`
/// does not.
fn takes_value(program: &str, name: &str) -> bool {
    match program {
        "groupadd" | "addgroup" => matches!(name, "-g" | "-K" | "-p" | "-R"),
        "gpasswd" => matches!(name, "-a" | "-d" | "-A" | "-M"),
        "passwd" | "chpasswd" => false,
        _ => VALUED.contains(&name),
    }
}

impl Accounts {
    /// Takes a command that makes or changes accounts; false for any other command.
    pub(super) fn command(&mut self, program: &str, words: &[String]) -> bool {
        let arguments = Arguments::read(program, words);
        match program {
            "useradd" => self.add(
                &arguments,
                &["-r", "--system"],
                &["-d", "--home-dir", "--home"],
            ),
            "adduser" => match arguments.operands.as_slice() {
                [account, group] => self.join(account, group),
                _ => self.add(&arguments, &["-S", "--system"], &["-h", "--home"]),
            },
            "usermod" => {
                let Some(account) = arguments.operands.last() else {
                    return true;
                };
                for group in arguments
                    .value(&["-G", "--groups"])
                    .unwrap_or_default()
                    .split(',')
                {
                    self.join(account, group);
                }
                let changed = self.accounts.entry(account.clone()).or_default();
                if let Some(uid) = arguments
                    .value(&["-u", "--uid"])
                    .and_then(|uid| uid.parse().ok())
                {
                    changed.uid = Some(uid);
                }
            }
            "gpasswd" => {
                if let (Some(account), Some(group)) =
                    (arguments.value(&["-a", "--add"]), arguments.operands.last())
                {
                    self.join(account, group);
                }
            }
            "groupadd" | "groupmod" | "passwd" => {}
            "addgroup" => {
                if let [account, group] = arguments.operands.as_slice() {
                    self.join(account, group);
                }
            }
            _ => return false,
        }
        true
    }

    fn add(&mut self, arguments: &Arguments, system: &[&str], home: &[&str]) {
        let Some(name) = arguments.operands.last() else {
            return;
        };
        let uid = match arguments.value(&["-u", "--uid"]) {
            Some(uid) => uid.parse().ok(),
            None if arguments.has(system) => Some(LAST_SYSTEM_UID),
            None => Some(FIRST_UID + self.people()),
        };
        let groups = arguments.value(&["-G", "--groups"]).unwrap_or_default();
        let account = Account {
            uid,
            home: arguments.value(home).map(str::to_owned),
            groups: groups
                .split(',')
                .filter(|name| !name.is_empty())
                .map(str::to_owned)
                .collect(),
        };
        self.accounts.insert(name.clone(), account);
    }

    /// The number of accounts with numbers for people.
    fn people(&self) -> u32 {
        let taken = self
            .accounts
            .values()
            .filter(|account| account.uid.is_some_and(|uid| uid >= FIRST_UID));
        u32::try_from(taken.count()).unwrap_or(u32::MAX - FIRST_UID)
    }

    fn join(&mut self, account: &str, group: &str) {
        let account = self.accounts.entry(account.to_owned()).or_default();
        if !group.is_empty() && !account.groups.iter().any(|other| other == group) {
            account.groups.push(group.to_owned());
        }
    }

    /// The account that `USER` names: `name`, `name:group`, with numbers or names.
    pub(super) fn user(&self, written: &str) -> User {
        let (name, group) = match written.split_once(':') {
            Some((name, group)) => (name, Some(group.to_owned())),
            None => (written, None),
        };
        let number = name.parse::<u32>().ok();
        let mut accounts = self.accounts.values();
        let by_number = || accounts.find(|one| number.is_some() && one.uid == number);
        let account = self.accounts.get(name).or_else(by_number);
        let uid = match name.parse() {
            Ok(uid) => Some(uid),
            Err(_) if name == "root" => Some(0),
            Err(_) => account.and_then(|account| account.uid),
        };
        User {
            home: account.map(|_| self.home(name)),
            name: Some(name.to_owned()),
            uid,
            group,
            groups: account
                .map(|account| account.groups.clone())
                .unwrap_or_default(),
        }
    }

    /// The home folder of an account.
    pub(super) fn home(&self, name: &str) -> String {
        match self
            .accounts
            .get(name)
            .and_then(|account| account.home.clone())
        {
            Some(home) => home,
            None if matches!(name, "root" | "0" | "") => "/root".to_owned(),
            None => format!("/home/{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(commands: &[&str], user: &str) -> User {
        let mut accounts = Accounts::default();
        for command in commands {
            let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
            let (program, rest) = words.split_first().unwrap();
            assert!(accounts.command(program, rest), "{command}");
        }
        accounts.user(user)
    }

    #[test]
    fn each_way_to_make_an_account_gives_its_number() {
        for (command, uid) in [
            ("useradd -m -u 1001 -s /bin/bash app", Some(1001)),
            (
                "useradd --uid 10001 --gid 10001 --no-log-init --no-create-home app",
                Some(10001),
            ),
            ("useradd -rm -d /home/app -u1002 app", Some(1002)),
            ("useradd --create-home app", Some(1000)),
            ("useradd -r -g app app", Some(999)),
            (
                "adduser --disabled-password --gecos x --uid 1003 app",
                Some(1003),
            ),
            ("adduser -D -u 1004 -G app app", Some(1004)),
            ("adduser -S -G app app", Some(999)),
        ] {
            let user = after(&["groupadd -g 5 app", command], "app");
            assert_eq!(user.uid, uid, "{command}");
            assert!(!user.is_root());
        }
        assert!(after(&[], "0").is_root() && after(&[], "root").is_root());
    }

    #[test]
    fn groups_of_an_account_are_gathered() {
        let user = after(
            &[
                "useradd -G a,b app",
                "usermod -aG docker app",
                "adduser app video",
                "addgroup app c",
            ],
            "app:staff",
        );
        assert_eq!(user.groups, ["a", "b", "docker", "video", "c"]);
        assert_eq!(user.group.as_deref(), Some("staff"));
        let by_number = after(
            &["useradd -u 1000 app", "usermod -aG video app"],
            "1000:1000",
        );
        assert_eq!(by_number.groups, ["video"]);
    }
}
