//! `dockwright absorb`: a hand edit of a generated file, taken back into services.yaml.

use crate::cli::answer::{Answer, Answered, failed};
use crate::cli::arguments::{FleetArgs, WriteArgs};
use crate::cli::failure::Failure;
use crate::cli::refuse::declaration_errors;
use crate::drift::{Drift, DriftKind, plan};
use crate::edit::absorb::{AbsorbError, Absorbed, Judged, absorb};
use crate::exit::ExitStatus;
use crate::project::{
    Ask, Checked, Missing, Project, Written, apply, check, compare, differing, scope_of, unchanged,
};
use crate::report::{AbsorbView, Findings, Outcome, absorb_text, followers_text, page};

/// What `absorb` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct AbsorbArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    /// The generated files that were edited by hand, or their images or folders [default: all of
    /// them]
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    files: Vec<String>,
    /// Allow changes to generated files of other images
    #[arg(long)]
    everywhere: bool,
    #[command(flatten)]
    write: WriteArgs,
}

pub(in crate::cli) fn run(args: &AbsorbArgs) -> Answered {
    let project = args.fleet.project_to_edit(args.write.dry_run)?;
    let before = project.load()?;
    let Some(fleet) = before.fleet() else {
        return Ok(declaration_errors(&project, &before));
    };
    let words: Vec<String> = args
        .files
        .iter()
        .map(|word| args.fleet.inside(word))
        .collect();
    let looked_at = scope_of(&words, fleet);
    let mut old = compare(&project.workspace, &before, &asked(&looked_at))?;
    let absorbed = absorb(&project.workspace, &before, &edits(&words, &old)?)
        .map_err(|error| refused(&error))?;
    let scope = absorbed.scope(&before, looked_at.clone());
    if scope != looked_at {
        old = compare(&project.workspace, &before, &asked(&scope))?;
    }
    let new = check(&project.workspace, &absorbed.loaded, &asked(&scope))?;
    let judged = absorbed
        .judge((&old, &new), &project.workspace)
        .map_err(|error| refused(&error))?;
    if judged.reaches_others && !args.everywhere {
        return Ok(Answer::refused(followers_text(
            &absorbed,
            &judged.followers,
        )));
    }
    write(args, &project, (&absorbed, &judged), &new)
}

fn asked(scope: &crate::images::Scope) -> Ask<'_> {
    Ask::undated(scope, Missing::Rendered)
}

fn refused(error: &AbsorbError) -> Failure {
    failed(&error.to_string())
}

/// Writes the declaration and the files that it declares.
fn write(
    args: &AbsorbArgs,
    project: &Project,
    (absorbed, judged): (&Absorbed, &Judged),
    checked: &Checked<'_>,
) -> Answered {
    let (workspace, file) = (&project.workspace, absorbed.file.as_str());
    let entry = unchanged(workspace, file, Some(absorbed.before.as_bytes()))?;
    let mut written = Written::default();
    if !args.write.dry_run {
        written.write(workspace, file, absorbed.text().as_bytes(), entry)?;
    }
    let mut consent = checked.consent();
    consent.overwrite = judged.files.iter().map(|(path, _)| path.clone()).collect();
    let plan = plan(checked.report(), &consent);
    let applied = apply(workspace, checked, &plan, args.write.durability())?;
    if applied.failed() {
        return Err(failed(&undone(written.undo(workspace))));
    }
    let outcome = Outcome::of(plan, &applied.errors, args.write.dry_run);
    let view = AbsorbView {
        findings: &Findings {
            report: &applied.after,
            ..Findings::of(project.option(), checked)
        },
        absorbed,
        judged,
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

/// The differences that are to be absorbed: files that were edited by hand.
fn edits<'a>(words: &[String], checked: &'a Checked<'_>) -> Result<Vec<&'a Drift>, Failure> {
    let is_edit = |drift: &&Drift| matches!(drift.kind, DriftKind::HandEdited { .. });
    let found: Vec<&Drift> = if words.is_empty() {
        checked.report().drifts.iter().filter(is_edit).collect()
    } else {
        let named = differing(words, checked).map_err(|reason| failed(&reason))?;
        named.into_iter().filter(is_edit).collect()
    };
    match (found.as_slice(), words) {
        ([], []) => Err(failed("no generated file was edited by hand")),
        ([], _) => {
            let words = words.join(", ");
            Err(failed(&page!(
                "{}: no generated file was edited by hand there",
                words
            )))
        }
        _ => Ok(found),
    }
}
