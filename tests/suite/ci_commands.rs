//! No printed line can be read as a CI command.
//!
//! The oracle is `fuzz/src/runners.rs`. It runs over random contents built from a dictionary of
//! commands, their pieces and characters that have fooled such parsers, printed behind every prefix
//! that a diff or a snippet puts before content.
//!
//! `DOCKWRIGHT_CASES` sets the number of contents: 20,000 without it, 50,000 with
//! `DOCKWRIGHT_LONG=1`: `DOCKWRIGHT_CASES=1000000 cargo test --release --test suite ci_commands`

use crate::fuzz::runners::{
    Command,
    Comparison::{Linguistic, Ordinal},
    azure_command, github_v1, github_v2, lines, readers_of, unescape,
};
use crate::support::{Dice, cases_of, tell};
use dockwright::report::inert::{
    LINE_LIMIT, annotation_data, annotation_property, inert, inert_lines, stop_commands,
};

/// What our own output puts before a fragment of content.
const PREFIXES: [&str; 6] = ["", "-", "+", " ", "    ", "  | "];

/// A unit of UTF-16.
fn unit(random: &mut Dice) -> u16 {
    u16::try_from(random.next() >> 48).unwrap()
}

/// Lines that are commands as they stand.
const LIVE: [&str; 14] = [
    "::error::x",
    "::error file=a,line=1::x",
    "::Stop-Commands::t",
    "\u{3000}\t::set-env name=PATH::/x",
    "::add-mask::a",
    "::::",
    "::remove-matcher owner=x::",
    "##[error]x",
    "a ##[set-env name=A;]b",
    "##[group]x",
    "x##vso[task.setvariable variable=a;]b",
    "##vso[task.complete result=Failed;]",
    "##teamcity[buildStop comment='x']",
    "[command]rm",
];

/// Short pieces: of commands, of our notation, and characters that parsers skip or trim.
const SHORT: [&str; 58] = [
    "::", "::", ":", "##[", "##[", "##vso[", "##VSO[", "##", "#", "#", "[", "]", "]", "vso",
    "teamcity", "error", "group", "set-env", "a.b", ".", " ", " ", "\t", "name=x", ",", ";", "=",
    "%0A", "%25", "\\", "\\", "\\\\", "x1b", "\\x3a", "u{3a}", "\\u{23}", "…", "-", "+", "|", "\r",
    "\n", "\n", "\x1b[2K", "\x1b[1G", "\0", "\x08", "\u{85}", "\u{2028}", "\u{a0}", "\u{3000}",
    "\u{200b}", "\u{feff}", "\u{202e}", "\u{640}", "\u{488}", "\u{ad}", "\u{fe0f}",
];

/// Longer pieces, of Dockerfiles too.
const LONG: [&str; 5] = [
    "stop-commands",
    "task.setvariable",
    "[command]",
    "RUN [\"a\"]",
    "\u{e0041}",
];

const BYTES: [&[u8]; 5] = [b"\xff", b"\xc2", b"\x9b", b"\xe2\x80", b"\xed\xa0\x80"];

/// One random piece of content.
fn piece(random: &mut Dice) -> Vec<u8> {
    match random.below(20) {
        0 => random.pick(&LIVE).as_bytes().to_vec(),
        1 => random.pick(&BYTES).to_vec(),
        2 => random.next().to_le_bytes().repeat(random.below(2)),
        3 => String::from_utf16_lossy(&[unit(random), unit(random)]).into_bytes(),
        4 => random.pick(&LONG).as_bytes().to_vec(),
        5 if random.below(40) == 0 => {
            let fill = random.pick(&[" ", "#", ":", "\\", "é"]);
            fill.repeat(LINE_LIMIT - random.below(4)).into_bytes()
        }
        _ => random.pick(&SHORT).as_bytes().to_vec(),
    }
}

/// Random content: pieces in a row, or a live command with pieces put into it or letters of it in
/// the other case.
fn content(random: &mut Dice) -> Vec<u8> {
    if random.below(2) == 0 {
        return (0..random.below(10)).flat_map(|_| piece(random)).collect();
    }
    let mut content = random.pick(&LIVE).as_bytes().to_vec();
    for _ in 0..random.below(4) {
        let at = random.below(content.len() + 1);
        if random.below(5) == 0 {
            let letters = content.iter_mut().skip(at).take(3);
            letters
                .filter(|byte| byte.is_ascii_alphabetic())
                .for_each(|byte| *byte ^= 0x20);
        } else {
            content.splice(at..at, piece(random));
        }
    }
    content
}

