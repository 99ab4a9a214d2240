//! Diagnostics with the lines they point to.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use indexmap::IndexMap;

use super::inert::inert;
use super::style::{BOLD, paint};
use super::{Findings, Page, add, counted, page};
use crate::diagnostic::{Diagnostic, Severity, Spot};
use crate::project::Sources;
use crate::render::RenderError;
use crate::yaml::line_column;

/// How many lines of the source are shown at most.
const SHOWN_LINES: usize = 4;
/// The longest line of the source, in bytes, that is shown with a mark under the place.
const MARKED_LINE_BYTES: usize = 1000;
/// How many bytes before and after a place are looked at; more than the lines that are marked have.
const LOOKED_AT: usize = (SHOWN_LINES + 1) * MARKED_LINE_BYTES;

/// How many warnings of a rule are shown.
const SHOWN_WARNINGS: usize = 20;

/// The errors.
pub(super) fn errors_text(findings: &Findings<'_>) -> Page {
    let errors = findings.diagnostics.iter().filter(|found| found.is_error());
    Page::joined(
        errors.map(|found| page!("{}\n\n", diagnostic_text(found, findings.sources))),
        "",
    )
}

/// What decides nothing: the first warnings of each rule, and hints where they are asked for; else
/// how many there are.
pub(super) fn advice_text(findings: &Findings<'_>) -> Page {
    let mut page = warnings_text(findings);
    let of_hints = |found: &&Diagnostic| found.severity == Severity::Hint;
    let hints: Vec<&Diagnostic> = findings.diagnostics.iter().filter(of_hints).collect();
    if findings.shows_hints {
        for hint in hints {
            add!(page, "{}\n\n", diagnostic_text(hint, findings.sources));
        }
    } else if !hints.is_empty() {
        let command = paint(
            BOLD,
            &Page::command_line(&findings.command("check --hints")),
        );
        let them = if hints.len() == 1 { "it" } else { "them" };
        add!(
            page,
            "{}; {} shows {}\n",
            counted(hints.len(), "hint", "hints"),
            command,
            them
        );
    }
    page
}

fn warnings_text(findings: &Findings<'_>) -> Page {
    let mut page = Page::default();
    let mut counts: IndexMap<&str, usize> = IndexMap::new();
    for found in findings
        .diagnostics
        .iter()
        .filter(|found| found.severity == Severity::Warning)
    {
        let count = counts.entry(found.code.id).or_default();
        *count += 1;
        if *count <= SHOWN_WARNINGS {
            add!(page, "{}\n\n", diagnostic_text(found, findings.sources));
        }
    }
    let capped: Vec<(&str, usize)> = counts
        .into_iter()
        .filter(|(_, count)| *count > SHOWN_WARNINGS)
        .collect();
    if capped.is_empty() {
        return page;
    }
    for (code, count) in capped {
        let more = counted(count - SHOWN_WARNINGS, "more warning", "more warnings");
        add!(page, "… {} of {}\n", more, code);
    }
    let all = Page::command_line(&findings.command("check --format json"));
    add!(page, "{} lists them all\n\n", paint(BOLD, &all));
    page
}

/// Diagnostics of any severity, each with its snippet.
pub(super) fn diagnostics_text(diagnostics: &[Diagnostic], sources: &Sources) -> Page {
    Page::joined(
        diagnostics
            .iter()
            .map(|found| page!("{}\n\n", diagnostic_text(found, sources))),
        "",
    )
}

fn diagnostic_text(found: &Diagnostic, sources: &Sources) -> Page {
    let level = match found.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Hint => Level::NOTE.with_name("hint"),
    };
    let (start, end) = sources.range(&found.location);
    let shown = sources.shown_text(&found.location.file);
    let position = sources.position(&found.location);
    let excerpt = Excerpt::of(shown.unwrap_or_default(), position.line, start, end);
    let place = |file| {
        Origin::path(file)
            .line(position.line)
            .char_column(position.column)
    };
    let file = inert(found.location.file.as_bytes());
    let mut group = Group::with_title(
        level
            .primary_title(inert(found.message.as_bytes()))
            .id(found.code.id),
    );
    if found.location.spot == Spot::File {
        group = group.element(Origin::path(file.as_str()));
    } else if shown.is_none() {
        group = group.element(place(file.as_str()));
    } else if excerpt.is_inert() {
        group = group.element(excerpt.snippet(&file));
    } else {
        group = group.element(place(file.as_str()));
        group = group.element(Level::NOTE.message(format!("the line is {}", excerpt.escaped())));
    }
    if let Some(help) = &found.help {
        let lines = std::iter::once(inert(help.as_bytes()))
            .chain(found.examples.iter().map(|line| (*line).to_owned()));
        group = group.element(Level::HELP.message(lines.collect::<Vec<_>>().join("\n")));
    }
    render(group)
}

/// A broken template, with the line that broke it.
#[must_use]
pub(crate) fn render_error_text(error: &RenderError) -> Page {
    let RenderError::Template(fault) = error else {
        let title = Level::ERROR
            .primary_title(inert(error.to_string().as_bytes()))
            .id("template-error");
        return render(Group::with_title(title));
    };
    let (start, end) = fault
        .range
        .unwrap_or_else(|| line_range(&fault.text, fault.line));
    let (line, column) = line_column(&fault.text, floor_boundary(&fault.text, start));
    let excerpt = Excerpt::of(&fault.text, line, start, end);
    let name = inert(fault.name.as_bytes());
    let group = Group::with_title(
        Level::ERROR
            .primary_title(inert(fault.reason.as_bytes()))
            .id("template-error"),
    );
    let group = if excerpt.is_inert() {
        group.element(excerpt.snippet(&name))
    } else {
        let line_text = format!("the line is {}", excerpt.escaped());
        group
            .element(Origin::path(name.as_str()).line(line).char_column(column))
            .element(Level::NOTE.message(line_text))
    };
    let rendering = format!("while rendering {}", inert(fault.rendering.as_bytes()));
    page!(
        "{}\n",
        render(group.element(Level::NOTE.message(rendering)))
    )
}

