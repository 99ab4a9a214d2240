//! From a line of a generated file back to the template line that printed it and the declared
//! values in it.
//!
//! The file is rendered once more with marks in it: each template line starts with a mark that
//! names it, each value with one that leads to where it was declared (`src/render/pen.rs`). Only
//! drifted files pay for this.

use std::borrow::Cow;
use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::rc::Rc;
use std::sync::Arc;

use minijinja::{Environment, Error, Output, State, Value};

use super::environment::{environment, on_deep_stack, printable, render_error};
use super::error::{RenderError, TemplateFault};
use super::job::{Job, jobs};
use super::pen::{CLOSE, OPEN, Pen};
use super::progress::Progress;
use super::renderer::Renderer;
use super::templates::{Source, Templates};
use crate::artifact::ArtifactPath;
use crate::fleet::{Fleet, Origin};

/// How many lines the header of a generated file has.
pub(crate) const HEADER_LINES: usize = 2;

/// What is behind one line of a generated file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct LineTrace {
    /// The template that printed it, as people know it.
    pub(crate) template: String,
    /// The line in the template, from 1.
    pub(crate) line: usize,
    /// Where the values in it were declared.
    pub(crate) values: Vec<Origin>,
}

/// What is behind each line of a generated file; header and blank lines have nothing behind them.
pub(crate) type FileTrace = Rc<[Option<LineTrace>]>;

/// Traces all files of a fleet on demand; a marked template is compiled once.
pub(crate) struct Tracer<'a> {
    fleet: &'a Fleet,
    templates: &'a Templates,
    names: Vec<&'a str>,
    progress: Option<Arc<Progress>>,
    renderer: OnceCell<Renderer<'a>>,
    environment: OnceCell<Environment<'static>>,
    jobs: OnceCell<BTreeMap<ArtifactPath, Job<'a>>>,
    /// The file that was asked for last, and its lines.
    last: RefCell<Option<(ArtifactPath, FileTrace)>>,
}

impl<'a> Tracer<'a> {
    /// Numbers the templates.
    #[must_use]
    pub(crate) fn new(fleet: &'a Fleet, templates: &'a Templates) -> Self {
        let names = templates.iter().map(|(name, _)| name).collect();
        let (renderer, environment, jobs) = (OnceCell::new(), OnceCell::new(), OnceCell::new());
        let last = RefCell::new(None);
        Self {
            fleet,
            templates,
            names,
            progress: None,
            renderer,
            environment,
            jobs,
            last,
        }
    }

    /// The same, telling which template it is at.
    #[must_use]
    pub(crate) fn watched(self, progress: Arc<Progress>) -> Self {
        Self {
            progress: Some(progress),
            ..self
        }
    }

    /// What is behind each line of a generated file, from its first line on; header and blank lines
    /// have nothing behind them.
    ///
    /// # Errors
    /// As rendering does.
    pub(crate) fn lines(&self, path: &ArtifactPath) -> Result<FileTrace, RenderError> {
        // A file with many changes is asked for once for each.
        if let Some((known, lines)) = &*self.last.borrow()
            && known == path
        {
            return Ok(Rc::clone(lines));
        }
        let body = self.body_lines(path)?;
        let header = if body.is_empty() { 0 } else { HEADER_LINES };
        let lines: FileTrace = std::iter::repeat_n(None, header).chain(body).collect();
        *self.last.borrow_mut() = Some((path.clone(), Rc::clone(&lines)));
        Ok(lines)
    }

    /// The same without the header.
    fn body_lines(&self, path: &ArtifactPath) -> Result<Vec<Option<LineTrace>>, RenderError> {
        if self.jobs.get().is_none() {
            let by_path = jobs(self.fleet)?
                .into_iter()
                .map(|job| (job.path.clone(), job))
                .collect();
            self.jobs.get_or_init(|| by_path);
        }
        let Some(job) = self.jobs.get().and_then(|jobs| jobs.get(path)) else {
            return Ok(Vec::new());
        };
        let template = job.template();
        if let Some(progress) = &self.progress {
            progress.set(&template);
        }
        let failed =
            |error: &Error| render_error(self.templates, &template, job.path.as_str(), error);
        if self.environment.get().is_none() {
            let made = self.marked_environment(&failed)?;
            self.environment.get_or_init(|| made);
            let renderer = Renderer::new(self.fleet, self.templates)?;
            self.renderer.get_or_init(|| renderer);
        }
        let (Some(environment), Some(renderer)) = (self.environment.get(), self.renderer.get())
        else {
            return Ok(Vec::new());
        };
        let pen = Pen::marking();
        let context = renderer.context(job, &pen)?;
        let compiled = environment
            .get_template(&template)
            .map_err(|error| failed(&error))?;
        let output = compiled.render(context).map_err(|error| failed(&error))?;
        Ok(output
            .split_terminator('\n')
            .map(|line| self.line(&pen, line))
            .collect())
    }

