//! A lock belongs to its declaration: whatever decides the result moves it, and nothing else does.

use dockwright::diagnostic::code;

use super::{FLEET, Locking, found};
use crate::support::{MINIMAL, overlaid};

/// An edit of [`FLEET`], the text whose line is to be pointed at, and what is said of the lock.
const MOVES: [(&str, &str, &str, &str); 9] = [
    (
        "python: \"3.12\"",
        "python: \"3.13\"",
        "python:",
        "for Python 3.12, not 3.13",
    ),
    (
        "locks: locks\n",
        "locks: locks\nplatforms: [linux/amd64, linux/arm64]\n",
        "platforms:",
        "without the platform `linux/arm64`",
    ),
    (
        "- rdflib>=7",
        "- rdflib>=6.1",
        "- rdflib>=6.1",
        "for `rdflib>=7`, not for `rdflib>=6.1`",
    ),
    (
        "- rdflib>=7\n",
        "- rdflib>=7\n      - httpx\n",
        "- httpx",
        "without `httpx`",
    ),
    (
        "      - rdflib>=7\n",
        "      - httpx\n",
        "- httpx",
        "without `httpx`",
    ),
    (
        "    - numpy\n",
        "    - numpy\n    - scipy\n",
        "- scipy",
        "without `scipy`",
    ),
    (
        "[fastapi]",
        "[\"fastapi[all]\"]",
        "[\"fastapi[all]\"]",
        "for `fastapi`, not for `fastapi[all]`",
    ),
    (
        "    pip:\n",
        "    apt_build: [gcc]\n    pip:\n",
        "apt_build:",
        "builds from source are now allowed",
    ),
    (
        "    pip:\n",
        "    index_urls: [\"https://one.example/simple\"]\n    pip:\n",
        "index_urls:",
        "without the index `https://one.example/simple`",
    ),
];

#[test]
fn whatever_decides_the_result_makes_the_lock_stale_at_its_line() {
    let locking = Locking::settled(FLEET);
    for (from, to, at, said) in MOVES {
        locking.root.edit("services.yaml", from, to);
        let text = locking.root.text("services.yaml");
        let line = text.lines().position(|line| line.contains(at)).unwrap() + 1;
        let found = found(&locking.root.check());
        let is_it = |(code, place, message): &&(String, String, String)| {
            code == "stale-lock"
                && *place == format!("services.yaml:{line}")
                && message.contains(said)
        };
        assert!(
            found.iter().any(|one| is_it(&one)),
            "{from} → {to}: line {line}: {found:#?}"
        );
        locking.root.write("services.yaml", FLEET);
        assert_eq!(locking.root.check().status, 0);
    }
}

#[test]
fn a_stale_fleet_is_settled_by_lock_and_generate() {
    for (from, to, ..) in MOVES {
        let locking = Locking::settled(FLEET);
        locking.root.edit("services.yaml", from, to);
        locking.settle();
    }
}

#[test]
fn what_decides_nothing_moves_no_lock() {
    let locking = Locking::settled(FLEET);
    for (from, to) in [
        ("owner: acme", "owner: other"),
        ("port: 8000", "port: 8001"),
        ("    - numpy\n", "    - numpy   # why\n"),
        ("v1.0.0", "v1.0.1"),
        (
            "    kind: web\n",
            "    kind: web\n    env: { A: b }\n    apt: [curl]\n",
        ),
    ] {
        locking.root.edit("services.yaml", from, to);
        assert!(
            !locking
                .root
                .check()
                .codes()
                .contains(&"stale-lock".to_owned()),
            "{from} → {to}"
        );
    }
}

#[test]
fn one_entry_that_many_locks_lack_is_said_once() {
    let locking = Locking::settled(FLEET);
    locking
        .root
        .edit("services.yaml", "[fastapi]", "[fastapi, httpx]");
    let found = found(&locking.root.check());
    let stale: Vec<_> = found
        .iter()
        .filter(|(code, ..)| code == "stale-lock")
        .collect();
    assert_eq!(stale.len(), 1, "{found:#?}");
    assert_eq!(
        stale[0].2,
        "the locks of base-low, svc-alone were resolved without `httpx`"
    );
}

#[test]
fn a_lock_over_another_lock_of_its_base_is_stale() {
    let locking = Locking::settled(FLEET);
    locking
        .root
        .edit("locks/base-low.txt", "anyio==7.0", "anyio==7.1");
    let found = found(&locking.root.check());
    let said: Vec<&str> = found
        .iter()
        .filter(|(code, ..)| code == "stale-lock")
        .map(|(.., said)| said.as_str())
        .collect();
    assert_eq!(
        said,
        [
            "the lock of base-high was resolved before the packages of base-low changed",
            "the lock of svc-high was resolved before the packages of base-high changed"
        ]
    );
}

