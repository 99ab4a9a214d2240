//! Which differences a waiver allows: exactly these bytes of one generated file, up to a day.

use std::collections::{BTreeMap, BTreeSet};

use sha2::{Digest as _, Sha256};

use super::compare::Compared;
use super::error::Error;
use super::inputs::Inputs;
use crate::artifact::ArtifactPath;
use crate::diagnostic::{Code, Diagnostic, SUGGESTIONS_LIMIT, bounded, code, did_you_mean};
use crate::drift::{DiskEntry, Drift, DriftKind, group_changes};
use crate::fleet::Fleet;
use crate::fleet::policy::Waiver;
use crate::values::Date;

/// A difference that a waiver allows.
#[derive(Debug)]
pub(crate) struct Waived {
    /// The difference.
    pub(crate) drift: Drift,
    /// Its first line on disk, from 1.
    pub(crate) line: usize,
    /// Why it is allowed.
    pub(crate) reason: String,
    /// Up to which day.
    pub(crate) until: Date,
}

/// What the waivers of a fleet come to.
#[derive(Debug, Default)]
pub(super) struct Judged {
    /// What they allow; the comparison no longer holds it.
    pub(super) waived: Vec<Waived>,
    /// The files that they would allow were the day known: nobody writes over these by the way.
    pub(super) undated: BTreeSet<ArtifactPath>,
    /// What is told of them.
    pub(super) diagnostics: Vec<Diagnostic>,
}

/// Takes what waivers allow out of a comparison. `is_part` says that not all files were compared.
pub(super) fn judge(
    fleet: &Fleet,
    compared: &mut Compared,
    (today, is_part): (Option<&Date>, bool),
) -> Judged {
    let mut judging = Judging {
        fleet,
        compared,
        today,
        is_part,
        allowed: Vec::new(),
        judged: Judged::default(),
    };
    for waiver in &fleet.policy.waivers {
        judging.waiver(waiver);
    }
    let Judging {
        allowed,
        mut judged,
        ..
    } = judging;
    for (waiver, line) in allowed {
        // Two waivers can allow one file; the first takes it out.
        let drift = compared.report.take(waiver.file.as_str());
        judged.waived.extend(drift.map(|drift| Waived {
            drift,
            line,
            reason: waiver.reason.clone(),
            until: waiver.until.clone(),
        }));
    }
    judged
        .waived
        .sort_by(|one, other| one.drift.path.cmp(&other.drift.path));
    judged.diagnostics = bounded(judged.diagnostics);
    judged
}

struct Judging<'a, 'c> {
    fleet: &'a Fleet,
    compared: &'c Compared,
    today: Option<&'a Date>,
    is_part: bool,
    /// Each waiver that allows a difference, and the first line of that.
    allowed: Vec<(&'a Waiver, usize)>,
    judged: Judged,
}

impl<'a> Judging<'a, '_> {
    fn waiver(&mut self, waiver: &'a Waiver) {
        let path = waiver.file.as_str();
        let found = self.compared.report.find(path);
        let Some(drift) = found.filter(|drift| drift.expected.is_some()) else {
            return self.without_difference(waiver);
        };
        match content(drift) {
            Some(bytes) if is_of(waiver, bytes) => self.matching(waiver, drift),
            Some(bytes) => self.other_bytes(waiver, drift, bytes),
            None => {
                let message = format!("{path} is {}, which no waiver allows", drift.kind.word());
                let help = "run `dockwright check` to see what to type, then delete the entry";
                self.tell(&code::UNUSED_WAIVER, waiver, message, help.to_owned());
            }
        }
    }

    /// The file has the bytes of its waiver.
    fn matching(&mut self, waiver: &'a Waiver, drift: &Drift) {
        let path = &drift.path;
        let Waiver { until, reason, .. } = waiver;
        match self.today {
            None => {
                self.judged.undated.insert(path.clone());
                let message = format!("{path} differs: a waiver is not honored without a date");
                let help = "to honor it: dockwright check --today now".to_owned();
                self.tell(&code::UNDATED_WAIVER, waiver, message, help);
            }
            Some(today) if waiver.is_over(today) => {
                let message = format!("{path} was waived until {until}: {reason}");
                let help = format!(
                    "take the edit into services.yaml with `dockwright absorb {path}`, or set a \
                     later `until`"
                );
                self.tell(&code::EXPIRED_WAIVER, waiver, message, help);
            }
            Some(_) => {
                let groups = group_changes(std::slice::from_ref(drift)).groups;
                let places = groups.iter().flat_map(|group| &group.places);
                let line = places.map(|place| place.old_line + 1).min().unwrap_or(1);
                let word = drift.kind.word();
                let message =
                    format!("{path}:{line} is {word}, and waived until {until}: {reason}");
                let help = format!(
                    "to end the waiver, take the edit into services.yaml: dockwright absorb {path}"
                );
                self.tell(&code::WAIVED_DRIFT, waiver, message, help);
                self.allowed.push((waiver, line));
            }
        }
    }

