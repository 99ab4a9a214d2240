//! The rooms of ARCHITECTURE.md: which may name which, how large they are, and that what is said
//! about them is true.

use std::collections::BTreeSet;
use std::fs;

use camino::{Utf8Path, Utf8PathBuf};

use crate::support::repository;

mod circles;
use circles::without_tests;

/// Every room below src/ with the rooms that it may name. What is not listed names nothing.
const EDGES: [(&str, &[&str]); 22] = [
    ("artifact", &[]),
    ("diagnostic", &[]),
    ("dockerfile", &["values"]),
    ("exit", &[]),
    ("parallel", &[]),
    ("published", &[]),
    ("values", &[]),
    ("yaml", &["diagnostic"]),
    ("declare", &["diagnostic", "yaml"]),
    (
        "fleet",
        &[
            "artifact",
            "declare",
            "diagnostic",
            "dockerfile",
            "parallel",
            "published",
            "rules",
            "values",
        ],
    ),
    ("rules", &["diagnostic", "dockerfile", "fleet", "values"]),
    ("lock", &["diagnostic", "fleet", "values"]),
    (
        "render",
        &[
            "artifact",
            "diagnostic",
            "dockerfile",
            "fleet",
            "parallel",
            "values",
        ],
    ),
    ("drift", &["artifact", "render::seal"]),
    (
        "edit",
        &[
            "artifact",
            "declare",
            "diagnostic",
            "dockerfile",
            "drift",
            "fleet",
            "images",
            "project",
            "render",
            "rules",
            "values",
            "workspace",
            "yaml",
        ],
    ),
    (
        "images",
        &[
            "artifact",
            "diagnostic",
            "dockerfile",
            "fleet",
            "render",
            "values",
        ],
    ),
    (
        "project",
        &[
            "artifact",
            "declare",
            "diagnostic",
            "dockerfile",
            "drift",
            "fleet",
            "images",
            "lock",
            "parallel",
            "published",
            "render",
            "rules",
            "sizes",
            "values",
            "workspace",
            "yaml",
        ],
    ),
    (
        "report",
        &[
            "artifact",
            "declare",
            "diagnostic",
            "dockerfile",
            "drift",
            "edit",
            "fleet",
            "images",
            "lock",
            "project",
            "render",
            "rules",
            "sizes",
            "values",
            "yaml",
        ],
    ),
    ("sizes", &["artifact", "dockerfile", "fleet", "render"]),
    ("workspace", &["artifact", "drift"]),
    (
        "cli",
        &[
            "artifact",
            "declare",
            "diagnostic",
            "dockerfile",
            "drift",
            "edit",
            "exit",
            "fleet",
            "images",
            "lock",
            "project",
            "render",
            "report",
            "rules",
            "sizes",
            "values",
            "workspace",
        ],
    ),
    ("main", &["cli"]),
];

/// The most lines of a file, its unit tests included.
const FILE_LIMIT: usize = 500;

fn sources(folder: &str) -> Vec<(Utf8PathBuf, String)> {
    let mut files = Vec::new();
    let mut folders = vec![repository().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in folder.read_dir_utf8().unwrap() {
            let path = entry.unwrap().into_path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension() == Some("rs") {
                let text = fs::read_to_string(&path).unwrap();
                files.push((path.strip_prefix(repository()).unwrap().to_owned(), text));
            }
        }
    }
    files.sort();
    files
}

/// The room that a file below src/ belongs to.
fn room(path: &Utf8Path) -> &str {
    let below = path.strip_prefix("src").unwrap();
    below
        .components()
        .next()
        .unwrap()
        .as_str()
        .trim_end_matches(".rs")
}

/// The rooms that a text names: `crate::a`, `crate::{a, b::c}` and, in the program,
/// `dockwright::a`.
fn named(text: &str) -> BTreeSet<String> {
    let mut named = BTreeSet::new();
    let code = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n");
    for prefix in ["crate::", "dockwright::"] {
        for (at, _) in code.match_indices(prefix) {
            let rest = &code[at + prefix.len()..];
            if let Some(group) = rest.strip_prefix('{') {
                let group = &group[..group.find("};").unwrap_or(group.len())];
                named.extend(group.split([',', '{', '}']).map(path_start));
            } else {
                named.insert(path_start(rest));
            }
        }
    }
    named.retain(|name| name.starts_with(|letter: char| letter.is_ascii_lowercase()));
    named
}

