//! What changed in the sizes of images, as text and as Markdown for a pull request.

use super::build::bytes_text;
use schemars::JsonSchema;
use serde::Serialize;

use super::in_json::print;
use super::markdown::cell;
use super::sizes_budgets::{budgets_markdown, budgets_text};
use super::style::{BOLD, GREEN, RED, paint};
use super::{Page, add, counted, page};
use crate::sizes::{Comparison, Declared, ImageChange, LayerChange, PackageChange, grown};

/// How many images, and how many packages of one, are shown.
const IMAGES: usize = 20;
const PACKAGES: usize = 8;
/// How many declared values of a change are shown.
const DECLARED: usize = 3;
/// How many characters of a step are shown.
const STEP_WIDTH: usize = 60;

#[derive(Serialize, JsonSchema)]
pub(super) struct ComparisonV1<'a> {
    #[schemars(extend("const" = 1))]
    version: u8,
    #[schemars(extend("const" = "sizes --compare"))]
    command: &'static str,
    #[serde(flatten)]
    comparison: &'a Comparison,
}

/// What `sizes --compare --format json` prints.
#[must_use]
pub fn comparison_json(comparison: &Comparison) -> Page {
    print(&ComparisonV1 {
        version: 1,
        command: "sizes --compare",
        comparison,
    })
}

/// What `sizes --compare` prints.
#[must_use]
pub fn comparison_text(comparison: &Comparison) -> Page {
    if comparison.images.is_empty() {
        let mut page = page!(
            "{} as before\n",
            counted(comparison.unchanged, "image is", "images are")
        );
        page.push(&budgets_text(&comparison.budgets));
        return page;
    }
    let (old, new) = (&comparison.old, &comparison.new);
    let mut page = page!(
        "{} in all: {} → {}; stored once {} → {}\n",
        signed(comparison.grown()),
        bytes_text(old.bytes),
        bytes_text(new.bytes),
        bytes_text(old.stored_once),
        bytes_text(new.stored_once)
    );
    for change in comparison.images.iter().take(IMAGES) {
        add!(
            page,
            "\n{} {}\n",
            paint(BOLD, &change.name),
            size_change(change.old, change.new)
        );
        for layer in &change.layers {
            page.push(&layer_text(layer));
        }
        for package in change.packages.iter().take(PACKAGES) {
            page.push(&package_text(package));
        }
        more(
            &mut page,
            PACKAGES,
            change.packages.len(),
            "package",
            "packages",
        );
    }
    more(
        &mut page,
        IMAGES,
        comparison.images.len(),
        "image",
        "images",
    );
    if comparison.unchanged > 0 {
        let unchanged = counted(comparison.unchanged, "image is", "images are");
        add!(page, "\n{} as before\n", unchanged);
    }
    page.push(&budgets_text(&comparison.budgets));
    page
}

fn more(page: &mut Page, shown: usize, all: usize, one: &str, several: &str) {
    if all > shown {
        add!(page, "  … {} more\n", counted(all - shown, one, several));
    }
}

/// A difference in bytes, in red where something grew.
fn signed(bytes: i64) -> Page {
    let text = signed_text(bytes);
    paint(if bytes > 0 { RED } else { GREEN }, &text)
}

fn signed_text(bytes: i64) -> String {
    let sign = if bytes < 0 { '-' } else { '+' };
    format!("{sign}{}", bytes_text(bytes.unsigned_abs()))
}

fn size_change(old: Option<u64>, new: Option<u64>) -> Page {
    let difference = signed(grown(old, new));
    match (old, new) {
        (Some(old), Some(new)) => {
            page!("{}: {} → {}", difference, bytes_text(old), bytes_text(new))
        }
        (None, _) => page!("{}, new", difference),
        (_, None) => page!("{}, gone", difference),
    }
}

fn layer_text(layer: &LayerChange) -> Page {
    let difference = signed(grown(layer.old, layer.new));
    let mut page = page!("  {} {}\n", difference, step_words(layer));
    for line in declared_lines(&layer.declared) {
        add!(page, "      {}\n", line);
    }
    page
}

fn step_words(layer: &LayerChange) -> String {
    let record = layer.created_by.trim_end_matches(" # buildkit");
    let record = record
        .split_once("/bin/sh -c ")
        .map_or(record, |(_, command)| command);
    let record = record.split_whitespace().collect::<Vec<_>>().join(" ");
    let record: String = match record.char_indices().nth(STEP_WIDTH) {
        Some((end, _)) => format!("{}…", &record[..end]),
        None => record,
    };
    let what = match (layer.old, layer.new) {
        (None, _) => "new layer",
        (_, None) => "layer gone",
        _ => "layer",
    };
    match &layer.step {
        Some(step) => format!("{what} {step} {record}"),
        None => format!("{what} {record}"),
    }
}

fn declared_lines(declared: &[Declared]) -> Vec<String> {
    let mut lines: Vec<String> = declared
        .iter()
        .take(DECLARED)
        .map(|one| format!("{} {} {}", one.place, one.field, one.value))
        .collect();
    if declared.len() > DECLARED {
        lines.push(format!(
            "… {} more declared values",
            declared.len() - DECLARED
        ));
    }
    lines
}

fn package_text(package: &PackageChange) -> Page {
    let mut page = page!("  {} {}\n", signed(package.grown()), package.words());
    for line in declared_lines(&package.declared) {
        add!(page, "      {}\n", line);
    }
    page
}

/// What `sizes --compare --format markdown` prints.
#[must_use]
pub fn comparison_markdown(comparison: &Comparison) -> Page {
    let mut page = page!("### Image sizes\n\n");
    if comparison.images.is_empty() {
        add!(page, "No image changed.\n");
        page.push(&budgets_markdown(&comparison.budgets));
        return page;
    }
    let (old, new) = (&comparison.old, &comparison.new);
    add!(
        page,
        "**{}** in all: {} → {}; stored once {} → {}.\n\n",
        signed_text(comparison.grown()),
        bytes_text(old.bytes),
        bytes_text(new.bytes),
        bytes_text(old.stored_once),
        bytes_text(new.stored_once)
    );
    add!(
        page,
        "| Image | Change | Because of | Declared |\n| --- | ---: | --- | --- |\n"
    );
    for change in comparison.images.iter().take(IMAGES) {
        page.push(&markdown_row(change));
    }
    if comparison.images.len() > IMAGES {
        add!(
            page,
            "\n{} more images changed.\n",
            comparison.images.len() - IMAGES
        );
    }
    if comparison.unchanged > 0 {
        let unchanged = counted(comparison.unchanged, "image is", "images are");
        add!(page, "\n{} as before.\n", unchanged);
    }
    page.push(&budgets_markdown(&comparison.budgets));
    page
}

fn markdown_row(change: &ImageChange) -> Page {
    let (why, declared) = match (change.packages.first(), change.layers.first()) {
        (Some(package), _) => (package.words(), &package.declared),
        (None, Some(layer)) => (step_words(layer), &layer.declared),
        (None, None) => (String::new(), &Vec::new()),
    };
    let first = declared.first();
    let declared = first.map(|one| format!("{} {}", one.place, one.field));
    page!(
        "| {} | {} | {} | {} |\n",
        cell(&change.name),
        cell(&signed_text(grown(change.old, change.new))),
        cell(&why),
        cell(declared.as_deref().unwrap_or("-"))
    )
}
