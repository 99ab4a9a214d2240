//! `dockwright explain`: what a diagnostic code means, and what is behind a line of a generated
//! file.

use std::collections::BTreeSet;

use crate::artifact::ArtifactPath;
use crate::cli::answer::{Answer, Answered, failed};
use crate::cli::arguments::FleetArgs;
use crate::cli::complete;
use crate::cli::failure::Failure;
use crate::cli::refuse::declaration_errors;
use crate::diagnostic::did_you_mean;
use crate::drift::{Drift, DriftKind, rendered_lines};
use crate::fleet::owners::Owners;
use crate::images::Scope;
use crate::project::{Ask, Checked, Inputs as _, Missing, Project, check};
use crate::report::explain::{codes_page, codes_text, explain_text};
use crate::report::{LineView, RenderedLine, drift_kind_text, line_text, page};
use crate::rules::{all_codes, find_code};

/// What `explain` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct ExplainArgs {
    #[command(flatten)]
    fleet: FleetArgs,
    /// The code, such as unknown-base, or a line of a generated file, such as
    /// generated/svc-ocr/Dockerfile:30; without one, all codes are listed
    #[arg(value_name = "CODE|FILE:LINE", add = complete::codes())]
    code: Option<String>,
    /// Print the reference page of all codes, as Markdown
    #[arg(long, conflicts_with = "code")]
    all: bool,
}

pub(in crate::cli) fn run(args: &ExplainArgs) -> Answered {
    if args.all {
        return Ok(Answer::clean(codes_page()));
    }
    let Some(id) = &args.code else {
        return Ok(Answer::clean(codes_text()));
    };
    if let Some(code) = find_code(id) {
        return Ok(Answer::clean(explain_text(code)));
    }
    if let Some(text) = drift_kind_text(id) {
        return Ok(Answer::clean(text));
    }
    if let Some((file, line)) = place(id) {
        return explain_line(&args.fleet, file, line);
    }
    let kinds = DriftKind::all().map(|kind| kind.word());
    let known = all_codes().map(|code| code.id).chain(kinds);
    let help = did_you_mean(id, known).map_or_else(
        || "`dockwright explain` lists them".to_owned(),
        |meant| format!("did you mean `{meant}`?"),
    );
    Err(failed(&page!("unknown code `{}`; {}", id, help)))
}

/// A file and a line, where a word has that shape. No code has a colon.
fn place(word: &str) -> Option<(&str, usize)> {
    let (file, line) = word.rsplit_once(':')?;
    let is_number = line.bytes().all(|byte| byte.is_ascii_digit());
    Some((
        file,
        line.parse()
            .ok()
            .filter(|_| is_number && !file.is_empty())?,
    ))
}

fn explain_line(args: &FleetArgs, named: &str, line: usize) -> Answered {
    let project = args.project()?;
    let path = below(args, named)?;
    let loaded = project.load()?;
    let Some(fleet) = loaded.fleet() else {
        return Ok(declaration_errors(&project, &loaded));
    };
    let scope = Scope {
        changed: Some(BTreeSet::from([path.to_string()])),
        ..Scope::default()
    };
    let ask = Ask::undated(&scope, Missing::Rendered);
    let checked = check(&project.workspace, &loaded, &ask)?;
    if checked.declared().binary_search(&path).is_err() {
        return Err(not_generated(&checked, &path));
    }
    let drifts = &checked.report().drifts;
    let drift = drifts.iter().find(|drift| drift.path == path);
    let content = Content::of(&project, drift, &path)?;
    let tracer = loaded.tracer();
    let behind = tracer.as_ref().map(|tracer| tracer.lines(&path));
    let behind = behind.transpose().map_err(|error| failed(&error))?;
    let (numbers, on_disk) = content.lines(drift, line);
    let texts: Vec<&str> = content.rendered.lines().collect();
    if on_disk.is_none() && numbers.start >= texts.len() {
        return Err(failed(&page!("{} has {} lines", path, texts.len())));
    }
    let rendered = numbers.filter_map(|at| {
        Some(RenderedLine {
            text: texts.get(at)?,
            trace: behind.as_ref().and_then(|lines| lines.get(at)?.as_ref()),
        })
    });
    let view = LineView {
        file: path.as_str(),
        line,
        drift: drift.map(|drift| &drift.kind),
        on_disk,
        rendered: rendered.collect(),
        image: Owners::new(fleet)
            .of(path.as_str())
            .map(|id| fleet.image(id)),
        fleet,
        sources: &loaded.sources,
        diagnostics: &checked.diagnostics,
    };
    Ok(Answer::clean(line_text(&view)))
}

/// A file's path below the folder of the declaration; both that and the path from here are taken.
fn below(args: &FleetArgs, named: &str) -> Result<ArtifactPath, Failure> {
    ArtifactPath::parse(&args.inside(named))
        .map_err(|invalid| failed(&page!("{}: {}", named, invalid)))
}

fn not_generated(checked: &Checked<'_>, path: &ArtifactPath) -> Failure {
    let declared = checked.declared().iter().map(ArtifactPath::as_str);
    let help = did_you_mean(path.as_str(), declared).map_or_else(
        || "paths are relative to the folder of services.yaml".to_owned(),
        |meant| format!("did you mean `{meant}`?"),
    );
    let text = page!(
        "{} is not a file that services.yaml declares; {}",
        path,
        help
    );
    failed(&text)
}

/// What a file should hold, and what of it stands on the disk.
struct Content<'a> {
    rendered: String,
    on_disk: Option<&'a [u8]>,
}

impl<'a> Content<'a> {
    /// What is as declared is read from the disk, where it is.
    fn of(
        project: &Project,
        drift: Option<&'a Drift>,
        path: &ArtifactPath,
    ) -> Result<Self, Failure> {
        if let Some(drift) = drift {
            return Ok(Self {
                rendered: drift.expected.clone().unwrap_or_default(),
                on_disk: drift.shown_bytes(),
            });
        }
        let entries = project.workspace.state(std::slice::from_ref(path))?;
        let bytes = entries.into_iter().find_map(|(_, entry)| match entry {
            crate::drift::DiskEntry::File { bytes, .. } => Some(bytes),
            _ => None,
        });
        let text = String::from_utf8(bytes.unwrap_or_default());
        Ok(Self {
            rendered: text.map_err(|_| failed(&page!("{} changed meanwhile", path)))?,
            on_disk: None,
        })
    }

    /// The rendered lines that a line stands for, from 0, and the line on disk where it differs.
    fn lines(
        &self,
        drift: Option<&Drift>,
        line: usize,
    ) -> (std::ops::Range<usize>, Option<&'a [u8]>) {
        let at = line.saturating_sub(1);
        let disk = self
            .on_disk
            .and_then(|bytes| bytes.split(|byte| *byte == b'\n').nth(at));
        match (drift, disk) {
            (Some(drift), Some(text)) => {
                let (numbers, is_changed) = rendered_lines(drift, at);
                (numbers, is_changed.then_some(text))
            }
            _ => (at..at + 1, None),
        }
    }
}
