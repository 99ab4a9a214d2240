//! Annotations for GitHub Actions and what understands its workflow commands.

use super::finding::{Finding, findings as all};
use super::{Findings, Page, page};

/// How many annotations of a level a run shows: GitHub drops the rest without a word.
const SHOWN: usize = 10;

/// One line an annotation; what would be dropped is put into the last one of its level.
#[must_use]
pub fn annotations(findings: &Findings<'_>) -> Page {
    let all = all(findings);
    let of_level = |level| aggregated(all.iter().filter(|found| found.level == level).collect());
    Page::joined(["error", "warning", "hint"].map(of_level), "")
}

fn aggregated(annotations: Vec<&Finding>) -> Page {
    if annotations.len() <= SHOWN {
        return Page::joined(
            annotations
                .into_iter()
                .map(|annotation| line(annotation, &message(annotation))),
            "",
        );
    }
    let (shown, rest) = annotations.split_at(SHOWN - 1);
    let mut page = Page::joined(
        shown
            .iter()
            .map(|annotation| line(annotation, &message(annotation))),
        "",
    );
    if let Some(first) = rest.first() {
        let names = rest.iter().map(|annotation| {
            page!(
                "{}:{}: {}",
                annotation.path,
                annotation.line,
                annotation.message
            )
        });
        page.push(&line(
            first,
            &page!("{} more:\n{}", rest.len(), Page::joined(names, "\n")),
        ));
    }
    page
}

fn message(annotation: &Finding) -> Page {
    page!("{}", annotation.message)
}

fn line(annotation: &Finding, message: &Page) -> Page {
    let properties = [
        ("file", page!("{}", annotation.path)),
        ("line", page!("{}", annotation.line)),
        ("col", page!("{}", annotation.column)),
        ("title", page!("dockwright {}", annotation.code)),
    ];
    let level = match annotation.level {
        "hint" => "notice",
        level => level,
    };
    Page::annotation(level, &properties, message)
}
