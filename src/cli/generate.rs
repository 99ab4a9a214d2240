//! `dockwright generate`: the same comparison as `check`, then the plan, then the comparison again.

use super::apply::{WriteArgs, settle, status};
use super::comparison::compared;
use super::failure::Failure;
use super::load::{load_on, load_to_edit};
use super::loaded::Loaded;
use super::overwrite::overwritten;
use super::verdict::passes;
use super::{FleetArgs, PolicyArgs, TextOrJson, output};
use crate::drift::{Consent, plan};
use crate::edit::bump::amend;
use crate::exit::ExitStatus;
use crate::report::{Findings, Outcome, declaration_changes, generate_json, generate_text, page};

/// What `generate` takes.
#[derive(Debug, clap::Args)]
pub(super) struct GenerateArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    write: WriteArgs,
    /// Discard manual edits in these files, images or folders; also delete edited files there that
    /// nothing declares
    #[arg(long, value_name = "PATH|IMAGE|FOLDER", num_args = 1..)]
    overwrite: Vec<String>,
    /// Allow to delete more than half of the images
    #[arg(long)]
    prune: bool,
    /// Take the content of these bases as that of their version; for tags that were never published
    #[arg(long, value_name = "BASE", num_args = 1..)]
    amend_base: Vec<String>,
    /// Show the hints, not only how many there are
    #[arg(long)]
    hints: bool,
    /// How to print
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    format: TextOrJson,
}

pub(super) fn run(args: &GenerateArgs) -> ExitStatus {
    let edits = !args.amend_base.is_empty() && !args.write.dry_run;
    let load = if edits { load_to_edit } else { load_on };
    let loaded = load(&args.fleet.file, args.policy.today.as_ref());
    match loaded.and_then(|loaded| amend_and_generate(args, loaded)) {
        Ok(status) => status,
        Err(failure) => failure.report(),
    }
}

/// Records the content of bases where that is asked for, and generates. A dry run records it in
/// memory alone.
fn amend_and_generate(args: &GenerateArgs, mut loaded: Loaded) -> Result<ExitStatus, Failure> {
    if args.amend_base.is_empty() {
        return generate(args, &loaded, loaded.text());
    }
    let before = loaded.text().to_owned();
    let mut decl = loaded.decl_text();
    for base in &args.amend_base {
        match amend(&decl, (&loaded.templates, &loaded.locks), base) {
            Ok(amended) => decl.text = amended,
            Err(error) => return super::bump::refuse(&loaded, error),
        }
    }
    if decl.text != before {
        loaded = loaded.edited(&decl.file, &decl.text)?;
        if !args.write.dry_run {
            super::write::declaration(&loaded, before.as_bytes())?;
        }
    }
    generate(args, &loaded, &before)
}

fn generate(
    args: &GenerateArgs,
    loaded: &Loaded,
    before_text: &str,
) -> Result<ExitStatus, Failure> {
    let comparison = compared(loaded)?;
    let before = &comparison.report;
    let consent = match overwritten(&args.overwrite, loaded.fleet.as_ref(), &comparison) {
        Ok(overwrite) => Consent {
            overwrite,
            prune: args.prune,
            errors_stand: loaded.has_errors(),
        },
        Err(message) => return Ok(output::fail(&message)),
    };
    let plan = plan(before, &consent);
    let (errors, after) = settle(loaded, &comparison, &plan, args.write)?;
    let failed = errors.iter().any(Option::is_some);
    let steps = plan
        .steps
        .into_iter()
        .zip(errors.into_iter().chain(std::iter::repeat(None)))
        .collect();
    let outcome = Outcome {
        steps,
        dry_run: args.write.dry_run,
    };
    let tracer = loaded.tracer().filter(|_| !after.is_clean());
    let findings = Findings {
        shows_hints: args.hints,
        ..loaded.findings(&after, tracer.as_deref())
    };
    let status = status(failed, !passes(loaded, &after));
    Ok(match args.format {
        TextOrJson::Text => {
            let amended = declaration_changes(&loaded.name, (before_text, loaded.text()));
            output::print(
                &output::quoting(page!("{}{}", amended, generate_text(&findings, &outcome))),
                status,
            )
        }
        TextOrJson::Json => output::print(&generate_json(&findings, &outcome), status),
    })
}
