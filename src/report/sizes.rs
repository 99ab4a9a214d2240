//! The sizes of images: for people, and as the sizes.json that later runs compare with.

use std::collections::BTreeMap;

use super::build::bytes_text;
use super::in_json::print;
use super::list::table;
use super::sizes_budgets::budgets_text;
use super::style::{BOLD, DIM, paint};
use super::{Page, add, counted, page};
use crate::sizes::{Counted, Declared, ImageSizes, LayerSizes, Ledger, Package, Waste, WasteKind};

/// How many images, layers and packages a table of the fleet shows.
const IMAGES: usize = 40;
const LAYERS: usize = 12;
const PACKAGES: usize = 10;
/// How many characters of a builder's record are shown.
const STEP_WIDTH: usize = 60;

/// What `sizes --format json` prints: sizes.json.
#[must_use]
pub fn sizes_json(ledger: &Ledger) -> Page {
    print(ledger)
}

/// What `sizes` prints: the fleet, then the images that were asked for.
#[must_use]
pub fn sizes_text(ledger: &Ledger, detailed: &[&ImageSizes]) -> Page {
    let mut page = headline(ledger);
    if ledger.images.len() > 1 {
        page.push(&image_table(ledger));
        page.push(&layer_table(ledger));
        page.push(&package_table(ledger));
        page.push(&waste_table(&ledger.total.waste));
        page.push(&base_table(ledger));
    }
    for image in detailed {
        page.push(&image_text(ledger, image));
    }
    page.push(&budgets_text(&ledger.budgets));
    page
}

fn headline(ledger: &Ledger) -> Page {
    let total = &ledger.total;
    let mut page = page!(
        "{}, {}{}; stored once {}",
        counted(ledger.images.len(), "image", "images"),
        bytes_text(total.bytes),
        if ledger.counted == Counted::Compressed {
            " compressed"
        } else {
            ""
        },
        bytes_text(total.stored_once)
    );
    if let Some(bytes) = total.first_push {
        add!(page, "; first push {}", bytes_text(bytes));
    }
    add!(page, "\n");
    page
}

fn titled(title: &'static str, table: &Page) -> Page {
    page!("\n{}\n{}", paint(BOLD, title), table)
}

fn more(shown: usize, all: usize) -> Page {
    match all.saturating_sub(shown) {
        0 => Page::default(),
        more => page!("… {} more\n", more),
    }
}

fn image_table(ledger: &Ledger) -> Page {
    let head = ["IMAGE", "SIZE", "UNIQUE", "SHARED", "WASTE", "ON"].map(str::to_owned);
    let rows = ledger.images.iter().take(IMAGES).map(|image| {
        [
            shown_name(ledger, image),
            bytes_text(image.bytes),
            bytes_text(image.unique),
            bytes_text(image.shared),
            bytes_text(image.wasted()),
            // On nothing of the fleet.
            image.base.clone().unwrap_or_else(|| "-".to_owned()),
        ]
    });
    let rows: Vec<_> = std::iter::once(head).chain(rows).collect();
    page!("\n{}{}", table(&rows), more(IMAGES, ledger.images.len()))
}

/// The name of an image; with its platform where it is there for several.
fn shown_name(ledger: &Ledger, image: &ImageSizes) -> String {
    let named = ledger
        .images
        .iter()
        .filter(|other| other.name == image.name);
    match &image.platform {
        Some(platform) if named.count() > 1 => format!("{} {platform}", image.name),
        _ => image.name.clone(),
    }
}

/// The largest layers, each once.
fn layer_table(ledger: &Ledger) -> Page {
    let mut layers: BTreeMap<&str, &LayerSizes> = BTreeMap::new();
    for layer in ledger.images.iter().flat_map(|image| &image.layers) {
        // An image of the fleet says more of a layer than one from elsewhere.
        let known = layers.entry(&layer.diff_id).or_insert(layer);
        if known.image.is_none() {
            *known = layer;
        }
    }
    let all = layers.len();
    let mut layers: Vec<&LayerSizes> = layers.into_values().collect();
    layers.sort_by(|left, right| (right.bytes, &left.diff_id).cmp(&(left.bytes, &right.diff_id)));
    let head = ["SIZE", "IMAGES", "STEP", "DECLARED"].map(str::to_owned);
    let rows = layers.into_iter().take(LAYERS).map(|layer| {
        [
            bytes_text(layer.bytes),
            layer.images.to_string(),
            step_text(layer),
            declared_text(&layer.declared),
        ]
    });
    let rows: Vec<_> = std::iter::once(head).chain(rows).collect();
    titled(
        "Largest layers",
        &page!("{}{}", table(&rows), more(LAYERS, all)),
    )
}

/// The step that made a layer: its line, or what the builder recorded.
fn step_text(layer: &LayerSizes) -> String {
    let record = layer.created_by.trim_end_matches(" # buildkit");
    let record = record
        .split_once("/bin/sh -c ")
        .map_or(record, |(_, command)| command);
    let record: Vec<&str> = record.split_whitespace().collect();
    let record = clipped(&record.join(" "));
    match &layer.step {
        Some(step) => format!("{step} {record}"),
        None if record.is_empty() => "unknown".to_owned(),
        None => record,
    }
}

