//! `dockwright adopt`: from the Dockerfiles that are there to services.yaml.

use std::collections::BTreeSet;
use std::mem::ManuallyDrop;

use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::answer::{Answer, Answered, failed};
use crate::cli::arguments::TextOrJson;
use crate::cli::failure::Failure;
use crate::cli::terminal::TERMINAL;
use crate::dockerfile::ignore::clean;
use crate::dockerfile::judge::deny;
use crate::drift::{Consent, plan};
use crate::edit::adopt::{Ask, DECLARATION, Existing, Fate, Proposal, adopt};
use crate::exit::ExitStatus;
use crate::images::Scope;
use crate::project::{
    Ask as CheckAsk, DiskTree, Missing, Project, VERSION, Written, apply, check, scope_of,
    unchanged,
};
use crate::report::{AdoptView, adopt_json, adopt_text, page};
use crate::values::range_from;
use crate::workspace::{Durability, Workspace};

/// What `adopt` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct AdoptArgs {
    /// Only Dockerfiles at or below these paths
    paths: Vec<Utf8PathBuf>,
    /// Write services.yaml and the generated files; without it nothing is written
    #[arg(long)]
    write: bool,
    /// The output format
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    format: TextOrJson,
}

pub(in crate::cli) fn run(args: &AdoptArgs) -> Answered {
    let below = below(&args.paths)?;
    let tree = DiskTree::open(Utf8Path::new(""))?;
    let (existing, denied) = existing()?.unzip();
    let denied = denied.unwrap_or_default();
    let ask = Ask {
        below: &below,
        existing: existing.as_ref(),
        required_version: Some(range_from(VERSION)),
        origin: "Proposed by `dockwright adopt` from the Dockerfiles of this repository",
    };
    let mut proposal = adopt(&tree, &ask)?;
    for image in &mut proposal.images {
        if let Fate::Declared(differences) = &mut image.fate {
            deny(differences, &denied);
        }
    }
    let is_clean = |image: &crate::edit::adopt::Adopted| {
        use crate::dockerfile::judge::Likeness;
        matches!(image.fate, Fate::Foreign)
            || matches!(image.likeness(), Some(Likeness::Same | Likeness::Harmless))
    };
    let status = ExitStatus::of_findings(!proposal.images.iter().all(is_clean));
    let written = match &proposal.text {
        Some(text) if args.write => Some(write(text, &proposal, existing.as_ref())?),
        _ => None,
    };
    let view = AdoptView {
        proposal: &proposal,
        written,
        existing: existing.as_ref(),
        below: &below,
    };
    Ok(match args.format {
        TextOrJson::Text => Answer::quoting(adopt_text(&view), status),
        TextOrJson::Json => Answer::page(adopt_json(&view), status),
    })
}

/// The paths below the root that were named.
fn below(paths: &[Utf8PathBuf]) -> Result<Vec<String>, Failure> {
    let plain = |path: &Utf8PathBuf| {
        use camino::Utf8Component::{CurDir, Normal};
        let is_below = path
            .components()
            .all(|part| matches!(part, Normal(_) | CurDir));
        if is_below {
            Ok(clean(path.as_str()))
        } else {
            let text = page!(
                "{}: paths count from the current folder and stay below it",
                path
            );
            Err(failed(&text))
        }
    };
    paths.iter().map(plain).collect()
}

/// What services.yaml declares and the harmless differences that it denies, where there is one.
fn existing() -> Result<Option<(Existing, BTreeSet<String>)>, Failure> {
    let workspace = Workspace::open(Utf8Path::new(""))?;
    let found = workspace.read_text(Utf8Path::new(DECLARATION), u64::MAX);
    if matches!(found, Ok(None)) {
        return Ok(None);
    }
    let project = Project::open(Utf8Path::new(DECLARATION), &TERMINAL)?;
    let loaded = ManuallyDrop::into_inner(project.load()?);
    let Some(fleet) = loaded.fleet() else {
        return Err(failed(
            "services.yaml has errors; `dockwright check` shows them, and `adopt` adds to it when \
             they are fixed",
        ));
    };
    let denied = fleet.policy.denied.clone();
    Ok(Some((Existing::of(&loaded, fleet), denied)))
}

/// Writes the declaration and what is new in it; the number of generated files.
fn write(text: &str, proposal: &Proposal, existing: Option<&Existing>) -> Result<usize, Failure> {
    let project = Project::open_to_edit(Utf8Path::new(DECLARATION), &TERMINAL)?;
    let before = existing.map(|existing| existing.text().as_bytes());
    let entry = unchanged(&project.workspace, DECLARATION, before)?;
    let mut written = Written::default();
    written.write(&project.workspace, DECLARATION, text.as_bytes(), entry)?;
    let names: Vec<String> = match existing {
        Some(_) => proposal.declared().map(str::to_owned).collect(),
        None => Vec::new(),
    };
    match generated(&project, &names, &mut written) {
        Ok(count) => Ok(count),
        Err(failure) => {
            let _ = written.undo(&project.workspace);
            Err(failure)
        }
    }
}

/// Generates the files of these images and those of the fleet as a whole; all of them where no name
/// is given.
fn generated(project: &Project, names: &[String], written: &mut Written) -> Result<usize, Failure> {
    let loaded = project.load()?;
    let scope = loaded
        .fleet()
        .map_or_else(Scope::default, |fleet| scope_of(names, fleet));
    let ask = CheckAsk::undated(&scope, Missing::Rendered);
    let checked = check(&project.workspace, &loaded, &ask)?;
    // A text that lacks a header alone loses nothing with it.
    let drifts = checked.report().drifts.iter();
    let known = drifts.filter(|drift| drift.lacks_header());
    let consent = Consent::overwriting(known.map(|drift| drift.path.clone()));
    let mut plan = plan(checked.report(), &consent);
    plan.steps.retain(|step| step.drift.expected.is_some());
    if let Some(step) = plan.steps.iter().find(|step| step.action.keeps()) {
        let text = page!("{} already exists; move it first", step.drift.path);
        return Err(failed(&text));
    }
    let applied = apply(
        &project.workspace,
        &checked,
        &plan,
        Some(Durability::Synced),
    )?;
    plan.steps.iter().for_each(|step| written.note(step));
    match applied.errors.iter().flatten().next() {
        Some(error) => Err(failed(error)),
        None => Ok(plan.steps.len()),
    }
}
