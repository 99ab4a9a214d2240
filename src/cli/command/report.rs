//! `dockwright report`: the whole fleet as one page for a browser.

use camino::Utf8PathBuf;

use crate::cli::answer::{Answer, Answered, failed};
use crate::cli::arguments::FleetArgs;
use crate::cli::failure::Failure;
use crate::cli::refuse::declaration_errors;
use crate::exit::ExitStatus;
use crate::images::Scope;
use crate::project::{Ask, Missing, Project, check, dockerfiles, read_ledger};
use crate::report::html::{FleetReport, fleet_page, is_report, repository};
use crate::report::{Findings, page};
use crate::workspace::{absolute_spellings, read_named, write_named};

/// The longest report of another repository that is read, in bytes.
const REPORT_BYTES: u64 = 256 << 20;

/// What `report` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ReportArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    /// Reports of repositories, written with -o NAME.json; without one, this fleet is reported
    reports: Vec<Utf8PathBuf>,
    /// The page to write; a name that ends in .json gets the data alone
    #[arg(short, long, value_name = "PATH")]
    output: Utf8PathBuf,
    /// The sizes of the images, from `dockwright sizes --format json`
    #[arg(long, value_name = "SIZES.json", conflicts_with = "reports")]
    sizes: Option<Utf8PathBuf>,
    /// What the fleet is called [default: the name of its folder]
    #[arg(long, conflicts_with = "reports")]
    name: Option<String>,
}

pub(in crate::cli) fn run(args: &ReportArgs) -> Answered {
    let report = if args.reports.is_empty() {
        let project = args.fleet.project()?;
        match own(args, &project)? {
            Ok(report) => report,
            Err(refused) => return Ok(refused),
        }
    } else {
        joined(args)?
    };
    let text = if args.output.extension() == Some("json") {
        report.json()
    } else {
        fleet_page(&report)
    };
    write_named(&args.output, text.as_bytes(), is_report)?;
    Ok(Answer::page(
        page!("wrote {}\n", args.output),
        ExitStatus::Clean,
    ))
}

/// The report of this fleet; where its declaration has errors, what they are.
fn own(args: &ReportArgs, project: &Project) -> Result<Result<FleetReport, Answer>, Failure> {
    let loaded = project.load()?;
    let Some(fleet) = loaded.fleet() else {
        return Ok(Err(declaration_errors(project, &loaded)));
    };
    let sizes = args
        .sizes
        .as_ref()
        .map(|path| read_ledger(path))
        .transpose()?;
    let scope = Scope::default();
    let ask = Ask::undated(&scope, Missing::Named);
    let checked = check(&project.workspace, &loaded, &ask)?;
    let tracer = checked.tracer();
    let findings = Findings {
        tracer: tracer.as_deref(),
        ..Findings::of(project.option(), &checked)
    };
    let name = args
        .name
        .clone()
        .unwrap_or_else(|| folder_name(&args.fleet));
    let dockerfiles = dockerfiles(&loaded, fleet)?;
    let own = repository(&name, fleet, &findings, &dockerfiles, sizes);
    Ok(Ok(FleetReport::of(vec![own])))
}

fn folder_name(fleet: &FleetArgs) -> String {
    let spelled = absolute_spellings(&fleet.folder());
    let mut folders = spelled.iter().filter_map(|path| path.rsplit('/').next());
    let name = folders.rfind(|name| !name.is_empty());
    name.unwrap_or("fleet").to_owned()
}

/// The reports of several repositories as one.
fn joined(args: &ReportArgs) -> Result<FleetReport, Failure> {
    let mut repositories = Vec::new();
    for path in &args.reports {
        let bytes = read_named(path, REPORT_BYTES)?;
        let report = FleetReport::parse(&bytes);
        let report = report.map_err(|error| failed(&page!("{}: {}", path, error)))?;
        repositories.extend(report.repositories);
    }
    Ok(FleetReport::of(repositories))
}