fn clipped(text: &str) -> String {
    match text.char_indices().nth(STEP_WIDTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The first declared value, and how many more.
fn declared_text(declared: &[Declared]) -> String {
    let Some((first, more)) = declared.split_first() else {
        return String::new();
    };
    let first = format!("{} ({})", first.field, first.place);
    match more.len() {
        0 => first,
        more => format!("{first} and {more} more"),
    }
}

/// The largest packages, each once: where images share its layer, they share it.
fn package_table(ledger: &Ledger) -> Page {
    let mut packages: BTreeMap<(&str, &str, &str), (&Package, usize)> = BTreeMap::new();
    for image in &ledger.images {
        for package in image.python.iter().chain(&image.debian) {
            let layer = &image.layers[package.layer];
            let key = (
                layer.diff_id.as_str(),
                package.name.as_str(),
                package.version.as_str(),
            );
            let known = packages.entry(key).or_insert((package, 0));
            known.1 += 1;
            if known.0.declared.is_empty() {
                known.0 = package;
            }
        }
    }
    let all = packages.len();
    if all == 0 {
        return Page::default();
    }
    let mut packages: Vec<(&Package, usize)> = packages.into_values().collect();
    packages.sort_by(|(left, _), (right, _)| (right.bytes, left).cmp(&(left.bytes, right)));
    let head = ["SIZE", "IMAGES", "PACKAGE", "DECLARED"].map(str::to_owned);
    let rows = packages
        .into_iter()
        .take(PACKAGES)
        .map(|(package, images)| {
            let [size, name, declared] = package_row(package);
            [size, images.to_string(), name, declared]
        });
    let rows: Vec<_> = std::iter::once(head).chain(rows).collect();
    titled(
        "Largest packages",
        &page!("{}{}", table(&rows), more(PACKAGES, all)),
    )
}

fn package_row(package: &Package) -> [String; 3] {
    [
        bytes_text(package.bytes),
        format!("{} {}", package.name, package.version),
        declared_text(&package.declared),
    ]
}

fn waste_table(waste: &[Waste]) -> Page {
    if waste.is_empty() {
        return Page::default();
    }
    let head = ["SIZE", "FILES", "WHY", "LARGEST"].map(str::to_owned);
    let rows = waste.iter().map(|waste| {
        let largest = waste.largest.first();
        // A sizes.json that others wrote may name none.
        let largest = largest.map_or_else(String::new, |file| file.path.clone());
        [
            bytes_text(waste.bytes),
            waste.files.to_string(),
            why_wasted(&waste.kind).to_owned(),
            largest,
        ]
    });
    let rows: Vec<_> = std::iter::once(head).chain(rows).collect();
    titled("Waste", &table(&rows))
}

fn why_wasted(kind: &str) -> &str {
    let known = WasteKind::ALL.into_iter().find(|known| known.id() == kind);
    match known {
        Some(WasteKind::Overwritten) => "overwritten by a later layer",
        Some(WasteKind::Deleted) => "deleted by a later layer",
        Some(WasteKind::Cache) => "cache or temporary file",
        Some(WasteKind::Bytecode) => "second byte code of a module",
        Some(WasteKind::Tests) => "tests of an installed package",
        Some(WasteKind::StaticLibrary) => "static library",
        Some(WasteKind::Duplicate) => "contents that a lower layer has",
        None => kind,
    }
}

fn base_table(ledger: &Ledger) -> Page {
    if ledger.bases.is_empty() {
        return Page::default();
    }
    let head = ["BASE", "OWN LAYERS", "IMAGES ON IT", "LAYERS ON TOP"].map(str::to_owned);
    let rows = ledger.bases.iter().map(|cost| {
        [
            cost.base.clone(),
            bytes_text(cost.own),
            cost.dependents.to_string(),
            bytes_text(cost.on_top),
        ]
    });
    let rows: Vec<_> = std::iter::once(head).chain(rows).collect();
    let note = paint(
        DIM,
        "(layers on top are pushed again only where their content changes)",
    );
    titled(
        "A new version of a base",
        &page!("{}{}\n", table(&rows), note),
    )
}

fn image_text(ledger: &Ledger, image: &ImageSizes) -> Page {
    let mut page = page!(
        "\n{} {}\n",
        paint(BOLD, &shown_name(ledger, image)),
        bytes_text(image.bytes)
    );
    let head = ["LAYER", "SIZE", "IMAGES", "STEP", "DECLARED"].map(str::to_owned);
    let rows = image.layers.iter().enumerate().map(|(number, layer)| {
        [
            (number + 1).to_string(),
            bytes_text(layer.bytes),
            layer.images.to_string(),
            step_text(layer),
            declared_text(&layer.declared),
        ]
    });
    page.push(&table(
        &std::iter::once(head).chain(rows).collect::<Vec<_>>(),
    ));
    page.push(&waste_table(&image.waste));
    page.push(&packages_of("Python distributions", &image.python));
    page.push(&packages_of("Debian packages", &image.debian));
    page
}

fn packages_of(title: &'static str, packages: &[Package]) -> Page {
    if packages.is_empty() {
        return Page::default();
    }
    let head = ["SIZE", "PACKAGE", "DECLARED"].map(str::to_owned);
    let rows = packages.iter().take(PACKAGES).map(package_row);
    let rows: Vec<_> = std::iter::once(head).chain(rows).collect();
    titled(
        title,
        &page!("{}{}", table(&rows), more(PACKAGES, packages.len())),
    )
}