/// The first two names of a path, as far as they are modules.
fn path_start(text: &str) -> String {
    let word = |text: &str| {
        text.chars()
            .take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '_')
            .collect::<String>()
    };
    let text = text.trim_start();
    let first = word(text);
    match text
        .get(first.len()..)
        .and_then(|rest| rest.strip_prefix("::"))
        .map(word)
    {
        Some(second) if second.starts_with(|letter: char| letter.is_ascii_lowercase()) => {
            format!("{first}::{second}")
        }
        _ => first,
    }
}

fn is_allowed(name: &str, allowed: &[&str]) -> bool {
    allowed.iter().any(|allowed| {
        name == *allowed
            || name
                .strip_prefix(allowed)
                .is_some_and(|rest| rest.starts_with("::"))
    })
}

#[test]
fn rooms_name_only_the_rooms_they_may() {
    let rooms: BTreeSet<&str> = EDGES.iter().map(|(room, _)| *room).collect();
    let mut wrong = Vec::new();
    for (path, text) in sources("src") {
        if path == "src/lib.rs" {
            continue;
        }
        let room = room(&path);
        let Some((_, allowed)) = EDGES.iter().find(|(name, _)| *name == room) else {
            wrong.push(format!("{path}: the room {room} has no edges here"));
            continue;
        };
        // `drift` may name a part of `render`, through `use crate::render::seal` or `use
        // crate::render::{seal}` alone.
        for name in named(&text) {
            let top = name.split("::").next().unwrap();
            if rooms.contains(top) && top != room && !is_allowed(&name, allowed) {
                wrong.push(format!("{path} names {name}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_room_is_told_in_the_crate_docs_and_in_the_architecture() {
    let library = fs::read_to_string(repository().join("src/lib.rs")).unwrap();
    let declared: BTreeSet<&str> = library
        .lines()
        .map(|line| line.strip_prefix("pub ").unwrap_or(line))
        .filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';'))
        .collect();
    let rooms: BTreeSet<&str> = EDGES
        .iter()
        .map(|(room, _)| *room)
        .filter(|room| *room != "main")
        .collect();
    assert_eq!(declared, rooms);
    for (path, _) in sources("src")
        .iter()
        .filter(|(path, _)| path.components().count() == 2)
    {
        let room = room(path);
        assert!(
            ["lib", "main"].contains(&room) || rooms.contains(room),
            "{path}"
        );
    }
}

#[test]
fn every_file_says_what_it_is_and_is_short() {
    let files = [sources("src"), sources("tests")].concat();
    assert!(files.len() > 90);
    for (path, text) in files {
        assert!(
            text.starts_with("//! "),
            "{path} does not begin with what it is"
        );
        let lines = text.lines().count();
        assert!(lines <= FILE_LIMIT, "{path} has {lines} lines");
    }
}

/// rustfmt breaks everything but literals, addresses, tables and pictures.
#[test]
fn lines_are_at_most_100_columns_but_for_what_cannot_be_broken() {
    let texts = [
        "src/lib.rs",
        "src/edit/starter.rs",
        "src/cli/command/mod.rs",
    ];
    let is_whole = |line: &str| {
        let line = line.trim_start();
        let marks = ["\"", "https://"];
        let is_literal = line.ends_with('\\') || marks.iter().any(|mark| line.contains(mark));
        is_literal || line.starts_with("//! |")
    };
    for (path, text) in sources("src") {
        let is_text = texts.iter().any(|text| path.as_str() == *text);
        let long = text
            .lines()
            .find(|line| !is_text && line.chars().count() > 100 && !is_whole(line));
        assert_eq!(long, None, "{path}");
    }
}

/// That only pages are printed is held by types and by clippy.toml; that few ways lead past the
/// pages, by this.
#[test]
fn one_file_prints_and_only_formats_for_programs_go_past_the_pages() {
    let mentions = |word: &str| {
        let is_code = |line: &&str| !line.trim_start().starts_with("//") && line.contains(word);
        let files = sources("src").into_iter();
        let found = files.map(|(path, text)| (path, text.lines().filter(is_code).count()));
        found
            .filter(|(_, count)| *count > 0)
            .map(|(path, count)| format!("{path} {count}"))
            .collect::<Vec<_>>()
    };
    for output in ["stdout()", "stderr()"] {
        assert_eq!(mentions(&format!("io::{output}")).len(), 1, "{output}");
        assert_eq!(
            mentions(&format!("anstream::{output}")).len(),
            1,
            "{output}"
        );
    }
    // The patch; the completion script and the manual page; the one place that prints an answer.
    assert_eq!(
        mentions("Answer::verbatim("),
        [
            "src/cli/command/check.rs 1",
            "src/cli/command/completions.rs 1",
            "src/cli/command/man.rs 1",
        ]
    );
    assert_eq!(
        mentions("print_verbatim"),
        ["src/cli/answer.rs 1", "src/cli/output.rs 1"]
    );
    // What libraries make: the help; the schema; usage errors; snippets; and in the page itself.
    let made = [
        "src/cli/command/man.rs 1",
        "src/cli/command/mod.rs 1",
        "src/cli/usage.rs 1",
        "src/report/diagnostics.rs 1",
    ];
    assert_eq!(
        mentions("Page::made("),
        [&made[..], &["src/report/page/tests.rs 2"]].concat()
    );
}

#[test]
fn no_module_is_named_after_nothing() {
    for (path, _) in sources("src") {
        let name = path.file_stem().unwrap();
        for vague in ["util", "common", "helper", "manager", "process", "misc"] {
            assert!(!name.contains(vague), "{path}");
        }
    }
}

/// The words in backquotes that are paths of this repository.
fn told_paths(text: &str) -> Vec<&str> {
    let is_path = |word: &&str| {
        let known = [
            "src/",
            "tests/",
            "templates/",
            "docs/",
            "generated/",
            "snapshots/",
            "scripts/",
            "benches/",
        ];
        known.iter().any(|folder| word.starts_with(folder)) && !word.contains(['<', '*', ' ', '{'])
    };
    text.split('`').skip(1).step_by(2).filter(is_path).collect()
}

#[test]
fn paths_that_the_documents_name_exist() {
    for document in [
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "README.md",
        "SECURITY.md",
        "docs/templates.md",
    ] {
        let Ok(text) = fs::read_to_string(repository().join(document)) else {
            continue;
        };
        for path in told_paths(&text) {
            let there = repository().join(path).exists()
                || repository().join(format!("{path}.rs")).exists();
            assert!(there, "{document} names {path}, which is not there");
        }
    }
    let architecture = fs::read_to_string(repository().join("ARCHITECTURE.md")).unwrap_or_default();
    assert!(architecture.is_empty() || told_paths(&architecture).len() > 10);
    assert!(architecture.lines().count() <= 200);
}

/// What a worked example touches in src: the files that name it, their unit tests aside.
fn files_naming(word: &str) -> BTreeSet<String> {
    let is_of_word = |letter: char| letter.is_ascii_alphanumeric() || letter == '_';
    let names = |line: &&str| {
        let found = line.match_indices(word);
        let is_code = !line.trim_start().starts_with("//");
        let mut whole = found.filter(|(at, _)| {
            !line[..*at].ends_with(is_of_word) && !line[at + word.len()..].starts_with(is_of_word)
        });
        is_code && whole.next().is_some()
    };
    let files = sources("src").into_iter();
    files
        .filter(|(_, text)| without_tests(text).lines().any(|line| names(&line)))
        .map(|(path, _)| path.to_string())
        .collect()
}

/// Each kind of addition: how many files it costs at most, a word of its worked example, and what
/// that costs outside of src.
const COSTS: [(&str, usize, &str, &[&str]); 5] = [
    ("A new field", 7, "start_period", &[]),
    ("A new output format", 3, "plan_dot", &[]),
    ("A new command", 3, "EjectArgs", &[]),
    (
        "Another Dockerfile",
        2,
        "base/on-base.Dockerfile.j2",
        &["templates/base/on-base.Dockerfile.j2"],
    ),
    ("A new rule", 2, "secret_in_env", &[]),
];

/// ARCHITECTURE.md lists what each kind of addition touches; the worked examples show that it is
/// the whole list.
#[test]
fn what_an_addition_costs_is_what_the_architecture_lists() {
    let architecture = fs::read_to_string(repository().join("ARCHITECTURE.md")).unwrap();
    for (what, most, word, beside) in COSTS {
        let (_, rest) = architecture
            .split_once(&format!("- **{what}**"))
            .unwrap_or_else(|| panic!("ARCHITECTURE.md does not list the cost of `{what}`"));
        let item = rest
            .split("\n- ")
            .next()
            .unwrap()
            .split("\n\n")
            .next()
            .unwrap();
        let told: BTreeSet<String> = told_paths(item).into_iter().map(str::to_owned).collect();
        let mut touched = files_naming(word);
        touched.extend(beside.iter().map(|path| (*path).to_owned()));
        if what == "A new rule" {
            // A rule is its own file, by which it stands in the table.
            touched.insert(format!("src/rules/{word}.rs"));
        }
        assert_eq!(told, touched, "{what}, such as `{word}`");
        assert!(touched.len() <= most, "{what}: {touched:?}");
    }
}
