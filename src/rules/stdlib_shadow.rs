//! Backports of what the standard library has.

use super::ground::Ground;
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "stdlib-shadow",
        summary: "a requirement is in the standard library of the image's Python",
        explanation: "The package is a backport for older Pythons. At best it is dead weight; at \
         worst it shadows the module of the standard library with an old copy, and imports fail.",
        example: "services: { svc-a: { kind: web, port: 8000, pip: [ipaddress] } }\n",
        fixed: "services: { svc-a: { kind: web, port: 8000 } }\n",
        ..PLAIN
    },
    check,
};

/// Package, module, and the N of the Python 3.N that has the module; by normalised name.
const MODULES: [(&str, &str, u16); 31] = [
    ("argparse", "argparse", 2),
    ("asyncio", "asyncio", 4),
    ("backports-asyncio-runner", "asyncio.Runner", 11),
    ("backports-cached-property", "functools.cached_property", 8),
    ("backports-datetime-fromisoformat", "datetime", 11),
    ("backports-functools-lru-cache", "functools.lru_cache", 2),
    ("backports-shutil-get-terminal-size", "shutil", 3),
    ("backports-ssl-match-hostname", "ssl", 2),
    ("backports-strenum", "enum.StrEnum", 11),
    ("backports-tempfile", "tempfile", 2),
    ("backports-zoneinfo", "zoneinfo", 9),
    ("concurrent-futures", "concurrent.futures", 2),
    ("contextvars", "contextvars", 7),
    ("dataclasses", "dataclasses", 7),
    ("enum34", "enum", 4),
    ("exceptiongroup", "ExceptionGroup", 11),
    ("faulthandler", "faulthandler", 3),
    ("functools32", "functools", 2),
    ("futures", "concurrent.futures", 2),
    ("graphlib-backport", "graphlib", 9),
    ("importlib", "importlib", 1),
    ("ipaddress", "ipaddress", 3),
    ("pathlib", "pathlib", 4),
    ("pathlib2", "pathlib", 4),
    ("selectors34", "selectors", 4),
    ("singledispatch", "functools.singledispatch", 4),
    ("statistics", "statistics", 4),
    ("tomli", "tomllib", 11),
    ("typing", "typing", 5),
    ("unittest2", "unittest", 2),
    ("uuid", "uuid", 0),
];

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    let known = ground.classified(|name| {
        let at = MODULES
            .binary_search_by_key(&name, |(package, ..)| package)
            .ok()?;
        MODULES.get(at).map(|(_, module, since)| (*module, *since))
    });
    if known.iter().all(Option::is_none) {
        return;
    }
    for (at, image) in ground.images() {
        for entry in ground.entries(at) {
            let Some(Some((module, since))) = known.get(entry.package) else {
                continue;
            };
            if image.python.value.minor() < *since {
                continue;
            }
            let name = ground.name(entry.package);
            judge.value(Some(image), name, entry.origin, || {
                let message = format!(
                    "Python {} includes `{module}`, so it does not need `{name}`",
                    image.python.value
                );
                (message, format!("delete `{}`", entry.requirement.name()))
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_sorted_for_the_search() {
        assert!(MODULES.is_sorted_by_key(|(package, ..)| package));
    }
}
