//! Markdown for job summaries and comments on pull requests.
//!
//! What is not ours stands in code spans and fenced blocks alone, where `CommonMark` reads nothing:
//! no HTML, links, images or mentions. A span or fence is longer than every run of backticks in
//! what it holds, so nothing closes it early.

use std::collections::{BTreeMap, BTreeSet};

use super::alike::{Alike, alike};
use super::behind::behind;
use super::changes::places;
use super::finding::diagnostics;
use super::kinds::{label, reason, withheld_note};
use super::meaning::meaning_line;
use super::plan::plan_mermaid;
use super::remedy::remedies;
use super::text::headline;
use super::{Bytes, Findings, Page, add, counted, page};
use crate::drift::{Drift, DriftKind, group_changes};
use crate::fleet::owners::Owners;
use crate::fleet::{Fleet, ImageId};
use crate::images::affected::with_dependents;
use crate::images::{Because, Graph, Plan, PlannedImage};
use crate::project::Waived;

/// The longest page, in bytes: GitHub takes comments of 65,536 characters.
const LIMIT: usize = 60_000;
/// What changes and errors may take of it together.
const DETAILS: usize = 40_000;
/// What the graph may take.
const GRAPH: usize = 8_000;
/// How many files of a kind are named.
const NAMED: usize = 20;
/// How many changes are shown, and images named.
const SHOWN: usize = 40;
/// How long a name in a list may be.
const NAME_BYTES: usize = 300;

/// What `check --format markdown` prints.
#[must_use]
pub(crate) fn markdown(findings: &Findings<'_>) -> Page {
    let report = findings.report;
    let errors = findings.diagnostics.iter().filter(|found| found.is_error());
    let errors = errors.count();
    let is_clean = errors == 0 && report.is_clean();
    let mut page = title(findings, errors);
    if errors > 0 {
        let text = cut(&error_lines(findings), DETAILS / 2, "errors");
        page.push(&folded("Errors", &fenced("text", &text)));
    }
    page.push(&waived(findings.waived));
    if findings.fleet.is_some() && !report.is_clean() {
        page.push(&kinds(&report.drifts));
        page.push(&commands(findings));
        page.push(&changes(findings));
        page.push(&rebuilt(findings));
    }
    if !is_clean && page.as_str().len() > LIMIT {
        // Only names of many kilobytes each lead here.
        page = title(findings, errors);
        add!(page, "The report is too long for a summary; run ");
        page.push(&code(&findings.command("check")));
        add!(page, "\n");
    }
    page
}

fn title(findings: &Findings<'_>, errors: usize) -> Page {
    let report = findings.report;
    let mut page = page!("### dockwright: ");
    let file = findings.fleet.map(|fleet| fleet.file.as_str());
    if errors > 0 {
        add!(page, "{}", counted(errors, "error", "errors"));
    }
    match (errors, file) {
        (0, _) => {}
        (_, Some(_)) => add!(page, ", "),
        (_, None) => add!(page, "\n\n"),
    }
    match file {
        Some(_) if report.is_clean() => {
            let files = counted(report.compared, "file", "files");
            add!(page, "{} up to date\n\n", files);
        }
        // The name of services.yaml has a grammar without Markdown.
        Some(file) => add!(page, "{}\n\n", headline(report, file)),
        None => {}
    }
    page
}

/// A line an error.
fn error_lines(findings: &Findings<'_>) -> Page {
    let lines = diagnostics(findings)
        .filter(|found| found.level == "error")
        .map(|found| {
            page!(
                "{}:{}:{}: error[{}]: {}\n",
                found.path,
                found.line,
                found.column,
                found.code,
                found.message
            )
        });
    Page::joined(lines, "")
}

/// A list item for each kind, with its files.
fn kinds(drifts: &[Drift]) -> Page {
    let mut kinds: BTreeMap<&DriftKind, Vec<&Drift>> = BTreeMap::new();
    for drift in drifts {
        kinds.entry(&drift.kind).or_default().push(drift);
    }
    let mut page = Page::default();
    for (kind, drifts) in kinds {
        add!(page, "- **{}**: ", label(kind));
        page.push(&Page::fixed(reason(kind)));
        add!(page, "\n");
        for drift in drifts.iter().take(NAMED) {
            let note = withheld_note(drift).map(|note| page!(", {}", note));
            add!(
                page,
                "  - {}{}\n",
                code(drift.path.as_str()),
                note.unwrap_or_default()
            );
        }
        if drifts.len() > NAMED {
            add!(page, "  - {} more\n", drifts.len() - NAMED);
        }
    }
    page
}

