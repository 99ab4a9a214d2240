//! The images of a fleet as a table.

use std::collections::BTreeSet;

use super::{Page, add, page};
use crate::fleet::model::{Parent, Process};
use crate::fleet::{Fleet, Image, Role};
use crate::render::{Source, Templates, dockerfile_path, dockerfile_template};

/// One image as `list` tells it.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) kind: String,
    pub(super) template: String,
    pub(super) base: String,
    pub(super) port: Option<u16>,
    pub(super) path: String,
}

/// All images of a fleet.
pub(super) fn rows(fleet: &Fleet) -> Vec<Row> {
    let images = fleet.images.iter().map(|image| row(fleet, image));
    let processes = fleet
        .processes
        .iter()
        .map(|process| of_process(fleet, process));
    images.chain(processes).collect()
}

/// Another process of an image: its template is that image.
fn of_process(fleet: &Fleet, process: &Process) -> Row {
    let image = &process.image.value;
    let mut images = fleet.images.iter();
    let own = images.find(|one| one.name == *image);
    let own = own.expect("a process was resolved to one of the fleet's images");
    let kind = process.service.kind.as_ref();
    Row {
        name: process.name.to_string(),
        kind: kind.map_or_else(|| "-".to_owned(), ToString::to_string),
        template: format!("image of {image}"),
        base: image.to_string(),
        port: process.service.port.as_ref().map(|port| port.value.get()),
        path: dockerfile_path(own),
    }
}

fn row(fleet: &Fleet, image: &Image) -> Row {
    let (kind, port) = match &image.role {
        Role::Base(version) => (format!("base {}", version.value), None),
        Role::Service(service) => {
            let kind = service
                .kind
                .as_ref()
                .map_or_else(|| "-".to_owned(), ToString::to_string);
            (kind, service.port.as_ref().map(|port| port.value.get()))
        }
    };
    let base = match &image.parent {
        Parent::External(external) => external.reference.to_string(),
        Parent::Base(base) => fleet.image(base.value).name.to_string(),
        Parent::Kept(from) => from.clone(),
    };
    let template = match &image.kept {
        Some(_) => "-".to_owned(),
        None => image.template.value.to_string(),
    };
    Row {
        name: image.name.to_string(),
        kind,
        template,
        base,
        port,
        path: dockerfile_path(image),
    }
}

/// The templates that Dockerfiles are rendered from, with where each comes from.
pub(super) fn template_rows(fleet: &Fleet, templates: &Templates) -> Vec<(String, String)> {
    let generated = fleet.images.iter().filter(|image| image.kept.is_none());
    let used: BTreeSet<String> = generated.map(dockerfile_template).collect();
    let origin = |source: &Source| match source {
        Source::BuiltIn => "built in".to_owned(),
        Source::File(path) => path.clone(),
    };
    templates
        .origins()
        .filter(|(name, source)| matches!(source, Source::File(_)) || used.contains(*name))
        .map(|(name, source)| (name.to_owned(), origin(source)))
        .collect()
}

/// The table for people.
#[must_use]
pub(crate) fn list_text(fleet: &Fleet, templates: &Templates) -> Page {
    let head = ["NAME", "KIND", "TEMPLATE", "BASE", "PORT", "PATH"].map(str::to_owned);
    let cells = rows(fleet).into_iter().map(|row| {
        let port = row
            .port
            .map_or_else(|| "-".to_owned(), |port| port.to_string());
        [row.name, row.kind, row.template, row.base, port, row.path]
    });
    let images = table(&std::iter::once(head).chain(cells).collect::<Vec<_>>());
    let origins = template_rows(fleet, templates)
        .into_iter()
        .map(|(name, origin)| [name, origin]);
    let head = ["TEMPLATE FILE", "FROM"].map(str::to_owned);
    page!(
        "{}\n{}",
        images,
        table(&std::iter::once(head).chain(origins).collect::<Vec<_>>())
    )
}

/// The most blanks that a cell is filled up to: one long cell must not widen all others.
const WIDTH: usize = 80;

/// Columns as wide as their widest cell, two blanks apart.
pub(super) fn table<const COLUMNS: usize>(rows: &[[String; COLUMNS]]) -> Page {
    let rows: Vec<[Page; COLUMNS]> = rows
        .iter()
        .map(|row| row.each_ref().map(|cell| page!("{}", cell)))
        .collect();
    let widths: Vec<usize> = (0..COLUMNS)
        .map(|column| {
            rows.iter()
                .filter_map(|row| row.get(column))
                .map(Page::width)
                .max()
                .unwrap_or(0)
                .min(WIDTH)
        })
        .collect();
    let mut page = Page::default();
    for row in rows {
        let cells = row
            .into_iter()
            .zip(&widths)
            .map(|(cell, width)| cell.padded(*width));
        add!(page, "{}\n", Page::joined(cells, "  ").trimmed());
    }
    page
}