    /// Somebody edited the file again. The digest of a file that is not shown is not told either.
    fn other_bytes(&mut self, waiver: &Waiver, drift: &Drift, bytes: &[u8]) {
        let path = &drift.path;
        let message = format!("{path} has other bytes than its waiver allows");
        let help = match drift.shown_bytes() {
            Some(_) => format!(
                "look at the file, then write sha256: {}; or delete the entry",
                digest(bytes)
            ),
            None => format!(
                "look at the file, then write the digest that `sha256sum {path}` prints; or \
                 delete the entry"
            ),
        };
        self.tell(&code::UNUSED_WAIVER, waiver, message, help);
    }

    fn without_difference(&mut self, waiver: &Waiver) {
        let path = waiver.file.as_str();
        let declared = &self.compared.declared;
        let is_declared = declared
            .binary_search_by(|known| known.as_str().cmp(path))
            .is_ok();
        let (message, help) = if is_declared {
            let message = format!("{path} matches services.yaml and needs no waiver");
            (message, "delete the entry".to_owned())
        } else if self.is_part {
            return;
        } else {
            let names = declared.iter().map(ArtifactPath::as_str);
            let is_few = self.judged.diagnostics.len() < SUGGESTIONS_LIMIT;
            let meant = did_you_mean(path, names.filter(|_| is_few));
            let help = match meant {
                Some(meant) => format!("did you mean `{meant}`?"),
                None => "delete the entry".to_owned(),
            };
            (format!("{path} is not a generated file"), help)
        };
        self.tell(&code::UNUSED_WAIVER, waiver, message, help);
    }

    fn tell(&mut self, code: &'static Code, waiver: &Waiver, message: String, help: String) {
        let location = self.fleet.value_at(waiver.origin);
        let told = Diagnostic::new(code, location, message).with_help(help);
        self.judged.diagnostics.push(told);
    }
}

/// The bytes that a waiver can allow: those of a file in the place of a generated one. A mode is
/// not part of them.
fn content(drift: &Drift) -> Option<&[u8]> {
    match drift.on_disk() {
        DiskEntry::File {
            bytes,
            executable: false,
        } if drift.kind != DriftKind::Missing => Some(bytes),
        _ => None,
    }
}

/// The files that waivers allow on a day, by path: what stands on the disk has exactly their bytes.
pub(super) fn texts(
    inputs: &dyn Inputs,
    fleet: &Fleet,
    today: &Date,
) -> Result<BTreeMap<String, String>, Error> {
    let waivers = &fleet.policy.waivers;
    let in_force = waivers.iter().filter(|waiver| !waiver.is_over(today));
    let paths: BTreeSet<ArtifactPath> = in_force
        .filter_map(|waiver| ArtifactPath::parse(waiver.file.as_str()).ok())
        .collect();
    let paths: Vec<ArtifactPath> = paths.into_iter().collect();
    let mut texts = BTreeMap::new();
    for (path, entry) in inputs.state(&paths)? {
        let DiskEntry::File {
            bytes,
            executable: false,
        } = entry
        else {
            continue;
        };
        let is_allowed = waivers.iter().any(|waiver| {
            waiver.file.as_str() == path.as_str() && !waiver.is_over(today) && is_of(waiver, &bytes)
        });
        if let Some(text) = String::from_utf8(bytes).ok().filter(|_| is_allowed) {
            texts.insert(path.to_string(), text);
        }
    }
    Ok(texts)
}

/// Whether bytes are those that a waiver names.
fn is_of(waiver: &Waiver, bytes: &[u8]) -> bool {
    waiver.sha256.as_str().eq_ignore_ascii_case(&digest(bytes))
}

fn digest(bytes: &[u8]) -> String {
    base16ct::lower::encode_string(&Sha256::digest(bytes))
}
