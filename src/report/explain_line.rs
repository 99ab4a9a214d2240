//! `dockwright explain FILE:LINE`: what is behind one line of a generated file.

use super::behind::{Behind, template_line};
use super::kinds::{label, reason};
use super::style::{BOLD, DIM, YELLOW, paint};
use super::{Bytes, Page, add, page};
use crate::diagnostic::{DeclPath, Diagnostic, Spot, Step};
use crate::drift::DriftKind;
use crate::fleet::model::Section;
use crate::fleet::{Fleet, Image, Origin, Role};
use crate::project::Sources;
use crate::render::trace::LineTrace;

/// How many values of a line are shown.
const VALUES: usize = 40;
/// How many rendered lines are shown where a changed line stands for several.
const LINES: usize = 12;
/// How long a value is shown, in characters.
const VALUE_WIDTH: usize = 60;

/// A line that somebody asks about.
pub(crate) struct LineView<'a> {
    /// The file, below the folder of the declaration.
    pub(crate) file: &'a str,
    /// The line that was asked for, from 1.
    pub(crate) line: usize,
    /// In which way the file differs; nothing where it is as declared.
    pub(crate) drift: Option<&'a DriftKind>,
    /// What stands on the line on disk, where it may be shown and is not what is rendered.
    pub(crate) on_disk: Option<&'a [u8]>,
    /// What is rendered there.
    pub(crate) rendered: Vec<RenderedLine<'a>>,
    /// The image that the file belongs to.
    pub(crate) image: Option<&'a Image>,
    /// The fleet.
    pub(crate) fleet: &'a Fleet,
    /// The texts that values are declared in.
    pub(crate) sources: &'a Sources,
    /// What is wrong with the declaration, and what the rules found.
    pub(crate) diagnostics: &'a [Diagnostic],
}

/// A line as it is rendered.
pub(crate) struct RenderedLine<'a> {
    /// Its text.
    pub(crate) text: &'a str,
    /// What printed it; nothing for header and blank lines.
    pub(crate) trace: Option<&'a LineTrace>,
}

/// The text for people.
#[must_use]
pub(crate) fn line_text(view: &LineView<'_>) -> Page {
    let mut page = page!("{}:{}\n", view.file, view.line);
    if let Some(kind) = view.drift {
        let word = paint(YELLOW, label(kind));
        add!(
            page,
            "the file does not match, {}: {}\n",
            word,
            reason(kind)
        );
    }
    if let Some(line) = view.on_disk {
        add!(page, "on disk:\n    {}\n", Bytes(line.trim_ascii_end()));
        if view.rendered.is_empty() {
            add!(page, "nothing is rendered there\n");
        } else {
            add!(page, "rendered in its place:\n");
        }
    }
    for line in view.rendered.iter().take(LINES) {
        page.push(&one(view, line));
    }
    if let Some(more) = view
        .rendered
        .len()
        .checked_sub(LINES)
        .filter(|more| *more > 0)
    {
        add!(page, "… {} more lines\n", more);
    }
    page
}

fn one(view: &LineView<'_>, line: &RenderedLine<'_>) -> Page {
    let mut page = page!("    {}\n", line.text);
    if line.text.is_empty() {
        page = page!("    (a blank line)\n");
    }
    let Some(trace) = line.trace else {
        if line.text.starts_with('#') {
            add!(
                page,
                "  the header of every generated file; no template prints it\n"
            );
        }
        return page;
    };
    add!(page, "  {}\n", paint(DIM, &template_line(trace)));
    let mut values: Vec<Origin> = Vec::new();
    for origin in &trace.values {
        if !values.contains(origin) {
            values.push(*origin);
        }
    }
    for origin in values.iter().take(VALUES) {
        page.push(&value(view, *origin));
    }
    if let Some(more) = values.len().checked_sub(VALUES).filter(|more| *more > 0) {
        add!(page, "  … {} more values\n", more);
    }
    if values.is_empty() {
        let is_built_in = trace.template.starts_with("builtin/");
        let field = default_of(line.text).filter(|_| is_built_in);
        let undeclared = view.image.zip(field);
        let undeclared = undeclared.map(|(image, field)| Origin::field(image.section, field));
        page.push(&match undeclared {
            Some(origin) => default_value(view, origin),
            None => of_template(trace),
        });
    }
    page
}

/// The field whose default decides a line of a Dockerfile in which no declared value is.
fn default_of(line: &str) -> Option<&'static str> {
    let has = |words: &[&str]| words.iter().any(|word| line.contains(word));
    let is_made = has(&["groupadd ", "useradd ", "addgroup ", "adduser "]);
    if is_made || line.starts_with("USER ") && line != "USER 0" {
        Some("user")
    } else if has(&[" --only-binary=:all: ", " --no-build "]) {
        Some("source_builds")
    } else if has(&["target=/root/.cache/pip", "target=/root/.cache/uv"]) {
        Some("installer")
    } else if has(&["ENV PATH=\"/opt/venv/bin:$PATH\"", "PYTHONUNBUFFERED=1"]) {
        Some("env")
    } else {
        None
    }
}

