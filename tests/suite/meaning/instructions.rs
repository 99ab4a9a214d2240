//! One instruction after the other, as `BuildKit` carries them out.

use dockwright::dockerfile::meaning::{Claimant, Launch, Meaning, Unread};

use super::{Told, read, read_as, whole};

fn exec(words: &[&str]) -> Launch {
    Launch::Exec(words.iter().map(|word| (*word).to_owned()).collect())
}

fn shell(text: &str) -> Launch {
    Launch::Shell(text.to_owned())
}

fn env(meaning: &Meaning, name: &str) -> Option<String> {
    meaning.env.get(name).cloned()
}

#[test]
fn the_base_is_the_first_image_with_its_arguments_filled_in() {
    let text = "ARG V=3.12\nARG R=python:${V}-slim\nFROM ${R} AS one\nFROM one AS two\nFROM two\n";
    assert_eq!(whole(text).base.reference, "python:3.12-slim");
    let told = Told {
        arguments: &[("V", "3.13")],
        ..Told::default()
    };
    assert_eq!(
        read_as(text, &told).unwrap().base.reference,
        "python:3.13-slim"
    );
    assert_eq!(
        whole("FROM --platform=linux/amd64 a")
            .base
            .platform
            .as_deref(),
        Some("linux/amd64")
    );
    assert_eq!(whole("FROM ${R:-a:1}").base.reference, "a:1");
    assert_eq!(whole("FROM ${R}").base.reference, "${R}");
}

#[test]
fn a_target_is_named_or_numbered() {
    let text = "FROM a AS Dev\nENV A=1\nFROM b\nENV A=2\n";
    for (target, value) in [(None, "2"), (Some("dev"), "1"), (Some("0"), "1")] {
        let found = read_as(
            text,
            &Told {
                target,
                ..Told::default()
            },
        )
        .unwrap();
        assert_eq!(env(&found, "A").as_deref(), Some(value));
    }
    let unknown = read_as(
        text,
        &Told {
            target: Some("x"),
            ..Told::default()
        },
    );
    assert_eq!(unknown.unwrap_err(), Unread::NoTarget("x".to_owned()));
    assert_eq!(read_as("", &Told::default()).unwrap_err(), Unread::NoStage);
}

#[test]
fn variables_see_what_stood_before_their_instruction() {
    let found = read(
        "ENV A=1\nENV A=2 B=$A\nENV C \"x  $B\"\nENV D='$A' E=\\$A F=$UNKNOWN G=${X:-d} H=$LANG",
    );
    for (name, value) in [
        ("A", "2"),
        ("B", "1"),
        ("C", "x  1"),
        ("D", "$A"),
        ("E", "$A"),
        // Images of Python do not set it; other images may.
        ("F", ""),
        ("G", "d"),
        ("H", "${LANG}"),
    ] {
        assert_eq!(env(&found, name).as_deref(), Some(value), "{name}");
    }
    let other = whole("FROM a\nENV F=$UNKNOWN\n");
    assert_eq!(env(&other, "F").as_deref(), Some("${UNKNOWN}"));
}

#[test]
fn build_arguments_end_with_their_stage() {
    let text =
        "ARG G=global\nFROM a AS one\nARG G\nARG L=local\nENV A=$G B=$L\nFROM a\nENV C=$G D=$L\n";
    let one = read_as(
        text,
        &Told {
            target: Some("one"),
            ..Told::default()
        },
    )
    .unwrap();
    assert_eq!(
        (env(&one, "A"), env(&one, "B")),
        (Some("global".into()), Some("local".into()))
    );
    let last = whole(text);
    assert_eq!(
        (env(&last, "C"), env(&last, "D")),
        (Some("${G}".into()), Some("${L}".into()))
    );
    assert!(
        !one.env.contains_key("L"),
        "an argument is no variable of the image"
    );
}

#[test]
fn working_folders_count_from_the_one_before() {
    assert_eq!(
        read("WORKDIR /a\nWORKDIR b/../c\nWORKDIR ./d").workdir,
        "/a/c/d"
    );
    assert_eq!(read("ENV H=/srv\nWORKDIR $H/x").workdir, "/srv/x");
    assert_eq!(read("WORKDIR a").workdir, "/a");
}

