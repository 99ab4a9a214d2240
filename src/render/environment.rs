//! minijinja, set up so that a template can only print text that is meant to be printed.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;
use std::thread;

use minijinja::value::ValueKind;
use minijinja::{
    Environment, Error, ErrorKind, Output, State, UndefinedBehavior, Value, syntax::SyntaxConfig,
};

use super::error::{RenderError, TemplateFault};
use super::joined::{joined, joined_plain};
use super::pen::mark_of;
use super::plain::PLAIN;
use super::removed;
use super::templates::{Source, Templates, built_in};

/// How many template instructions one file may take; the built-in templates take some hundred a
/// file.
const FUEL: u64 = 2_000_000;
/// How many more a file may take for each image of the fleet: the bake file takes about a hundred.
const FUEL_PER_IMAGE: u64 = 2_000;

/// Room for an operator on each byte of [`TEMPLATE_BYTES`]; only what is used is taken.
const DEEP_STACK: usize = 1 << 30;
/// The longest template of a fleet's own, in bytes: the built-in ones take up to 4,000.
pub(crate) const TEMPLATE_BYTES: u64 = 256 * 1024;

/// The built-in templates for a fleet without its own, compiled when they are first needed: once
/// however many fleets a run loads. They need no fuel, as they go over what is declared and nothing
/// else.
static BUILT_IN: LazyLock<Result<Environment<'static>, RenderError>> = LazyLock::new(|| {
    let mut environment = environment(strict, 0)?;
    environment.set_fuel(None);
    environment.set_loader(|name| {
        Ok(match name.strip_suffix(PLAIN) {
            Some(name) => joined_plain(name),
            None => joined(name, &BTreeSet::new()),
        })
    });
    Ok(environment)
});

/// Where compiled templates are.
enum Compiled<'a> {
    BuiltIn(&'static Environment<'static>),
    Own(Box<Environment<'a>>),
}

/// The templates, compiled.
pub(super) struct Engine<'a> {
    environment: Compiled<'a>,
    templates: &'a Templates,
    images: usize,
}

type Formatter = fn(&mut Output<'_>, &mut State<'_, '_>, &Value) -> Result<(), Error>;

impl<'a> Engine<'a> {
    /// Compiles a fleet's own templates with the strict formatter, so that any mistake in them is
    /// found; built-in ones are compiled when they are first needed.
    pub(super) fn new(templates: &'a Templates, images: usize) -> Result<Self, RenderError> {
        let own = templates
            .iter()
            .filter(|(_, template)| template.source != Source::BuiltIn);
        let own: Vec<(&str, &str)> = own
            .map(|(name, template)| (name, template.text.as_ref()))
            .collect();
        if own.is_empty() {
            return Ok(Self {
                environment: Compiled::BuiltIn(BUILT_IN.as_ref().map_err(Clone::clone)?),
                templates,
                images,
            });
        }
        removed::check(templates, own.iter().copied())?;
        let own: BTreeSet<String> = own.iter().map(|(name, _)| (*name).to_owned()).collect();
        Self::with_loader(templates, images, move |name| joined(name, &own))
    }

    /// The same with built-in templates by a function.
    fn with_loader(
        templates: &'a Templates,
        images: usize,
        load: impl Fn(&str) -> Option<String> + Send + Sync + 'static,
    ) -> Result<Self, RenderError> {
        let mut environment = environment(strict, images)?;
        environment.set_loader(move |name| Ok(load(name)));
        let mut own = templates
            .iter()
            .filter(|(_, template)| template.source != Source::BuiltIn)
            .peekable();
        if own.peek().is_some() {
            on_deep_stack(|| {
                own.try_for_each(|(name, template)| {
                    let added = environment.add_template(name, template.text.as_ref());
                    added.map_err(|error| render_error(templates, name, name, &error))
                })
            })??;
        }
        Ok(Self {
            environment: Compiled::Own(Box::new(environment)),
            templates,
            images,
        })
    }

    /// Renders one file.
    pub(super) fn render(
        &self,
        template: &str,
        path: &str,
        values: Value,
    ) -> Result<String, RenderError> {
        if let Ok(rendered) = self.rendered(template, values.clone()) {
            return Ok(rendered);
        }
        // The joined text has lines of its own; what a person reads has to name those of the
        // templates.
        let plain = Self::with_loader(self.templates, self.images, |name| {
            built_in(name).map(str::to_owned)
        })?;
        plain
            .rendered(template, values)
            .map_err(|error| render_error(self.templates, template, path, &error))
    }

    /// Renders the built-in template of a plain image. What is wrong is told by the whole one.
    pub(super) fn render_plain(&self, template: &str, values: Value) -> Result<String, Error> {
        self.rendered(&[template, PLAIN].concat(), values)
    }

    fn rendered(&self, template: &str, values: Value) -> Result<String, Error> {
        let template = match &self.environment {
            Compiled::BuiltIn(environment) => environment.get_template(template)?,
            Compiled::Own(environment) => environment.get_template(template)?,
        };
        template.render(values)
    }
}

/// Does what may nest as deep as a template is long: minijinja's compiler calls itself for each
/// operator of an expression.
pub(super) fn on_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T, RenderError> {
    thread::scope(|scope| {
        match thread::Builder::new()
            .stack_size(DEEP_STACK)
            .spawn_scoped(scope, work)
        {
            Ok(worker) => Ok(worker
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic))),
            Err(error) => Err(RenderError::NoThread {
                reason: error.to_string(),
            }),
        }
    })
}