/// A list item a file that a waiver allows.
fn waived(waived: &[Waived]) -> Page {
    let mut page = Page::default();
    for one in waived.iter().take(NAMED) {
        let place = format!("{}:{}", one.drift.path, one.line);
        let (label, until) = (label(&one.drift.kind), one.until.as_str());
        add!(page, "- **waived** until {}: {}, ", until, code(&place));
        page.push(&Page::fixed(label));
        add!(page, ", {}\n", code(&one.reason));
    }
    if waived.len() > NAMED {
        add!(page, "- {} more waived\n", waived.len() - NAMED);
    }
    if !waived.is_empty() {
        add!(page, "\n");
    }
    page
}

fn commands(findings: &Findings<'_>) -> Page {
    let lines = remedies(findings).commands.into_iter().map(|remedy| {
        let comment = page!("# {}\n", remedy.effect);
        page!("{}{}\n", comment, Page::command_line(&remedy.command))
    });
    let text = cut(&Page::joined(lines, ""), DETAILS / 8, "commands");
    if text.is_empty() {
        return text;
    }
    page!("\nTo fix:\n\n{}", fenced("sh", &text))
}

/// The changes, equal ones once; where they are too long, each one gives up as much.
fn changes(findings: &Findings<'_>) -> Page {
    let grouped = group_changes(&findings.report.drifts);
    let changes = alike(findings.fleet, &grouped.groups);
    if changes.is_empty() {
        return Page::default();
    }
    let mut told = BTreeSet::new();
    let shown: Vec<Page> = changes
        .iter()
        .take(SHOWN)
        .map(|alike| {
            let path = alike.places.first().map(|place| place.path.as_str());
            let meaning = path
                .filter(|path| told.insert(*path))
                .map_or_else(Page::default, |path| meaning_line(findings, path));
            hunk(findings, alike, &meaning)
        })
        .collect();
    let sizes: Vec<usize> = shown.iter().map(|text| text.as_str().len()).collect();
    let share = share(&sizes, DETAILS);
    let mut page = Page::default();
    for text in &shown {
        page.push(&fenced("diff", &cut(text, share, "lines")));
        add!(page, "\n");
    }
    if changes.len() > SHOWN {
        add!(
            page,
            "{} more changes are not shown.\n\n",
            changes.len() - SHOWN
        );
    }
    let title = counted(changes.len(), "change", "changes");
    folded_as(&page!("{} (- on disk, + expected)", title), &page)
}

fn hunk(findings: &Findings<'_>, alike: &Alike<'_>, meaning: &Page) -> Page {
    let group = alike.first;
    let mut page = Page::default();
    for line in places(alike).as_str().lines() {
        add!(page, "@@ {}\n", line.trim_start());
    }
    if !meaning.is_empty() {
        add!(page, "# {}\n", meaning);
    }
    for line in behind(findings, group) {
        add!(page, "# {}\n", line);
    }
    let (before, after) = &group.context;
    let sides = [
        (before, ' '),
        (&group.removed, '-'),
        (&group.added, '+'),
        (after, ' '),
    ];
    for (line, sign) in sides
        .into_iter()
        .flat_map(|(lines, sign)| lines.iter().map(move |line| (line, sign)))
    {
        add!(page, "{}{}\n", sign, Bytes(line.trim_ascii_end()));
    }
    page
}

/// The images that a build would not find in a cache, and how they build on each other.
fn rebuilt(findings: &Findings<'_>) -> Page {
    let Some(fleet) = findings.fleet else {
        return Page::default();
    };
    let plan = plan_of(fleet, &findings.report.drifts);
    if plan.images.is_empty() {
        return Page::default();
    }
    let names = plan.images.iter().take(SHOWN);
    let names = names.map(|planned| code(fleet.image(planned.id).name.as_str()));
    let mut page = Page::joined(names, ", ");
    if plan.images.len() > SHOWN {
        add!(page, " and {} more", plan.images.len() - SHOWN);
    }
    add!(page, "\n\n");
    let graph = plan_mermaid(fleet, &plan);
    if graph.as_str().len() <= GRAPH {
        page.push(&fenced("mermaid", &graph));
    }
    let count = counted(plan.images.len(), "image", "images");
    folded_as(&page!("{} to build again", count), &page)
}

