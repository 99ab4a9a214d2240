//! Why images have a package: a line an image and way.

use serde::Serialize;

use super::Sources;
use super::inert::inert_lines;
use super::json::print;
use super::list::table;
use crate::fleet::Fleet;
use crate::fleet::provenance::Provenance;

/// What is not told: said with every answer, so that silence is not taken for absence.
const SCOPE: &str = "entries of services.yaml alone: what these packages require in turn is not known without a lock";

/// The ways as a table for people.
#[must_use]
pub fn why_text(fleet: &Fleet, sources: &Sources, package: &str, ways: &[Provenance<'_>]) -> String {
    let package = inert_lines(package.as_bytes());
    if ways.is_empty() {
        return format!("no entry brings `{package}` into these images\n({SCOPE})\n");
    }
    let head = ["IMAGE", "BY", "ENTRY", "DECLARED"].map(str::to_owned);
    let rows = ways.iter().map(|way| {
        let place = sources.place(&fleet.value_at(way.origin));
        [way.image.name.to_string(), by(way), format!("{} {}", way.installer.field(), way.entry), place]
    });
    format!("{}({SCOPE})\n", table(&std::iter::once(head).chain(rows).collect::<Vec<_>>()))
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

#[derive(Serialize)]
struct WhyV1<'a> {
    version: u8,
    command: &'static str,
    package: &'a str,
    /// Whether what packages require in turn is told as well.
    transitive: bool,
    ways: Vec<WayV1<'a>>,
}

#[derive(Serialize)]
struct WayV1<'a> {
    image: &'a str,
    base: Option<&'a str>,
    set: Option<&'a str>,
    field: &'static str,
    entry: &'a str,
    file: String,
    line: usize,
    column: usize,
}

/// The same for programs.
#[must_use]
pub fn why_json(fleet: &Fleet, sources: &Sources, package: &str, ways: &[Provenance<'_>]) -> String {
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
        }
    });
    print(&WhyV1 { version: 1, command: "why", package, transitive: false, ways: ways.collect() })
}
