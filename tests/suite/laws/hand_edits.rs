//! A random hand edit is told as one, and `generate` never plans to write over it.
//!
//! The oracle knows every content that was ever rendered: what is one of them, line ends aside, is
//! nobody's work; all else is.

use std::collections::BTreeSet;

use dockwright::artifact::ArtifactPath;
use dockwright::drift::{Action, Consent, DriftKind, plan};
use dockwright::project::{Checked, Files, Loaded};

use crate::support::{Dice, EVERY_TEMPLATE, cases, checked, loaded, rendered, tell};

/// The files as they are declared, and as they were declared before.
struct Fleet {
    now: Vec<(ArtifactPath, String)>,
    before: Vec<(ArtifactPath, String)>,
    /// Every content that was rendered.
    known: BTreeSet<Vec<u8>>,
    declared: Files,
    loaded: Loaded,
}

impl Fleet {
    fn new() -> Self {
        let files = |declaration: &str| -> Vec<(ArtifactPath, String)> {
            let rendered = rendered(declaration).unwrap().into_iter();
            rendered
                .map(|(path, text)| (ArtifactPath::parse(&path).unwrap(), text))
                .collect()
        };
        let (now, before) = (
            files(EVERY_TEMPLATE),
            files(
                &EVERY_TEMPLATE
                    .replace("8000", "9000")
                    .replace("torch", "numpy"),
            ),
        );
        let known = now
            .iter()
            .chain(&before)
            .map(|(_, text)| text.clone().into_bytes())
            .collect();
        let declared = Files::declaring(EVERY_TEMPLATE);
        Self {
            now,
            before,
            known,
            loaded: loaded(&declared),
            declared,
        }
    }

    /// The kind of the difference, if there is one, and what `generate` would do about it: `missing`
    /// is a check that found no file at all.
    fn judged(
        &self,
        missing: &Checked<'_>,
        at: usize,
        bytes: &[u8],
    ) -> Option<(DriftKind, Action)> {
        let mut files = self.declared.clone();
        for (path, text) in &self.now {
            files.put(path.as_str(), text.as_bytes());
        }
        files.put(self.now[at].0.as_str(), bytes);
        let report = missing.compare_again(&files).unwrap();
        assert!(report.drifts.len() <= 1, "{:?}", report.drifts);
        plan(&report, &Consent::default())
            .steps
            .first()
            .map(|step| (step.drift.kind.clone(), step.action))
    }
}

/// What an editor, a merge or a person at work does to a text.
fn edited(dice: &mut Dice, files: &Fleet, text: &str) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for _ in 0..=dice.below(3) {
        let mut lines: Vec<Vec<u8>> = bytes
            .split_inclusive(|byte| *byte == b'\n')
            .map(<[u8]>::to_vec)
            .collect();
        let (line, at) = (dice.below(lines.len() + 1), dice.below(bytes.len() + 1));
        match dice.below(14) {
            0 => {
                let escaped = bytes.escape_ascii().to_string();
                bytes = escaped.replace("\\n", "\r\n").into_bytes();
            }
            1 => {
                let text = String::from_utf8_lossy(&bytes);
                bytes = text.replace('\n', "\r\n").into_bytes();
            }
            2 if at < bytes.len() => bytes[at] ^= 1 << dice.below(8),
            3 => drop(bytes.splice(at..at, [u8::try_from(dice.below(256)).unwrap()])),
            4 => {
                let end = (at + dice.below(40)).min(text.len().max(at));
                bytes.drain(at..end.min(bytes.len()));
            }
            5 => bytes.truncate(at),
            6 => bytes.push(b'\n'),
            7 => {
                let (_, other) = dice.choose(&files.now);
                let taken = *dice.choose(&other.split_inclusive('\n').collect::<Vec<_>>());
                lines.insert(line, taken.as_bytes().to_vec());
                bytes = lines.concat();
            }
            8 if line < lines.len() => {
                lines.remove(line);
                bytes = lines.concat();
            }
            9 if line < lines.len() => {
                lines.swap(0, line);
                bytes = lines.concat();
            }
            10 => bytes = [b"# a note\n".to_vec(), bytes].concat(),
            // The seal of another file, or of another time.
            11 => {
                let sealed = if dice.below(2) == 0 {
                    &files.now
                } else {
                    &files.before
                };
                let (_, other) = dice.choose(sealed);
                if let (Some(seal), true) = (other.lines().nth(1), lines.len() > 1) {
                    lines[1] = format!("{seal}\n").into_bytes();
                    bytes = lines.concat();
                }
            }
            12 => bytes = dice.choose(&files.before).1.clone().into_bytes(),
            _ => bytes.extend_from_slice(b"RUN true\n"),
        }
    }
    bytes
}

#[test]
fn no_random_hand_edit_is_overwritten_or_told_as_something_else() {
    let files = Fleet::new();
    let missing = checked(&files.declared, &files.loaded);
    let mut dice = Dice::new(7);
    let (mut edits, mut of_nobody) = (0, 0);
    for _ in 0..cases(10_000) {
        let at = dice.below(files.now.len());
        let from = if dice.below(2) == 0 {
            &files.now
        } else {
            &files.before
        };
        let text = &from
            .iter()
            .find(|(path, _)| *path == files.now[at].0)
            .unwrap_or(&files.now[at])
            .1;
        let bytes = edited(&mut dice, &files, text);
        let unix = String::from_utf8_lossy(&bytes)
            .replace("\r\n", "\n")
            .into_bytes();
        let expected = files.now[at].1.as_bytes();
        let what = || format!("{}:\n{}", files.now[at].0, String::from_utf8_lossy(&bytes));
        match files.judged(&missing, at, &bytes) {
            None => assert_eq!(bytes, expected, "{}", what()),
            Some((DriftKind::LineEnds, action)) => {
                assert!(unix == expected && action == Action::Update, "{}", what());
            }
            Some((DriftKind::Stale, action)) => {
                assert!(
                    files.known.contains(&unix) && unix != expected && action == Action::Update,
                    "{}",
                    what()
                );
                of_nobody += 1;
            }
            Some((DriftKind::HandEdited { .. } | DriftKind::Unmanaged, action)) => {
                assert!(
                    !files.known.contains(&unix) && action == Action::Keep,
                    "{}",
                    what()
                );
                edits += 1;
            }
            // Nothing is left in it that could be a person's.
            Some((DriftKind::Missing, action)) => {
                assert!(bytes.is_empty() && action == Action::Create, "{}", what());
            }
            Some(other) => panic!("{other:?}: {}", what()),
        }
    }
    tell(&format!(
        "{} changes: {edits} edits by hand, {of_nobody} stale files",
        cases(10_000)
    ));
    assert!(
        edits * 2 > cases(10_000) && of_nobody > 0,
        "{edits} edits, {of_nobody} stale files"
    );
}
