//! `dockwright generate`: the same check as `check`, then the plan, then the comparison again.

use crate::cli::answer::{Answer, Answered, failed};
use crate::cli::arguments::{FleetArgs, PolicyArgs, TextOrJson, WriteArgs};
use crate::cli::complete;
use crate::cli::refuse::refuse;
use crate::drift::{Consent, plan};
use crate::edit::bump::amend;
use crate::exit::ExitStatus;
use crate::images::Scope;
use crate::project::{Ask, Loaded, Missing, Project, apply, check, overwritten, write_declaration};
use crate::report::{Findings, Outcome, declaration_changes, generate_json, generate_text};

/// What `generate` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct GenerateArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    #[command(flatten)]
    policy: PolicyArgs,
    #[command(flatten)]
    write: WriteArgs,
    /// Discard manual edits in these files, images or folders; also delete edited files there that
    /// nothing declares
    #[arg(long, value_name = "PATH|IMAGE|FOLDER", num_args = 1.., add = complete::images())]
    overwrite: Vec<String>,
    /// Delete even the generated files of more than half of the images, which is refused by default
    #[arg(long)]
    prune: bool,
    /// Update the fingerprint of these bases in services.yaml and keep their version; only for
    /// versions that were never pushed
    #[arg(long, value_name = "BASE", num_args = 1.., add = complete::bases())]
    amend_base: Vec<String>,
    /// Print hints, suggestions that never fail the check; without it, only their number is printed
    #[arg(long)]
    hints: bool,
    /// The output format
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    format: TextOrJson,
}

pub(in crate::cli) fn run(args: &GenerateArgs) -> Answered {
    if args.amend_base.is_empty() {
        let project = args.fleet.project_to_write()?;
        let loaded = project.load()?;
        return generate(args, &project, &loaded, loaded.text());
    }
    let project = args.fleet.project_to_edit(args.write.dry_run)?;
    let before = project.load()?;
    let text = match amend(&before, &args.amend_base) {
        Ok(text) => text,
        Err(error) => return refuse(&project, &before, error),
    };
    let loaded = project.load_edited(&before.file, &text)?;
    if text != before.text() && !args.write.dry_run {
        write_declaration(&project.workspace, &loaded, before.text().as_bytes())?;
    }
    generate(args, &project, &loaded, before.text())
}

fn generate(args: &GenerateArgs, project: &Project, loaded: &Loaded, before: &str) -> Answered {
    let ask = Ask {
        scope: &Scope::default(),
        today: args.policy.today.as_ref(),
        waivers: true,
        missing: Missing::Rendered,
    };
    let mut checked = check(&project.workspace, loaded, &ask)?;
    checked.give_up_waived(&args.overwrite);
    let consent = Consent {
        overwrite: overwritten(&args.overwrite, &checked).map_err(|word| failed(&word))?,
        prune: args.prune,
        errors_stand: checked.has_errors(),
        ..checked.consent()
    };
    let plan = plan(checked.report(), &consent);
    let applied = apply(&project.workspace, &checked, &plan, args.write.durability())?;
    let outcome = Outcome::of(plan, &applied.errors, args.write.dry_run);
    let tracer = loaded.tracer().filter(|_| !applied.after.is_clean());
    let findings = Findings {
        shows_hints: args.hints,
        report: &applied.after,
        tracer: tracer.as_deref(),
        ..Findings::of(project.option(), &checked)
    };
    let has_findings = !checked.passes_with(&applied.after);
    let status = ExitStatus::of_written(applied.failed(), has_findings);
    Ok(match args.format {
        TextOrJson::Text => {
            let mut page = declaration_changes(&loaded.file, (before, loaded.text()));
            page.push(&generate_text(&findings, &outcome));
            Answer::quoting(page, status).news()
        }
        TextOrJson::Json => Answer::page(generate_json(&findings, &outcome), status),
    })
}