/// What changes a line that no value is in.
fn of_template(trace: &LineTrace) -> Page {
    let own = page!(
        "  it contains no declared value: the template or a built-in default determines it\n"
    );
    let Some(built_in) = trace.template.strip_prefix("builtin/") else {
        return page!(
            "{}  to change it, edit {}:{}\n",
            own,
            trace.template,
            trace.line
        );
    };
    let name = built_in
        .trim_end_matches(".j2")
        .trim_end_matches(".Dockerfile");
    page!(
        "{}  to change it, {} copies the template into your own folder\n",
        own,
        paint(BOLD, &page!("dockwright eject {}", name))
    )
}

/// A value, where it was declared, who else has it from there, and what would change it.
fn value(view: &LineView<'_>, origin: Origin) -> Page {
    let look = Behind {
        fleet: view.fleet,
        sources: view.sources,
    };
    let Some(declared) = look.declared(origin) else {
        return default_value(view, origin);
    };
    let shown = written(view, origin);
    let mut page = page!("  {}", declared.path);
    if !shown.is_empty() {
        add!(page, " {}", paint(BOLD, &shown));
    }
    add!(
        page,
        "\n    declared at {}{}\n",
        declared.place,
        reach(view, origin)
    );
    if let Some(over) = overridden(view, origin) {
        add!(page, "    in place of {}\n", over);
    }
    for found in view.diagnostics {
        if found.location == view.fleet.value_at(origin) {
            add!(
                page,
                "    {}[{}]: {}\n",
                found.severity.word(),
                found.code.id,
                found.message
            );
        }
    }
    add!(
        page,
        "    to change it, edit it there and run dockwright generate\n"
    );
    page
}

/// A value that nobody declared.
fn default_value(view: &LineView<'_>, origin: Origin) -> Page {
    let location = view.fleet.value_at(origin);
    let Spot::Value(path) = &location.spot else {
        return Page::default();
    };
    let path = view.sources.readable(&location.file, path);
    page!(
        "  {}\n    a default: {} does not declare it; declare it to change it\n",
        path,
        location.file
    )
}

/// What is written at a value's place, in one line.
fn written(view: &LineView<'_>, origin: Origin) -> String {
    let location = view.fleet.value_at(origin);
    let Some(text) = view.sources.shown_text(&location.file) else {
        return String::new();
    };
    let (start, end) = view.sources.range(&location);
    let written = text.get(start..end).unwrap_or_default();
    let line = written.lines().next().unwrap_or_default().trim_end();
    let short: String = line.chars().take(VALUE_WIDTH).collect();
    let is_cut = short.len() < written.trim_end().len();
    format!("{short}{}", if is_cut { "…" } else { "" })
}

/// Whose entry it is, and how many images follow it.
fn reach(view: &LineView<'_>, origin: Origin) -> Page {
    let fleet = view.fleet;
    let services = || fleet.images.iter().filter_map(Image::service);
    match origin.section {
        Section::Services(_) => page!(", by the service itself"),
        Section::Bases(_) => page!(", by a base"),
        Section::Kinds(_) => {
            let kind = view.image.and_then(|image| image.service()?.kind.as_ref());
            let Some(kind) = kind else {
                return page!(", by a kind");
            };
            let count = services()
                .filter(|one| one.kind.as_ref() == Some(kind))
                .count();
            page!(", by the kind {}, which {} services have", kind, count)
        }
        Section::Defaults => page!(", by defaults, for {} services", services().count()),
        Section::Requirements(_) => {
            let has = |image: &&Image| {
                let sets = image.sets.iter().map(|set| fleet.set(set.value));
                sets.into_iter()
                    .any(|set| set.entry.section == origin.section)
            };
            let count = fleet.images.iter().filter(has).count();
            page!(", by a requirement set, which {} images install", count)
        }
        Section::Images(_) => page!(", by an external image"),
        Section::Fleet | Section::Files(_) => page!(", for the whole fleet"),
    }
}

/// What the kind or `defaults` say of a field that a service overrides.
fn overridden(view: &LineView<'_>, origin: Origin) -> Option<Page> {
    let image = view.image?;
    let Role::Service(service) = &image.role else {
        return None;
    };
    if origin.item.is_some() || origin.section != image.section {
        return None;
    }
    let field = origin.field.split('.').filter(|part| !part.is_empty());
    let field: Vec<Step> = field.map(|part| Step::Key(part.to_owned())).collect();
    let kind = service
        .kind
        .as_ref()
        .map(|kind| DeclPath::of(&["kinds", kind.as_str()]));
    let above = kind.into_iter().chain([DeclPath::of(&["defaults"])]);
    above
        .map(|path| DeclPath(path.0.into_iter().chain(field.clone()).collect()))
        .find(|path| !field.is_empty() && view.sources.holds(&view.fleet.file, path))
        .map(|path| {
            let location = crate::diagnostic::Location {
                file: view.fleet.file.clone(),
                spot: Spot::Value(path.clone()),
            };
            page!("{} at {}", path, view.sources.place(&location))
        })
}