fn cases() -> usize {
    usize::try_from(cases_of(20_000, 50_000)).unwrap()
}

fn assert_inert(printed: &str, content: &[u8]) {
    for line in lines(printed) {
        let readers = readers_of(line);
        let from = content.escape_ascii();
        assert!(
            readers.is_empty(),
            "{readers:?} read {line:?}, printed for {from}"
        );
    }
}

#[test]
fn no_content_is_read_as_a_command_behind_any_prefix() {
    let mut random = Dice::new(7);
    let (cases, mut live) = (cases(), 0);
    for _ in 0..cases {
        let content = content(&mut random);
        let raw = String::from_utf8_lossy(&content);
        live += usize::from(lines(&raw).any(|line| !readers_of(line).is_empty()));
        let fragment = inert(&content);
        let whole = inert_lines(&content);
        assert!(
            fragment.chars().all(|c| c == '\t' || !c.is_control()),
            "{fragment:?}"
        );
        assert_eq!(
            whole.split('\n').count(),
            raw.split('\n').count(),
            "{whole:?}"
        );
        for prefix in PREFIXES {
            assert_inert(&format!("{prefix}{fragment}"), &content);
            for line in whole.split('\n').filter(|&line| line != fragment) {
                assert_inert(&format!("{prefix}{line}"), &content);
            }
        }
    }
    let prefixes = PREFIXES.len();
    tell(&format!(
        "{cases} contents, {live} of them commands as they stand, each behind {prefixes} prefixes"
    ));
    assert!(
        live > cases / 4,
        "only {live} of {cases} contents were live before"
    );
}

#[test]
fn oracle_reads_live_commands() {
    for line in LIVE {
        assert!(!readers_of(line).is_empty(), "{line}");
    }
    let v2 = github_v2(" \u{a0}::ERROR file=a%3Ab,line=1::x%0Ay::z", Ordinal).unwrap();
    assert_eq!(
        v2,
        Command::new("ERROR file=a%3Ab,line=1", "x%0Ay::z".to_owned())
    );
    assert!(v2.is_registered());
    let v1 = github_v1("- a##[set-env name=A%5D;]b", Ordinal).unwrap();
    assert_eq!(v1, Command::new("set-env name=A%5D;", "b".to_owned()));
    let azure = azure_command("+ ##vso[task..setvariable variable=a]b", Ordinal).unwrap();
    assert_eq!([azure.0, azure.1], ["task", "setvariable"]);
    assert!(azure_command("##vso\u{640}[a.b]", Linguistic).is_some());
    assert_eq!(azure_command("##vso\u{640}[a.b]", Ordinal), None);
}

#[test]
fn oracle_asks_for_what_the_readers_ask_for() {
    for line in [
        "-::error::x",
        "::error x",
        ":error::x",
        "# [command]",
        "##[error",
        "#[error]",
    ] {
        assert_eq!(readers_of(line), [""; 0], "{line}");
    }
    for line in [
        "##vso[a]",
        "##vso[a.b",
        "##vso[a.b.c]",
        "##VSO[a.b]",
        "##vso [a.b]",
    ] {
        assert_eq!(readers_of(line), [""; 0], "{line}");
    }
    // The first opening decides, and a skipped character shifts the runner's indices into the name.
    assert!(
        !github_v1("##[eror]##[error]x", Ordinal)
            .unwrap()
            .is_registered()
    );
    assert!(
        !github_v1("##\u{200b}[error]", Linguistic)
            .unwrap()
            .is_registered()
    );
    assert!(
        !github_v2("\u{200b}::error::x", Linguistic)
            .unwrap()
            .is_registered()
    );
}

#[test]
fn own_annotation_is_read_as_exactly_what_we_meant() {
    let mut random = Dice::new(11);
    for _ in 0..cases() / 10 {
        let path = inert(&content(&mut random));
        let text = inert_lines(&content(&mut random));
        let (file, data) = (annotation_property(&path), annotation_data(&text));
        let line = format!("::error file={file},line=1::{data}");
        assert_eq!(lines(&line).count(), 1, "{line:?}");
        let command = github_v2(&line, Ordinal).unwrap();
        assert_eq!(
            (command.name.as_str(), unescape(&command.data, &[])),
            ("error", text)
        );
        let (read, rest) = command.properties.split_once(',').unwrap();
        let read = unescape(read, &[("%3A", ":"), ("%2C", ",")]);
        assert_eq!((read, rest), (format!("file={path}"), "line=1"));
        assert_eq!(
            (github_v1(&line, Ordinal), azure_command(&line, Ordinal)),
            (None, None)
        );
    }
}

