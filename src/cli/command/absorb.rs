//! `dockwright absorb`: a hand edit of a generated file, taken back into services.yaml.

use crate::cli::answer::{Answer, Answered, failed};
use crate::cli::arguments::{FleetArgs, WriteArgs};
use crate::cli::refuse::declaration_errors;
use crate::drift::{Drift, DriftKind, plan};
use crate::edit::absorb::absorb;
use crate::exit::ExitStatus;
use crate::images::Scope;
use crate::project::{Ask, Checked, Missing, Written, apply, check, unchanged};
use crate::report::{AbsorbView, Findings, Outcome, absorb_text, followers_text, page};
use crate::values::RelPath;

/// What `absorb` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct AbsorbArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    /// The generated files that were edited by hand [default: all of them]
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    files: Vec<String>,
    /// Allow that other generated files change, too
    #[arg(long)]
    everywhere: bool,
    #[command(flatten)]
    write: WriteArgs,
}

pub(in crate::cli) fn run(args: &AbsorbArgs) -> Answered {
    let project = args.fleet.project_to_edit(args.write.dry_run)?;
    let before = project.load()?;
    if before.fleet().is_none() {
        return Ok(declaration_errors(&project, &before));
    }
    let scope = Scope::default();
    let ask = Ask::undated(&scope, Missing::Rendered);
    let drifted = check(&project.workspace, &before, &ask)?;
    let edits = edits(args, &drifted)?;
    let absorbed =
        absorb(&project.workspace, &before, &edits).map_err(|error| failed(&error.to_string()))?;
    let text = absorbed
        .loaded
        .sources
        .text(&absorbed.file)
        .unwrap_or_default();
    if !absorbed.followers.is_empty() && !args.everywhere {
        let texts = (absorbed.before.as_str(), text);
        return Ok(Answer::refused(followers_text(texts, &absorbed)));
    }
    let entry = unchanged(
        &project.workspace,
        &absorbed.file,
        Some(absorbed.before.as_bytes()),
    )?;
    let mut written = Written::default();
    if !args.write.dry_run {
        written.write(&project.workspace, &absorbed.file, text.as_bytes(), entry)?;
    }
    let checked = check(
        &crate::project::Edited::new(&project.workspace, &absorbed.file, text),
        &absorbed.loaded,
        &ask,
    )?;
    let mut consent = checked.consent();
    consent.overwrite = edits.iter().map(|drift| drift.path.clone()).collect();
    let plan = plan(checked.report(), &consent);
    let applied = apply(&project.workspace, &checked, &plan, args.write.durability())?;
    if applied.failed() {
        return Err(failed(&undone(written.undo(&project.workspace))));
    }
    let outcome = Outcome::of(plan, &applied.errors, args.write.dry_run);
    let view = AbsorbView {
        findings: &Findings {
            report: &applied.after,
            ..Findings::of(project.option(), &checked)
        },
        texts: (&absorbed.before, text),
        absorbed: &absorbed,
        outcome: &outcome,
    };
    let status = ExitStatus::of_written(false, checked.has_errors());
    Ok(Answer::quoting(absorb_text(&view), status))
}

fn undone(problems: Vec<String>) -> crate::report::Page {
    let mut told = page!("a generated file could not be written; services.yaml is as it was");
    for problem in problems {
        told = page!("{}; {}", told, problem);
    }
    told
}

/// The differences that are to be absorbed.
fn edits<'a>(
    args: &AbsorbArgs,
    checked: &'a Checked<'_>,
) -> Result<Vec<&'a Drift>, crate::cli::failure::Failure> {
    let drifts = &checked.report().drifts;
    if args.files.is_empty() {
        let is_edit = |drift: &&Drift| matches!(drift.kind, DriftKind::HandEdited { .. });
        let found: Vec<&Drift> = drifts.iter().filter(is_edit).collect();
        if found.is_empty() {
            return Err(failed("no generated file was edited by hand"));
        }
        return Ok(found);
    }
    let folder = args.fleet.folder();
    let find = |word: &String| {
        let word = word.trim_start_matches("./");
        let below = word
            .strip_prefix(folder.as_str().trim_start_matches("./"))
            .map_or(word, |rest| rest.trim_start_matches('/'));
        let found = drifts
            .iter()
            .find(|drift| drift.path.as_str() == word || drift.path.as_str() == below);
        found.ok_or_else(|| match RelPath::parse(word) {
            Ok(_) => failed(&page!(
                "{} is not a generated file that was edited by hand; `dockwright check` lists \
                 those that differ",
                word
            )),
            Err(invalid) => failed(&page!("{}: {}", word, invalid)),
        })
    };
    args.files.iter().map(find).collect()
}
