//! `dockwright new`: a declaration, a skeleton that runs, and its generated files; all of them or
//! nothing.

use clap::ValueEnum;

use crate::cli::answer::{Answer, Answered, failed};
use crate::cli::arguments::FleetArgs;
use crate::cli::complete;
use crate::cli::prompt;
use crate::cli::refuse::{declaration_errors, refused_service};
use crate::declare::schema::RoleDecl;
use crate::declare::{FleetDecl, patterns};
use crate::diagnostic::code;
use crate::drift::plan;
use crate::edit::declaration::NewService;
use crate::edit::{NewError, scaffold};
use crate::exit::ExitStatus;
use crate::images::Scope;
use crate::project::{Addition, Ask, Loaded, Missing, Undone, apply, check, only_kept_differ};
use crate::report::{Findings, Outcome, new_text, page};
use crate::values::AptPackage;
use crate::values::requirement::Requirement;

/// What `new` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct NewArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    /// The name, such as svc-payments
    name: Option<String>,
    /// The kind, declared under `kinds:`
    #[arg(long, add = complete::kinds())]
    kind: Option<String>,
    /// What the service is: web listens on a port, a worker does not, a job runs once and exits
    #[arg(long, value_enum)]
    role: Option<RoleName>,
    /// The folder of its sources, such as services/payments [default: the field `layout.source` of
    /// services.yaml]
    #[arg(long, value_name = "FOLDER")]
    source: Option<String>,
    /// The ASGI application for uvicorn, module:attribute
    #[arg(long, value_name = "APP", conflicts_with = "cmd")]
    app: Option<String>,
    /// A command instead of uvicorn, such as "celery -A config worker"
    #[arg(long, value_name = "COMMAND")]
    cmd: Option<String>,
    /// The port [default: the port of the kind, or the one that most services of the kind use]
    #[arg(long, value_parser = clap::value_parser!(u64).range(1..=65535))]
    port: Option<u64>,
    /// Debian packages
    #[arg(long, value_name = "PACKAGE", num_args = 1.., value_parser = package)]
    apt: Vec<String>,
    /// pip requirements
    #[arg(long, value_name = "REQUIREMENT", num_args = 1.., value_parser = requirement)]
    pip: Vec<String>,
    /// The YAML file to declare it in, listed under `include` in services.yaml; created if missing
    /// [default: services.yaml]
    #[arg(long, value_name = "PATH")]
    into: Option<String>,
    /// Show what would change and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// What a service is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum RoleName {
    /// It listens on a port
    Web,
    /// It runs until it is stopped
    Worker,
    /// It runs once and exits
    Job,
}

impl RoleName {
    fn decl(self) -> RoleDecl {
        match self {
            Self::Web => RoleDecl::Web,
            Self::Worker => RoleDecl::Worker,
            Self::Job => RoleDecl::Job,
        }
    }
}

fn package(text: &str) -> Result<String, String> {
    AptPackage::parse(text)
        .map(|_| text.to_owned())
        .map_err(|invalid| invalid.to_string())
}

fn requirement(text: &str) -> Result<String, String> {
    Requirement::parse(text)
        .map(|_| text.to_owned())
        .map_err(|invalid| invalid.to_string())
}