#[test]
fn stop_commands_lines_stop_and_resume() {
    let (stop, resume) = stop_commands("00c0ffee");
    let (stop, resume) = (
        github_v2(&stop, Ordinal).unwrap(),
        github_v2(&resume, Ordinal).unwrap(),
    );
    assert_eq!(stop, Command::new("stop-commands", "00c0ffee".to_owned()));
    assert_eq!(resume, Command::new("00c0ffee", String::new()));
}

/// The commands that a GitHub runner takes from a log, with the state that `stop-commands` sets: a
/// stopped runner hears its token alone.
fn taken(log: &str) -> Vec<Command> {
    let mut stopped: Option<String> = None;
    let mut heard = Vec::new();
    for line in lines(log) {
        let found = github_v2(line, Ordinal).or_else(|| github_v1(line, Ordinal));
        let Some(command) = found else { continue };
        match &stopped {
            Some(token) if *token == command.name => stopped = None,
            Some(_) => {}
            None if command.name == "stop-commands" => stopped = Some(command.data.clone()),
            None => heard.push(command),
        }
    }
    assert_eq!(stopped, None, "the runner is left stopped");
    heard
}

/// A fleet whose files, names and declaration hold commands of a runner.
fn hostile_fleet(random: &mut Dice, number: u32) -> crate::support::Root {
    let root = crate::support::Root::generated(crate::support::MINIMAL);
    let hostile: Vec<u8> = (0..40)
        .flat_map(|_| [content(random), b"\n".to_vec()].concat())
        .collect();
    // Below its seal, or it would not be shown at all.
    let mut dockerfile = root.bytes("generated/svc-a/Dockerfile");
    dockerfile.extend_from_slice(b"::stop-commands::a\n");
    dockerfile.extend_from_slice(&hostile);
    dockerfile.extend_from_slice(b"::a::\n");
    root.write("generated/svc-a/Dockerfile", dockerfile);
    if number.is_multiple_of(3) {
        let name = String::from_utf8_lossy(&content(random)).replace(['/', '\0'], "x");
        let name: String = name.chars().take(60).collect();
        root.write(&format!("generated/x{name}"), "::error::x\n");
    }
    if number % 3 == 1 {
        let owner = serde_json::to_string(&String::from_utf8_lossy(&content(random))).unwrap();
        root.edit("services.yaml", "owner: acme", &format!("owner: {owner}"));
    }
    root
}

/// The token that switches commands off around the page, and what stands between.
fn switched_off(log: &str) -> Option<(&str, &str)> {
    let (token, rest) = log.strip_prefix("::stop-commands::")?.split_once('\n')?;
    assert!(
        token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_hexdigit()),
        "{token}"
    );
    let (between, _) = rest.split_once(&format!("\n::{token}::\n")).unwrap();
    Some((token, between))
}

#[test]
fn a_job_of_github_hears_our_annotations_and_nothing_from_any_file() {
    let mut random = Dice::new(23);
    let mut tokens = std::collections::BTreeSet::new();
    for number in 0..12 {
        let root = hostile_fleet(&mut random, number);
        for arguments in [
            &["check"][..],
            &["check", "--format", "github"],
            &["generate"],
            &["bump", "python", "3.13"],
        ] {
            let mut command = root.command(crate::support::PROGRAM, arguments);
            let output = command.env("GITHUB_ACTIONS", "true").output().unwrap();
            let log = String::from_utf8(output.stdout).unwrap();
            if let Some((token, between)) = switched_off(&log) {
                assert!(tokens.insert(token.to_owned()), "{token} was used before");
                assert_inert(between, b"a page");
            } else {
                assert!(log.is_empty(), "{log}");
            }
            let heard = taken(&(log + &String::from_utf8(output.stderr).unwrap()));
            let is_ours = |command: &Command| {
                ["error", "warning", "notice"].contains(&command.name.as_str())
                    && command.properties.starts_with("file=")
            };
            assert!(heard.iter().all(is_ours), "{heard:?}");
            assert_eq!(
                heard.is_empty(),
                !arguments.contains(&"github"),
                "{arguments:?}: {heard:?}"
            );
        }
    }
    assert!(tokens.len() > 20, "{}", tokens.len());
    let root = crate::support::Root::generated(crate::support::MINIMAL);
    let plain = root.run(&["check", "--format", "github"]);
    assert!(
        !plain.stdout.contains("::"),
        "outside of a job the output has no token: {}",
        plain.told()
    );
}