    /// The templates with their marks: the fleet's own are compiled at once, built-in ones when
    /// they are asked for.
    fn marked_environment(
        &self,
        failed: &dyn Fn(&Error) -> RenderError,
    ) -> Result<Environment<'static>, RenderError> {
        let mut environment = environment(marked_text, self.fleet.images.len())?;
        let mut own = Vec::new();
        let mut built_in = BTreeMap::new();
        for (number, (name, template)) in self.templates.iter().enumerate() {
            match (&template.source, &template.text) {
                (Source::BuiltIn, Cow::Borrowed(text)) => {
                    built_in.insert(name.to_owned(), (number, *text));
                }
                (_, text) => own.push((name.to_owned(), mark_lines(number, text))),
            }
        }
        environment.set_loader(move |name| {
            let found = built_in.get(name);
            Ok(found.map(|(number, text)| mark_lines(*number, text)))
        });
        if !own.is_empty() {
            let added = on_deep_stack(|| {
                let mut own = own.into_iter();
                own.try_for_each(|(name, text)| environment.add_template_owned(name, text))
            })?;
            added.map_err(|error| failed(&error))?;
        }
        Ok(environment)
    }

    fn line(&self, pen: &Pen, marked: &str) -> Option<LineTrace> {
        let mut place = None;
        let mut values = Vec::new();
        for mark in marked
            .split(OPEN)
            .skip(1)
            .filter_map(|rest| rest.split(CLOSE).next())
        {
            match mark.strip_prefix("line:") {
                Some(number) => place = place.or_else(|| self.template_line(number)),
                None => values.extend(pen.origins(mark)),
            }
        }
        values.dedup();
        place.map(|(template, line)| LineTrace {
            template,
            line,
            values,
        })
    }

    fn template_line(&self, mark: &str) -> Option<(String, usize)> {
        let (template, line) = mark.split_once(':')?;
        let name = self.names.get(template.parse::<usize>().ok()?)?;
        Some((self.templates.display_path(name), line.parse().ok()?))
    }
}

/// The same error with the line of the template that printed what is refused, where it is one of
/// a refusal.
#[must_use]
pub(crate) fn located(fleet: &Fleet, templates: &Templates, error: RenderError) -> RenderError {
    let RenderError::Refused {
        template,
        path,
        line,
        reason,
    } = error
    else {
        return error;
    };
    let traced = Tracer::new(fleet, templates)
        .body_lines(&path)
        .unwrap_or_default();
    let printed = traced.into_iter().take(line).flatten().last();
    let (name, line) = printed.map_or_else(
        || (templates.display_path(&template), 0),
        |printed| (printed.template, printed.line),
    );
    let own = templates
        .iter()
        .find(|(known, _)| templates.display_path(known) == name);
    RenderError::Template(Box::new(TemplateFault {
        text: own
            .map(|(_, template)| template.text.to_string())
            .unwrap_or_default(),
        name,
        line,
        range: None,
        reason: format!("the rendered file {reason}"),
        rendering: path.to_string(),
    }))
}

/// Prints values with their marks.
fn marked_text(output: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    printable(value)?.map_or(Ok(()), |text| output.write_str(&text).map_err(Error::from))
}

/// Puts a mark in front of the first printed character of every template line.
///
/// A mark never stands where white space could be trimmed: it comes right before a visible
/// character, and never before a tag that trims to its left.
fn mark_lines(template: usize, text: &str) -> String {
    let mut marked = String::with_capacity(text.len() * 2);
    let mut closing: Option<&str> = None;
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let mut rest = line;
        let mut to_mark = true;
        while let Some(character) = rest.chars().next() {
            if let Some(end) = closing {
                let taken = rest.find(end).map_or(rest.len(), |at| at + end.len());
                closing = (taken == rest.len() && !rest.ends_with(end)).then_some(end);
                marked.push_str(&rest[..taken]);
                rest = &rest[taken..];
                continue;
            }
            let opening = [("{{", "}}"), ("{%", "%}"), ("{#", "#}")]
                .into_iter()
                .find(|(open, _)| rest.starts_with(open));
            let prints = match opening {
                Some(("{{", _)) => !rest.starts_with("{{-"),
                Some(_) => false,
                None => !character.is_whitespace(),
            };
            if prints && to_mark {
                let _ = write!(marked, "{OPEN}line:{template}:{}{CLOSE}", number + 1);
                to_mark = false;
            }
            let taken = opening.map_or(character.len_utf8(), |(open, _)| open.len());
            closing = opening.map(|(_, close)| close);
            marked.push_str(&rest[..taken]);
            rest = &rest[taken..];
        }
    }
    marked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_stand_before_what_is_printed_and_nowhere_else() {
        let marked = mark_lines(
            7,
            "{# note #}\n  RUN {{ x }}\n{% if y %}\n{{ z }}\n{%- endif %}\n",
        );
        let readable = marked.replace(OPEN, "<").replace(CLOSE, ">");
        assert_eq!(
            readable,
            "{# note #}\n  <line:7:2>RUN {{ x }}\n{% if y %}\n<line:7:4>{{ z }}\n{%- endif %}\n"
        );
    }
}
