//! `dockwright diff`: what two Dockerfiles mean, compared.

use std::collections::{BTreeMap, BTreeSet};

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use crate::cli::answer::{Answer, Answered, failed};
use crate::cli::arguments::{TextOrJson, denied_by_policy};
use crate::cli::failure::Failure;
use crate::dockerfile::ignore::{Ignore, clean};
use crate::dockerfile::judge::{Likeness, judge};
use crate::dockerfile::meaning::{Build, Meaning, context_of, ignore_text, meaning};
use crate::exit::ExitStatus;
use crate::project::DiskTree;
use crate::report::{DiffSide, DiffView, diff_json, diff_text};

/// What `diff` takes.
#[derive(Debug, clap::Args)]
pub(in crate::cli) struct DiffArgs {
    /// The old Dockerfile
    before: Utf8PathBuf,
    /// The new Dockerfile
    after: Utf8PathBuf,
    /// The build context; give it twice for different contexts [default: the folder that contains
    /// the copied files]
    #[arg(long, value_name = "DIR")]
    context: Vec<Utf8PathBuf>,
    /// The stage to build; give it twice for different stages
    #[arg(long, value_name = "STAGE")]
    target: Vec<String>,
    /// A build argument for both
    #[arg(long, value_name = "NAME=VALUE", value_parser = build_argument)]
    build_arg: Vec<(String, String)>,
    /// Report what this rule calls harmless as different, as `policy.rules` in services.yaml can
    #[arg(long, value_name = "RULE", value_parser = rule_name)]
    deny: Vec<String>,
    /// The output format
    #[arg(long, value_enum, default_value_t = TextOrJson::Text)]
    format: TextOrJson,
}

fn build_argument(text: &str) -> Result<(String, String), String> {
    let pair = text.split_once('=').filter(|(name, _)| !name.is_empty());
    let (name, value) = pair.ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}

fn rule_name(text: &str) -> Result<String, String> {
    use crate::dockerfile::judge::{HARMLESS_RULES, find_rule};
    if find_rule(text).is_some() {
        return Ok(text.to_owned());
    }
    let names: Vec<&str> = HARMLESS_RULES.iter().map(|rule| rule.id).collect();
    Err(format!("expected one of {}", names.join(", ")))
}

pub(in crate::cli) fn run(args: &DiffArgs) -> Answered {
    let before = side(args, &args.before, 0)?;
    let after = side(args, &args.after, 1)?;
    let mut denied: BTreeSet<String> = args.deny.iter().cloned().collect();
    denied.extend(denied_by_policy()?);
    let differences = judge(&before.meaning, &after.meaning, &denied);
    let view = DiffView {
        sides: [before.view(), after.view()],
        differences: &differences,
    };
    let status = match Likeness::of(&differences) {
        Likeness::Different => ExitStatus::Findings,
        Likeness::Same | Likeness::Harmless => ExitStatus::Clean,
    };
    Ok(match args.format {
        TextOrJson::Text => Answer::quoting(diff_text(&view), status),
        TextOrJson::Json => Answer::page(diff_json(&view), status),
    })
}

/// One of two Dockerfiles, read.
struct Side {
    path: String,
    context: String,
    meaning: Meaning,
}

impl Side {
    fn view(&self) -> DiffSide<'_> {
        DiffSide {
            path: &self.path,
            context: &self.context,
            missing: &self.meaning.missing,
        }
    }
}

/// One that was given once counts for both, one that was given twice for each.
fn nth<T>(given: &[T], position: usize) -> Option<&T> {
    given.get(position).or_else(|| given.first())
}

fn side(args: &DiffArgs, path: &Utf8Path, position: usize) -> Result<Side, Failure> {
    let (root, below) = rooted(path);
    let tree = DiskTree::open(&root)?;
    let text = tree.named(&below)?;
    let context = match nth(&args.context, position) {
        Some(context) => clean(context.as_str()),
        None => context_of(&tree, &below, &text),
    };
    let ignore = Ignore::parse(&ignore_text(&tree, &below, &context));
    let arguments: BTreeMap<String, String> = args.build_arg.iter().cloned().collect();
    let build = Build {
        text: &text,
        context: &context,
        ignore: &ignore,
        target: nth(&args.target, position).map(String::as_str),
        arguments: &arguments,
        tree: &tree,
    };
    let meaning = meaning(&build)
        .map_err(|unread| failed(&format!("{path} is not a Dockerfile: {unread}")))?;
    Ok(Side {
        path: path.to_string(),
        context,
        meaning,
    })
}

/// The folder that a Dockerfile's paths count from, and its own path below it: the current folder,
/// or the Dockerfile's own where it lies elsewhere.
fn rooted(path: &Utf8Path) -> (Utf8PathBuf, String) {
    let is_plain =
        |part: Utf8Component<'_>| matches!(part, Utf8Component::Normal(_) | Utf8Component::CurDir);
    if path.components().all(is_plain) {
        return (Utf8PathBuf::new(), clean(path.as_str()));
    }
    let folder = path
        .parent()
        .map_or_else(Utf8PathBuf::new, Utf8Path::to_owned);
    (folder, path.file_name().unwrap_or_default().to_owned())
}