fn line_range(text: &str, line: usize) -> (usize, usize) {
    let start: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    let length = text
        .get(start..)
        .and_then(|rest| rest.lines().next())
        .map_or(0, str::len);
    (start, start + length)
}

/// The one way from the renderer to a page. All that it is given is inert already, in the notation
/// that can be read back.
fn render(group: Group<'_>) -> Page {
    Page::made(
        &Renderer::styled()
            .decor_style(DecorStyle::Ascii)
            .render(&[group]),
    )
    .prose_where(is_prose)
}

/// Whether a line of the renderer is a message, not a place or a line of a file.
fn is_prose(line: &str) -> bool {
    let levels = ["error[", "warning[", "hint[", "= help: ", "= note: "];
    let line = line.trim_start();
    levels.iter().any(|level| line.starts_with(level))
}

/// The lines that a range of bytes touches.
struct Excerpt<'a> {
    text: &'a str,
    first_line: usize,
    /// Whether its first line begins before.
    is_cut: bool,
    span: std::ops::Range<usize>,
}

impl<'a> Excerpt<'a> {
    /// `line` is the one that `start` lies in, from 1.
    fn of(text: &'a str, line: usize, start: usize, end: usize) -> Self {
        let start = floor_boundary(text, start);
        // Of a line that goes on for longer no more than this is looked at: there can be hundreds
        // of findings on it.
        let from = floor_boundary(text, start.saturating_sub(LOOKED_AT));
        let end = floor_boundary(text, end.clamp(start, start.saturating_add(LOOKED_AT)));
        let newline = text.get(from..start).and_then(|before| before.rfind('\n'));
        let first = newline.map_or(from, |newline| from + newline + 1);
        let rest = text
            .get(first..floor_boundary(text, end.saturating_add(LOOKED_AT)))
            .unwrap_or_default();
        let length: usize = rest
            .split_inclusive('\n')
            .take(SHOWN_LINES)
            .map(str::len)
            .sum();
        let last = rest.get(..length).unwrap_or(rest);
        let stop = last
            .get(end.saturating_sub(first).min(last.len())..)
            .and_then(|after| after.find('\n'));
        let shown = stop.map_or(last, |newline| {
            last.get(..end.saturating_sub(first) + newline)
                .unwrap_or(last)
        });
        let span_end = (end - first).min(shown.trim_end().len()).max(start - first);
        let is_cut = newline.is_none() && from > 0;
        Self {
            text: shown,
            first_line: line,
            is_cut,
            span: start - first..span_end,
        }
    }

    /// Whether the lines can be shown as they are: nothing in them is hidden, commands a CI runner
    /// or is longer than anybody reads.
    fn is_inert(&self) -> bool {
        let is_inert =
            |line: &str| line.len() <= MARKED_LINE_BYTES && inert(line.as_bytes()) == line;
        self.text.lines().all(is_inert) && !self.text.contains('\r')
    }

    /// The line that the place is in, with everything hidden made visible, from a little before the
    /// place on.
    fn escaped(&self) -> String {
        const BEFORE: usize = 60;
        let end = self
            .text
            .get(self.span.start..)
            .and_then(|rest| rest.find('\n'));
        let line = end.map_or(self.text, |end| {
            self.text.get(..self.span.start + end).unwrap_or(self.text)
        });
        let start = floor_boundary(line, self.span.start.saturating_sub(BEFORE));
        let start = line
            .get(start..)
            .and_then(|rest| rest.rfind('\n'))
            .map_or(start, |newline| start + newline + 1);
        let shown = inert(line.get(start..).unwrap_or_default().as_bytes());
        if start == 0 && !self.is_cut {
            shown
        } else {
            format!("… {shown}")
        }
    }

    fn snippet<'s>(&'s self, file: &'s str) -> Snippet<'s, annotate_snippets::Annotation<'s>> {
        Snippet::source(self.text)
            .line_start(self.first_line)
            .path(file)
            .annotation(AnnotationKind::Primary.span(self.span.clone()))
    }
}

fn floor_boundary(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    (0..=offset)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_could_fool_a_reader_is_escaped_with_its_true_place() {
        let hidden = "owner: \"a\u{200b}##\u{ad}[error]\"\nx: 1\n";
        let excerpt = Excerpt::of(hidden, 1, 7, 20);
        assert!(!excerpt.is_inert());
        assert_eq!(excerpt.escaped(), "owner: \"a\\u{200b}##\\u{ad}[error]\"");
        let long = format!("a: [{}]\n", "b, ".repeat(100_000));
        let excerpt = Excerpt::of(&long, 1, 200_000, 200_001);
        assert!(
            !excerpt.is_inert() && excerpt.escaped().starts_with("… "),
            "{}",
            excerpt.escaped()
        );
        assert!(excerpt.escaped().len() < 600);
    }

    #[test]
    fn an_excerpt_holds_the_lines_of_its_span() {
        let excerpt = Excerpt::of("one\ntwo three\nfour\n", 2, 8, 13);
        assert_eq!(
            (excerpt.text, excerpt.first_line, excerpt.span),
            ("two three", 2, 4..9)
        );
        let end = Excerpt::of("one\ntwo", 2, 7, 99);
        assert_eq!((end.text, end.first_line, end.span), ("two", 2, 3..3));
    }
}