#[test]
fn a_pin_that_was_changed_alone_must_still_be_what_is_asked_for() {
    let locking = Locking::settled(FLEET);
    locking
        .root
        .edit("locks/svc-high.txt", "rdflib==7.0", "rdflib==6.5");
    let found_low = found(&locking.root.check());
    assert!(
        found_low.iter().any(|(code, place, said)| {
            code == "stale-lock"
                && place == "services.yaml:22"
                && said.contains("it has `rdflib==6.5`, but `rdflib>=7` is required")
        }),
        "{found_low:#?}"
    );
    locking
        .root
        .edit("locks/svc-high.txt", "rdflib==6.5", "rdflib==7.6");
    assert!(
        !locking
            .root
            .check()
            .codes()
            .contains(&"stale-lock".to_owned()),
        "a bot may raise a version"
    );
}

#[test]
fn a_lock_that_is_gone_stops_installs_and_is_told_with_its_command() {
    let locking = Locking::settled(FLEET);
    locking.root.remove("locks/svc-high.txt");
    let found = found(&locking.root.check());
    assert_eq!(
        (found[0].0.as_str(), found[0].1.as_str()),
        ("missing-lock", "services.yaml:4"),
        "{found:#?}"
    );
    let run = locking.root.run(&["generate"]);
    assert_eq!(run.status, 1);
    assert!(
        run.stdout.contains("`dockwright lock --image svc-high`"),
        "{}",
        run.told()
    );
    let requirements = locking.root.text("generated/svc-high/requirements.txt");
    assert!(
        requirements.ends_with("--require-hashes\n# svc-high alone\nrdflib>=7\n"),
        "pip refuses this: {requirements}"
    );
}

#[test]
fn a_lock_of_nobody_is_told() {
    let locking = Locking::settled(FLEET);
    locking.root.write("locks/svc-old.txt", "anything\n");
    let run = locking.root.check();
    assert_eq!(
        (run.status, run.codes()),
        (0, vec!["unused-lock".to_owned()]),
        "{}",
        run.told()
    );
    assert_eq!(found(&run)[0].1, "locks/svc-old.txt:1");
}

#[test]
fn a_changed_lock_counts_as_a_change_of_what_is_generated_from_it() {
    let locking = Locking::settled(FLEET);
    assert_eq!(
        locking
            .run_for("8.0", &["lock", "--image", "svc-alone", "--upgrade"])
            .status,
        0
    );
    locking.root.write("changed", "locks/svc-alone.txt\n");
    let list = locking.root.path().join("changed");
    let output = locking
        .root
        .command(
            crate::support::PROGRAM,
            &["plan", "--changed-files", "-", "--format", "json"],
        )
        .stdin(std::fs::File::open(list).unwrap())
        .output()
        .unwrap();
    let plan: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let images: Vec<&str> = plan["images"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap_or("?"))
        .collect();
    assert_eq!(images, ["svc-alone"], "{plan:#}");
}

#[test]
fn examples_of_codes_about_locks_fire_and_their_fixed_texts_do_not() {
    let of = |overlay: &str| overlaid(MINIMAL, overlay, 2);
    let locking = Locking::settled(&of(code::UNUSED_LOCK.fixed));
    locking
        .root
        .write("services.yaml", of(code::STALE_LOCK.example));
    assert_eq!(locking.root.check().codes(), ["stale-lock"]);
    assert_eq!(code::STALE_LOCK.fixing_command(), Some("dockwright lock\n"));
    locking.settle();
    assert_eq!(locking.root.check().codes(), Vec::<String>::new());
    let locking = Locking::settled(&of(code::UNUSED_LOCK.fixed));
    locking
        .root
        .write("services.yaml", of(code::UNUSED_LOCK.example));
    assert_eq!(locking.root.check().codes(), ["unused-lock"]);
    locking
        .root
        .write("services.yaml", of(code::UNUSED_LOCK.fixed));
    assert_eq!(locking.root.check().codes(), Vec::<String>::new());
    let lock = locking.root.text("locks/svc-a.txt");
    let header: String = lock
        .split_inclusive('\n')
        .filter(|line| line.starts_with('#'))
        .collect();
    locking.root.write(
        "locks/svc-a.txt",
        header.clone() + code::BROKEN_LOCK.example,
    );
    assert_eq!(locking.root.check().codes(), ["broken-lock"]);
    locking
        .root
        .write("locks/svc-a.txt", header + code::BROKEN_LOCK.fixed);
    assert!(
        !locking
            .root
            .check()
            .codes()
            .contains(&"broken-lock".to_owned())
    );
}

#[test]
fn a_service_of_an_included_file_has_its_lock_and_its_place() {
    let (main, services) = FLEET.split_once("services:\n").unwrap();
    let own = "include: [services.d/*.yaml]\nservices:\n  svc-own: { kind: web, port: 8000 }\n";
    let locking = Locking::new(&[main, own].concat());
    locking
        .root
        .write("services.d/team.yaml", ["services:\n", services].concat());
    locking.settle();
    locking
        .root
        .edit("services.d/team.yaml", "- rdflib>=7", "- rdflib>=6.1");
    let stale = found(&locking.root.check());
    let is_it = |(code, place, _): &(String, String, String)| {
        code == "stale-lock" && place == "services.d/team.yaml:8"
    };
    assert!(stale.iter().any(is_it), "{stale:#?}");
    locking.settle();
}
