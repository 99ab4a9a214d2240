//! Why images have a package: a line an image and way.

use schemars::JsonSchema;
use serde::Serialize;

use super::in_json::print;
use super::list::table;
use super::{Page, page};
use crate::fleet::Fleet;
use crate::fleet::provenance::Provenance;
use crate::project::Sources;

/// How many images without a lock are named.
const NAMED: usize = 3;

/// What is not told: said with every answer, so that silence is not taken for absence.
fn scope(fleet: &Fleet, unlocked: &[&str]) -> String {
    if unlocked.is_empty() {
        return "with dependencies from the locks".to_owned();
    }
    if fleet
        .images
        .iter()
        .all(|image| image.locked.lock().is_none())
    {
        return "from services.yaml only: without a lock, the dependencies of these packages are \
                not known"
            .to_owned();
    }
    let first: Vec<&str> = unlocked.iter().take(NAMED).copied().collect();
    let more = match unlocked.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "with dependencies from the locks; {}{more} have no lock, so only their entries count",
        first.join(", ")
    )
}

/// The ways as a table for people; `unlocked` are the images of which only entries are known.
#[must_use]
pub(crate) fn why_text(
    fleet: &Fleet,
    sources: &Sources,
    package: &str,
    ways: &[Provenance<'_>],
    unlocked: &[&str],
) -> Page {
    let scope = scope(fleet, unlocked);
    if ways.is_empty() {
        return page!(
            "no entry installs `{}` in these images\n({})\n",
            package,
            scope
        );
    }
    let row = |way: &Provenance<'_>| {
        let place = sources.place(&fleet.value_at(way.origin));
        [
            way.image.name.to_string(),
            by(way),
            format!("{} {}", way.installer.field(), way.entry),
            place,
        ]
    };
    let head = ["IMAGE", "BY", "ENTRY", "DECLARED"];
    let shown = if ways.iter().all(|way| way.through.is_empty()) {
        let rows = ways.iter().map(row);
        table(
            &std::iter::once(head.map(str::to_owned))
                .chain(rows)
                .collect::<Vec<_>>(),
        )
    } else {
        let [image, by, entry, declared] = head.map(str::to_owned);
        let rows = ways.iter().map(|way| {
            let [image, by, entry, place] = row(way);
            [image, by, entry, place, through(way)]
        });
        let head = [image, by, entry, declared, "LOCKED".to_owned()];
        table(&std::iter::once(head).chain(rows).collect::<Vec<_>>())
    };
    page!("{}({})\n", shown, scope)
}

/// The packages on the way, each with its version.
fn through(way: &Provenance<'_>) -> String {
    let step = |(name, version): &(String, Option<String>)| match version {
        Some(version) => format!("{name} {version}"),
        None => name.clone(),
    };
    way.through.iter().map(step).collect::<Vec<_>>().join(" → ")
}

fn by(way: &Provenance<'_>) -> String {
    let holder = way.base.map(|base| base.name.to_string());
    let set = way.set.map(|set| format!("the set {}", set.name));
    match (holder, set) {
        (None, None) => "itself".to_owned(),
        (Some(base), None) => base,
        (None, Some(set)) => set,
        (Some(base), Some(set)) => format!("{base}, {set}"),
    }
}

#[derive(Serialize, JsonSchema)]
pub(super) struct WhyV1<'a> {
    #[schemars(extend("const" = 1))]
    version: u8,
    #[schemars(extend("const" = "why"))]
    command: &'static str,
    package: &'a str,
    /// Whether packages that other packages require are shown as well.
    transitive: bool,
    /// The images of which only entries are known, since they have no lock.
    unlocked: &'a [&'a str],
    ways: Vec<WayV1<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct WayV1<'a> {
    image: &'a str,
    base: Option<&'a str>,
    set: Option<&'a str>,
    field: &'static str,
    entry: &'a str,
    file: String,
    line: usize,
    column: usize,
    /// From the entry's package to the one in question; empty without a lock.
    through: Vec<StepV1<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct StepV1<'a> {
    package: &'a str,
    locked: Option<&'a str>,
}

/// The same for programs.
#[must_use]
pub(crate) fn why_json(
    fleet: &Fleet,
    sources: &Sources,
    package: &str,
    ways: &[Provenance<'_>],
    unlocked: &[&str],
) -> Page {
    let ways = ways.iter().map(|way| {
        let location = fleet.value_at(way.origin);
        let position = sources.position(&location);
        WayV1 {
            image: way.image.name.as_str(),
            base: way.base.map(|base| base.name.as_str()),
            set: way.set.map(|set| set.name.as_str()),
            field: way.installer.field(),
            entry: way.entry,
            file: location.file,
            line: position.line,
            column: position.column,
            through: way
                .through
                .iter()
                .map(|(package, locked)| StepV1 {
                    package,
                    locked: locked.as_deref(),
                })
                .collect(),
        }
    });
    print(&WhyV1 {
        version: 1,
        command: "why",
        package,
        transitive: unlocked.is_empty(),
        unlocked,
        ways: ways.collect(),
    })
}
