//! Diagnostics with the lines they point to.

use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};

use super::inert::inert_lines;
use super::source::Sources;
use crate::diagnostic::{Diagnostic, Severity, Spot};
use crate::render::RenderError;

/// How many lines of the source are shown at most.
const SHOWN_LINES: usize = 4;

/// All diagnostics, each with its snippet.
pub(super) fn diagnostics_text(diagnostics: &[Diagnostic], sources: &Sources) -> String {
    diagnostics.iter().map(|found| diagnostic_text(found, sources) + "\n\n").collect()
}

fn diagnostic_text(found: &Diagnostic, sources: &Sources) -> String {
    let level = match found.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
        Severity::Hint => Level::NOTE.with_name("hint"),
    };
    let (start, end) = sources.range(&found.location);
    let text = sources.text(&found.location.file).unwrap_or_default();
    let excerpt = Excerpt::of(text, start, end);
    let mut group = Group::with_title(level.primary_title(inert_lines(found.message.as_bytes())).id(found.code.id));
    if found.location.spot == Spot::File {
        group = group.element(annotate_snippets::Origin::path(found.location.file.as_str()));
    } else {
        group = group.element(excerpt.snippet(&found.location.file));
    }
    if let Some(help) = &found.help {
        group = group.element(Level::HELP.message(inert_lines(help.as_bytes())));
    }
    render(group)
}

/// A broken template, with the line that broke it.
#[must_use]
pub fn render_error_text(error: &RenderError) -> String {
    let RenderError::Template(fault) = error else {
        let title = Level::ERROR.primary_title(inert_lines(error.to_string().as_bytes())).id("template-error");
        return render(Group::with_title(title));
    };
    let (start, end) = fault.range.unwrap_or_else(|| line_range(&fault.text, fault.line));
    let excerpt = Excerpt::of(&fault.text, start, end);
    let group =
        Group::with_title(Level::ERROR.primary_title(inert_lines(fault.reason.as_bytes())).id("template-error"))
            .element(excerpt.snippet(&fault.name))
            .element(Level::NOTE.message(format!("while rendering {}", inert_lines(fault.rendering.as_bytes()))));
    render(group) + "\n"
}

fn line_range(text: &str, line: usize) -> (usize, usize) {
    let start: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let length = text.get(start..).and_then(|rest| rest.lines().next()).map_or(0, str::len);
    (start, start + length)
}

fn render(group: Group<'_>) -> String {
    let shown = Renderer::styled().decor_style(DecorStyle::Ascii).render(&[group]);
    // The renderer makes control characters visible, but knows nothing of the commands of CI runners.
    shown.replace("##", "#\\#")
}

/// The lines that a range of bytes touches.
struct Excerpt<'a> {
    text: &'a str,
    first_line: usize,
    span: std::ops::Range<usize>,
}

impl<'a> Excerpt<'a> {
    fn of(text: &'a str, start: usize, end: usize) -> Self {
        let start = floor_boundary(text, start);
        let end = floor_boundary(text, end.max(start));
        let first = text.get(..start).and_then(|before| before.rfind('\n')).map_or(0, |newline| newline + 1);
        let rest = text.get(first..).unwrap_or_default();
        let length: usize = rest.split_inclusive('\n').take(SHOWN_LINES).map(str::len).sum();
        let last = rest.get(..length).unwrap_or(rest);
        let stop = last.get(end.saturating_sub(first).min(last.len())..).and_then(|after| after.find('\n'));
        let shown = stop.map_or(last, |newline| last.get(..end.saturating_sub(first) + newline).unwrap_or(last));
        let span_end = (end - first).min(shown.trim_end().len()).max(start - first);
        Self {
            text: shown,
            first_line: text.get(..first).map_or(0, |before| before.matches('\n').count()) + 1,
            span: start - first..span_end,
        }
    }

    fn snippet(&self, file: &'a str) -> Snippet<'a, annotate_snippets::Annotation<'a>> {
        Snippet::source(self.text)
            .line_start(self.first_line)
            .path(file)
            .annotation(AnnotationKind::Primary.span(self.span.clone()))
    }
}

fn floor_boundary(text: &str, offset: usize) -> usize {
    let offset = offset.min(text.len());
    (0..=offset).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_excerpt_holds_the_lines_of_its_span() {
        let excerpt = Excerpt::of("one\ntwo three\nfour\n", 8, 13);
        assert_eq!((excerpt.text, excerpt.first_line, excerpt.span), ("two three", 2, 4..9));
        let end = Excerpt::of("one\ntwo", 7, 99);
        assert_eq!((end.text, end.first_line, end.span), ("two", 2, 3..3));
    }
}