/// An environment without templates, for a fleet of so many images.
pub(super) fn environment<'a>(
    formatter: Formatter,
    images: usize,
) -> Result<Environment<'a>, RenderError> {
    let mut environment = Environment::new();
    let syntax = SyntaxConfig::builder()
        .trim_blocks(true)
        .lstrip_blocks(true)
        .keep_trailing_newline(true)
        .build();
    let setup = |error: &Error| render_error(&Templates::default(), "", "", error);
    environment.set_syntax(syntax.map_err(|error| setup(&error))?);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    environment.set_debug(true);
    environment.set_fuel(Some(FUEL + FUEL_PER_IMAGE * images as u64));
    environment.set_formatter(formatter);
    environment.add_filter("because", because);
    Ok(environment)
}

/// A text that is there because of a value: in a trace it leads to where that value was declared.
fn because(text: &str, cause: &Value) -> String {
    let first = if cause.kind() == ValueKind::Seq {
        cause.get_item_by_index(0).ok()
    } else {
        Some(cause.clone())
    };
    let mark = first
        .as_ref()
        .and_then(Value::as_str)
        .and_then(mark_of)
        .unwrap_or_default();
    [mark, text].concat()
}

/// Prints text and nothing else: lists, booleans and none would come out in Python's notation,
/// control characters could end a line.
fn strict(output: &mut Output<'_>, _: &mut State<'_, '_>, value: &Value) -> Result<(), Error> {
    let Some(text) = printable(value)? else {
        return Ok(());
    };
    // Almost every text is plain: only others are looked at character by character.
    // Folded, not searched: the compiler makes few instructions of it.
    if !text.bytes().fold(true, |plain, byte| {
        plain & matches!(byte, b'\t' | b' '..=b'~')
    }) && let Some(control) = text
        .chars()
        .find(|character| character.is_control() && *character != '\t')
    {
        let message = format!(
            "the value holds the control character U+{:04X}",
            u32::from(control)
        );
        return Err(Error::new(ErrorKind::InvalidOperation, message));
    }
    output.write_str(&text).map_err(Error::from)
}

/// The text of a printed value. minijinja refuses undefined variables before it asks; what is
/// undefined here is an `if` without `else`.
pub(super) fn printable(value: &Value) -> Result<Option<Cow<'_, str>>, Error> {
    match value.kind() {
        ValueKind::String => Ok(value.as_str().map(Cow::Borrowed)),
        ValueKind::Number => Ok(Some(Cow::Owned(value.to_string()))),
        ValueKind::Undefined => Ok(None),
        kind => Err(Error::new(
            ErrorKind::InvalidOperation,
            format!("a template can print text and numbers, but this is a {kind}"),
        )),
    }
}

/// minijinja's error with the template's place.
pub(super) fn render_error(
    templates: &Templates,
    template: &str,
    rendering: &str,
    error: &Error,
) -> RenderError {
    let mut innermost = error;
    while let Some(cause) =
        std::error::Error::source(innermost).and_then(|cause| cause.downcast_ref::<Error>())
    {
        innermost = cause;
    }
    let name = innermost.name().unwrap_or(template).to_owned();
    let reason = innermost.detail().map_or_else(
        || innermost.kind().to_string(),
        |detail| format!("{}: {detail}", innermost.kind()),
    );
    RenderError::Template(Box::new(TemplateFault {
        line: innermost.line().unwrap_or(0),
        range: innermost.range().map(|range| (range.start, range.end)),
        text: templates.text(&name).unwrap_or_default().to_owned(),
        name: templates.display_path(&name),
        reason,
        rendering: rendering.to_owned(),
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_partial_and_not_the_joined_text() {
        let templates = Templates::default();
        let engine = Engine::new(&templates, 1).unwrap();
        let values = Value::from(std::collections::BTreeMap::<String, String>::new());
        let error = engine
            .render("service/multi-stage-slim.Dockerfile.j2", "x", values)
            .unwrap_err();
        let RenderError::Template(fault) = error else {
            panic!("{error}")
        };
        assert_eq!(
            (fault.name.as_str(), fault.line),
            ("builtin/partials/venv-stage.j2", 1)
        );
        assert!(
            fault.text.starts_with("FROM {{ stages.builder.from if"),
            "{}",
            fault.text
        );
    }
}