/// Nobody else waits while a person thinks: questions are asked first, then the declaration is read
/// again and kept.
pub(in crate::cli) fn run(args: &NewArgs) -> Answered {
    let decl = args.fleet.project()?.declared()?.decl.unwrap_or_default();
    let wanted = wanted(args, &decl);
    let project = args.fleet.project_to_edit(args.dry_run)?;
    let before = project.load()?;
    let file = target(args, &before.file, &decl).map_err(|reason| failed(&reason))?;
    let made = match scaffold(&project.workspace, &before, &file, wanted) {
        Ok(made) => made,
        Err(_) if before.has_errors() => return Ok(declaration_errors(&project, &before)),
        Err(NewError::After(loaded)) => return Ok(refused_service(&loaded)),
        Err(error) => return Err(failed(&error.to_string())),
    };
    if has_errors_of_its_own(&before, &decl) {
        return Ok(declaration_errors(&project, &before));
    }
    if made.loaded.has_errors_beside(&[&code::MISSING_LOCK]) {
        return Ok(refused_service(&made.loaded));
    }
    let scope = Scope::default();
    let ask = Ask::undated(&scope, Missing::Rendered);
    let checked = check(&project.workspace, &made.loaded, &ask)?;
    let mut plan = plan(checked.report(), &checked.consent());
    let addition = Addition {
        before: &before,
        checked: &checked,
        name: &made.name,
        declaration: (&made.file, &made.text),
        source: &made.source,
        files: &made.files,
    };
    if let Some(taken) = addition.taken(&project.workspace, &plan)? {
        return Err(failed(&format!(
            "{taken} already exists; move it, or declare the service by hand"
        )));
    }
    addition.leave_what_differed_before(&mut plan)?;
    let applied = if args.dry_run {
        apply(&project.workspace, &checked, &plan, None)?
    } else {
        match addition.write(&project.workspace, &plan) {
            Ok(applied) => applied,
            Err(undone) => return Err(failed(&told(&undone))),
        }
    };
    // What differed before and is left is told, but the service is all that was asked for.
    let is_done = args.dry_run || only_kept_differ(&plan, &applied);
    let outcome = Outcome::of(plan, &[], args.dry_run);
    let tracer = made.loaded.tracer();
    let findings = Findings {
        report: &applied.after,
        tracer: tracer.as_deref(),
        ..Findings::of(project.option(), &checked)
    };
    let texts = (
        before.sources.text(&file).unwrap_or_default(),
        made.text.as_str(),
    );
    let page = new_text(&findings, texts, &made, &outcome);
    Ok(Answer::quoting(page, ExitStatus::of_findings(!is_done)).news())
}

fn told(undone: &Undone) -> String {
    let rest = if undone.left.is_empty() {
        "nothing was written".to_owned()
    } else {
        undone.left.join("; ")
    };
    format!("{}; {rest}", undone.reason)
}

/// Whether an error stands that a new service does not fix: not that there is none, nor that the
/// file for it is missing.
fn has_errors_of_its_own(before: &Loaded, decl: &FleetDecl) -> bool {
    let mut services = decl.services.iter();
    if services.any(|services| !services.is_empty()) {
        return before.has_errors_beside(&[&code::MISSING_LOCK]);
    }
    let fixed = [
        &code::MISSING_LOCK,
        &code::NO_SERVICES,
        &code::INCLUDE_WITHOUT_MATCH,
    ];
    before.has_errors_beside(&fixed)
}

/// The service as typed; on a terminal, what is missing is asked for.
fn wanted(args: &NewArgs, decl: &FleetDecl) -> NewService {
    let kinds: Vec<String> = decl.kinds.keys().cloned().collect();
    let only = match kinds.as_slice() {
        [only] => Some(only.clone()),
        _ => None,
    };
    let name = args
        .name
        .clone()
        .or_else(|| prompt::ask(&page!("name of the service")));
    let ask_kind = || {
        name.as_ref()
            .and_then(|_| prompt::ask_for(&page!("kind"), &kinds))
    };
    let kind = args.kind.clone().or(only).or_else(ask_kind);
    NewService {
        name: name.unwrap_or_default(),
        kind,
        role: args.role.map(RoleName::decl),
        source: args.source.clone(),
        target: None,
        app: args.app.clone(),
        cmd: args.cmd.clone(),
        apt: args.apt.clone(),
        pip: args.pip.clone(),
        port: args.port,
    }
}

/// The file to declare the service in: services.yaml, or one that its patterns mean.
fn target(args: &NewArgs, name: &str, decl: &FleetDecl) -> Result<String, String> {
    let Some(into) = &args.into else {
        return Ok(name.to_owned());
    };
    let file = into.strip_prefix("./").unwrap_or(into);
    if file == name || patterns(decl).iter().any(|pattern| pattern.matches(file)) {
        return Ok(file.to_owned());
    }
    let written: Vec<&str> = decl.include.iter().map(|pattern| &**pattern).collect();
    let known = if written.is_empty() {
        "it has no `include`".to_owned()
    } else {
        format!("it includes {}", written.join(", "))
    };
    Err(format!(
        "{name} does not include {file}; {known}; paths are relative to the folder of {name}"
    ))
}