/// The images whose files differ, and those that build on them.
fn plan_of(fleet: &Fleet, drifts: &[Drift]) -> Plan {
    let owners = Owners::new(fleet);
    let graph = Graph::of(fleet, &vec![Vec::new(); fleet.images.len()]);
    let mut reasons: Vec<Option<Because>> = vec![None; fleet.images.len()];
    let differing = drifts.iter().filter(|drift| drift.expected.is_some());
    for id in differing.filter_map(|drift| owners.of(drift.path.as_str())) {
        reasons[id] = Some(Because::Asked);
    }
    with_dependents(&graph, &mut reasons);
    let planned = |(id, because): (ImageId, Option<Because>)| {
        Some(PlannedImage {
            id,
            because: because?,
        })
    };
    let images = fleet.ids().zip(reasons).filter_map(planned);
    Plan {
        images: images.collect(),
        graph,
    }
}

/// The most that each of several texts may have, so that all of them have at most `limit`: short
/// ones stay whole, and the long ones share what is left.
fn share(sizes: &[usize], limit: usize) -> usize {
    let mut sorted = sizes.to_vec();
    sorted.sort_unstable();
    let mut left = limit;
    for (position, size) in sorted.iter().enumerate() {
        let each = left / (sorted.len() - position);
        if *size > each {
            return each;
        }
        left -= size;
    }
    limit
}

/// The first whole lines of a text, with how many are left out.
fn cut(text: &Page, limit: usize, what: &'static str) -> Page {
    if text.as_str().len() <= limit {
        return text.clone();
    }
    let (mut page, left) = text.first_lines(limit.saturating_sub(40));
    add!(page, "… {} more {}\n", left, what);
    page
}

/// A word in a code span.
fn code(word: &str) -> Page {
    let end = (0..=NAME_BYTES.min(word.len())).rev();
    let end = end.into_iter().find(|end| word.is_char_boundary(*end));
    let shown = word.get(..end.unwrap_or_default()).unwrap_or_default();
    let more = if shown.len() < word.len() { "…" } else { "" };
    let ticks = "`".repeat(longest_run(word) + 1);
    // CommonMark takes one space off at each end, so that a word may begin with a backtick.
    let space = if word.contains('`') { " " } else { "" };
    page!("{}{}{}{}{}{}", ticks, space, shown, more, space, ticks)
}

/// The same in a cell of a table, which a bar would end (GFM, "Tables").
pub(super) fn cell(word: &str) -> Page {
    let line = word.replace('|', "\\|");
    if line.is_empty() {
        return Page::default();
    }
    code(&line)
}

/// A text in a fenced block.
fn fenced(language: &'static str, text: &Page) -> Page {
    let fence = "`".repeat((longest_run(text.as_str()) + 1).max(3));
    page!("{}{}\n{}{}\n", fence, language, text, fence)
}

/// How many backticks follow each other at most.
fn longest_run(text: &str) -> usize {
    let runs = text.split(|character| character != '`').map(str::len);
    runs.max().unwrap_or_default()
}

fn folded(title: &'static str, content: &Page) -> Page {
    folded_as(&Page::fixed(title), content)
}

/// Content that a reader opens; `title` is text of ours.
fn folded_as(title: &Page, content: &Page) -> Page {
    page!(
        "\n<details>\n<summary>{}</summary>\n\n{}\n</details>\n",
        title,
        content
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_texts_stay_whole_and_long_ones_share_the_rest() {
        assert_eq!(share(&[10, 20, 30], 100), 100);
        assert_eq!(share(&[10, 500, 500], 110), 50);
        assert_eq!(share(&[500, 500], 100), 50);
        assert_eq!(share(&[], 100), 100);
    }

    #[test]
    fn nothing_closes_a_span_or_a_fence() {
        assert_eq!(code("a/b").as_str(), "`a/b`");
        assert_eq!(code("`a``b`").as_str(), "``` `a``b` ```");
        let text = page!("  ````\n");
        assert_eq!(fenced("sh", &text).as_str(), "`````sh\n  ````\n`````\n");
    }

    #[test]
    fn a_text_that_is_cut_says_how_much_is_left_out() {
        let text = page!("one\n{}\nthree\n", "x".repeat(60));
        assert_eq!(cut(&text, 60, "lines").as_str(), "one\n… 2 more lines\n");
    }
}