#[test]
fn an_entrypoint_takes_the_command_of_the_image_below_away() {
    let below = "FROM a AS below\nCMD [\"c\"]\nFROM below\n";
    assert_eq!(whole(&format!("{below}ENTRYPOINT [\"e\"]\n")).command, None);
    assert_eq!(
        whole(&format!("{below}CMD d\nENTRYPOINT [\"e\"]\n")).command,
        Some(shell("d"))
    );
    assert_eq!(whole(below).command, Some(exec(&["c"])));
    assert_eq!(
        whole("FROM a\nCMD [\"c\"]\nENTRYPOINT [\"e\"]\n").command,
        Some(exec(&["c"]))
    );
}

#[test]
fn commands_are_words_or_a_text_for_the_shell() {
    assert_eq!(
        read("CMD [\"a\", \"b c\"]").command,
        Some(exec(&["a", "b c"]))
    );
    assert_eq!(read("CMD a $B").command, Some(shell("a $B")));
    assert_eq!(
        read("SHELL [\"/bin/bash\", \"-c\"]\nCMD a").command,
        Some(exec(&["/bin/bash", "-c", "a"]))
    );
    assert_eq!(read("ENTRYPOINT []").entrypoint, None);
}

#[test]
fn ports_volumes_labels_and_signals_are_gathered() {
    let found = read(
        "ENV P=80\nEXPOSE $P 90-91/UDP\nEXPOSE 80/tcp\nVOLUME [\"/a\"]\nVOLUME /b /c\nSTOPSIGNAL SIGINT\nLABEL a=\"b c\" d=e\nMAINTAINER me",
    );
    assert_eq!(
        found.ports.iter().collect::<Vec<_>>(),
        ["80/tcp", "90/udp", "91/udp"]
    );
    assert_eq!(found.volumes.iter().collect::<Vec<_>>(), ["/a", "/b", "/c"]);
    assert_eq!(found.stop_signal.as_deref(), Some("SIGINT"));
    assert_eq!(found.labels.len(), 3);
}

#[test]
fn accounts_have_the_number_that_they_were_made_with() {
    let found = read("RUN groupadd -r app && useradd -r -u 1234 -g app app\nUSER app:app");
    assert_eq!(
        (found.user.uid, found.user.group.as_deref()),
        (Some(1234), Some("app"))
    );
    assert!(read("").user.is_root() && read("USER 0:0").user.is_root());
    assert_eq!(read("ARG U=5\nUSER ${U}").user.uid, Some(5));
}

#[test]
fn triggers_run_in_the_stage_above() {
    let text = "FROM a AS one\nONBUILD ENV A=1\nONBUILD WORKDIR /w\nFROM one AS two\nFROM two\n";
    let two = read_as(
        text,
        &Told {
            target: Some("two"),
            ..Told::default()
        },
    )
    .unwrap();
    assert_eq!(
        (env(&two, "A").as_deref(), two.workdir.as_str()),
        (Some("1"), "/w")
    );
    let one = read_as(
        text,
        &Told {
            target: Some("one"),
            ..Told::default()
        },
    )
    .unwrap();
    assert_eq!(env(&one, "A"), None);
    assert_eq!(one.steps.len(), 2);
}

#[test]
fn every_instruction_is_claimed_once_and_commands_one_by_one() {
    let text = "ARG A\nFROM a AS other\nRUN make\nFROM a\nRUN apt-get update && apt-get install -y b && make c\nENV D=e\n";
    let rows: Vec<_> = whole(text)
        .claims
        .iter()
        .map(|claim| (claim.line, claim.by))
        .collect();
    assert_eq!(
        rows,
        [
            (1, Claimant::Argument),
            (2, Claimant::OtherStage),
            (3, Claimant::OtherStage),
            (4, Claimant::Base),
            (5, Claimant::Housekeeping),
            (5, Claimant::Packages),
            (5, Claimant::Step),
            (6, Claimant::Env),
        ]
    );
    assert_eq!(whole(text).share_of_steps(), (1, 8));
}

#[test]
fn what_buildkit_refuses_has_no_meaning() {
    for (text, line) in [
        ("RUN a\n", 1),
        ("FROM a\nRNU b\n", 2),
        ("FROM a\nENV b\n", 2),
        ("FROM\n", 1),
    ] {
        let refused = read_as(text, &Told::default()).unwrap_err();
        assert!(
            matches!(refused, Unread::Refused { line: found, .. } if found == line),
            "{text}"
        );
    }
}
