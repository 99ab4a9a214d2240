//! What changed in files, equal changes once.

use std::collections::{BTreeMap, BTreeSet};

use super::alike::{Alike, alike};
use super::behind::behind;
use super::meaning::meaning_lines;
use super::style::{BOLD, DIM, GREEN, RED, paint};
use super::{Bytes, Findings, Page, add, counted, page};
use crate::artifact::ArtifactPath;
use crate::drift::{Changes, Lines, group_changes};

/// How many lines of one side of a change are shown.
const SHOWN_LINES: usize = 30;
/// How many changes are shown.
const SHOWN_CHANGES: usize = 60;
/// How many files of one kind or one change are named.
const NAMED_FILES: usize = 20;

/// The changes, equal ones once.
pub(super) fn change_list(findings: &Findings<'_>) -> Page {
    let Changes {
        groups, unshown, ..
    } = group_changes(&findings.report.drifts);
    let too_large = unshown_list(&unshown);
    if groups.is_empty() {
        return too_large;
    }
    let changes = alike(findings.fleet, &groups);
    let legend = page!(
        "({} on disk, {} expected)",
        paint(RED, "-"),
        paint(GREEN, "+")
    );
    let mut page = page!(
        "\n{} {}\n",
        counted(changes.len(), "change", "changes"),
        legend
    );
    let mut told = BTreeSet::new();
    for (number, alike) in changes.iter().take(SHOWN_CHANGES).enumerate() {
        let path = alike.places.first().map(|place| place.path.as_str());
        // A file's changes mean something together, so that is said with the first of them.
        let meaning = path
            .filter(|path| told.insert(*path))
            .map_or_else(Vec::new, |path| meaning_lines(findings, path));
        page.push(&change(findings, (number + 1, &meaning), alike));
    }
    if changes.len() > SHOWN_CHANGES {
        let whole = Page::command_line(&findings.command("check --format patch"));
        add!(
            page,
            "\n… {} more changes; {} shows all\n",
            changes.len() - SHOWN_CHANGES,
            whole
        );
    }
    page.push(&too_large);
    page
}

/// The files that differ in too much to be shown.
fn unshown_list(unshown: &BTreeMap<ArtifactPath, usize>) -> Page {
    let mut page = Page::default();
    if !unshown.is_empty() {
        add!(page, "\n");
    }
    for (path, bytes) in unshown.iter().take(NAMED_FILES) {
        add!(page, "{}: differs, {} bytes, not shown\n", path, bytes);
    }
    if unshown.len() > NAMED_FILES {
        add!(
            page,
            "… {} more files differ, not shown\n",
            unshown.len() - NAMED_FILES
        );
    }
    page
}

fn change(findings: &Findings<'_>, (number, meaning): (usize, &[Page]), alike: &Alike<'_>) -> Page {
    let group = alike.first;
    let mut page = page!(
        "\n{} {}\n",
        paint(BOLD, &page!("{}.", number)),
        places(alike)
    );
    for line in meaning {
        page.push(&page!("   {}\n", line).prose());
    }
    for line in behind(findings, group) {
        add!(page, "   {}\n", paint(DIM, &line));
    }
    let (before, after) = &group.context;
    for line in before.iter().skip_while(|line| is_blank(line)) {
        page.push(&shown(line, ' ', None));
    }
    page.push(&side(&group.removed, '-', RED));
    page.push(&side(&group.added, '+', GREEN));
    let visible = after
        .iter()
        .enumerate()
        .filter(|(_, line)| !is_blank(line))
        .last()
        .map_or(0, |(last, _)| last + 1);
    for line in after.iter().take(visible) {
        page.push(&shown(line, ' ', None));
    }
    page
}

/// The file and line of a change, or the files.
pub(super) fn places(alike: &Alike<'_>) -> Page {
    let Some(first) = alike.places.first() else {
        return Page::default();
    };
    let place = page!("{}:{}", first.path, first.old_line + 1);
    if alike.places.len() == 1 {
        return place;
    }
    let but = if alike.has_names {
        "except for the name "
    } else {
        ""
    };
    let mut page = page!("the same {}in {} places:", but, alike.places.len());
    for place in alike.places.iter().take(NAMED_FILES) {
        add!(page, "\n     {}:{}", place.path, place.old_line + 1);
    }
    if alike.places.len() > NAMED_FILES {
        add!(page, "\n     … {} more", alike.places.len() - NAMED_FILES);
    }
    page
}

fn side(lines: &Lines, sign: char, style: anstyle::Style) -> Page {
    let mut page = Page::joined(
        lines
            .iter()
            .take(SHOWN_LINES)
            .map(|line| shown(line, sign, Some(style))),
        "",
    );
    if lines.len() > SHOWN_LINES {
        add!(
            page,
            "   {} … {} more lines\n",
            sign,
            lines.len() - SHOWN_LINES
        );
    }
    page
}

fn is_blank(line: &[u8]) -> bool {
    line.trim_ascii().is_empty()
}

fn shown(line: &[u8], sign: char, style: Option<anstyle::Style>) -> Page {
    let content = line.strip_suffix(b"\n").unwrap_or(line);
    let end = if line.ends_with(b"\n") {
        ""
    } else {
        " (no line end)"
    };
    let text = page!("   {} {}{}", sign, Bytes(content), end).trimmed();
    page!(
        "{}\n",
        style.map_or_else(|| text.clone(), |style| paint(style, &text))
    )
}
