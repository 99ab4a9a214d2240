//! The fleet as one page for a browser: a file that needs nothing else.
//!
//! Data and page are kept apart. What is foreign (names, paths, lines of files) is JSON in a data
//! block, in which no character is left that could end it, and the script makes text nodes of it
//! alone. The page's policy lets nothing run but the one script, by its digest, and loads nothing.

mod data;
mod packages;

use base64ct::{Base64, Encoding as _};
use minijinja::{Environment, context};
use sha2::{Digest as _, Sha256};

pub(crate) use data::{FleetReport, repository};

const PAGE: &str = include_str!("page/page.html.j2");
const STYLE: &str = include_str!("page/page.css");
/// One script of all files, in the order in which they need each other.
const SCRIPT: &str = concat!(
    include_str!("page/start.js"),
    include_str!("page/tables.js"),
    include_str!("page/overview.js"),
    include_str!("page/bases.js"),
    include_str!("page/sizes.js"),
    include_str!("page/drift.js"),
    include_str!("page/packages.js"),
    include_str!("page/services.js"),
    include_str!("page/views.js"),
);

/// What the beginning of a page is known by.
const MARK: &[u8] = b"<meta name=\"generator\" content=\"dockwright report\">";
/// In how many bytes from the beginning on the mark stands.
const MARK_BYTES: usize = 400;

/// The page of a report.
#[must_use]
pub(crate) fn fleet_page(report: &FleetReport) -> String {
    let mut environment = Environment::new();
    environment
        .add_template("page.html", PAGE)
        .expect("the template of the page is part of the program");
    let template = environment
        .get_template("page.html")
        .expect("it was just added");
    let values = context! {
        title => title(report),
        style => STYLE,
        script => SCRIPT,
        style_hash => policy_hash(STYLE),
        script_hash => policy_hash(SCRIPT),
        data => inert_json(report),
    };
    template
        .render(values)
        .expect("the template asks for what it is given")
}

fn title(report: &FleetReport) -> String {
    match report.repositories.as_slice() {
        [one] => format!("Fleet {}", one.name),
        several => format!("Fleet of {} repositories", several.len()),
    }
}

/// A text's digest as a content security policy names it (CSP Level 3, "hash-source").
fn policy_hash(text: &str) -> String {
    format!("sha256-{}", Base64::encode_string(&Sha256::digest(text)))
}

/// JSON that can stand in a script element: no character that markup begins with, and no line end
/// of JavaScript's that JSON does not know as one.
fn inert_json(report: &FleetReport) -> String {
    let json = report.json();
    let mut inert = String::with_capacity(json.len());
    for character in json.chars() {
        match character {
            '<' => inert.push_str("\\u003c"),
            '>' => inert.push_str("\\u003e"),
            '&' => inert.push_str("\\u0026"),
            '\u{2028}' => inert.push_str("\\u2028"),
            '\u{2029}' => inert.push_str("\\u2029"),
            other => inert.push(other),
        }
    }
    inert
}

/// Whether a file is a report that an earlier run wrote, so that it may be replaced.
#[must_use]
pub(crate) fn is_report(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(MARK_BYTES)];
    start.windows(MARK.len()).any(|window| window == MARK) || data::is_report_data(start)
}
