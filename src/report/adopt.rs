//! What `adopt` says of the Dockerfiles that it found.

use schemars::JsonSchema;
use serde::Serialize;

use super::diff::{DifferenceV1, difference_json};
use super::in_json::print;
use super::style::{BOLD, GREEN, RED, YELLOW, paint};
use super::{Page, add, counted, declaration_changes, page};
use crate::dockerfile::judge::{Difference, Likeness, Verdict};
use crate::edit::adopt::{Adopted, DECLARATION, Existing, Fate, Proposal};

/// How many differences and notes of one image are shown in the table.
const TOLD: usize = 6;
/// How long a difference is shown, in characters.
const WIDTH: usize = 110;

/// A proposal, and what was done with it.
pub struct AdoptView<'a> {
    /// The proposal.
    pub proposal: &'a Proposal,
    /// The files that were written; nothing where none was to be.
    pub written: Option<usize>,
    /// The declaration that is there.
    pub existing: Option<&'a Existing>,
    /// The paths that were named.
    pub below: &'a [String],
}

/// Why there is nothing to adopt.
fn nothing(view: &AdoptView<'_>) -> Page {
    if !view.below.is_empty() {
        let below = view.below.join(", ");
        page!(
            "nothing to adopt: no new Dockerfile at or below {}\n",
            below
        )
    } else if let Some(existing) = view.existing {
        let images = counted(existing.images(), "image", "images");
        page!(
            "nothing to adopt: services.yaml declares {}, and no other Dockerfile was found\n",
            images
        )
    } else {
        page!("nothing to adopt: no Dockerfile was found\n")
    }
}

/// The declaration, or what would change in the one that is there.
fn proposed(existing: Option<&Existing>, text: &str) -> Page {
    if let Some(existing) = existing {
        return declaration_changes(DECLARATION, (existing.text(), text));
    }
    let mut page = page!("\n{}\n\n", paint(BOLD, DECLARATION));
    for line in text.lines() {
        add!(page, "{}\n", line);
    }
    page
}

/// The table for people, and the declaration where it was not written.
#[must_use]
pub fn adopt_text(view: &AdoptView<'_>) -> Page {
    let mut page = Page::default();
    let images = &view.proposal.images;
    if images.is_empty() {
        return nothing(view);
    }
    let is_foreign = |image: &&Adopted| matches!(image.fate, Fate::Foreign);
    for image in images.iter().filter(|image| !is_foreign(image)) {
        page.push(&row(image));
    }
    let foreign: Vec<&str> = images
        .iter()
        .filter(is_foreign)
        .map(|image| image.original.path.as_str())
        .collect();
    if let Some(first) = foreign.first() {
        let more = foreign.len() - 1;
        let others = if more == 0 {
            page!("")
        } else {
            page!(" and {} more", more)
        };
        add!(page, "\nnot for Python: {}{}\n", first, others);
    }
    page.push(&totals(view.proposal));
    match (view.written, &view.proposal.text) {
        (Some(count), _) => {
            add!(
                page,
                "written: services.yaml and {}\n",
                counted(count, "generated file", "generated files")
            );
            add!(
                page,
                "the Dockerfiles stay; delete each when its image is built from services.yaml\n"
            );
        }
        (None, Some(text)) => {
            page.push(&proposed(view.existing, text));
            add!(
                page,
                "\nnothing was written; {} does\n",
                paint(BOLD, "dockwright adopt --write")
            );
        }
        (None, None) => {}
    }
    page
}

fn row(image: &Adopted) -> Page {
    let (word, style) = match image.likeness() {
        Some(Likeness::Same) => ("same", GREEN),
        Some(Likeness::Harmless) => ("harmless", YELLOW),
        Some(Likeness::Different) => ("different", RED),
        None => ("keeps its Dockerfile", RED),
    };
    let mut page = page!(
        "{}  {} ({})\n",
        paint(style, word),
        image.original.name,
        image.original.path
    );
    match &image.fate {
        Fate::Kept(why) => add!(page, "    {}\n", why),
        Fate::Foreign => {}
        Fate::Declared(found) => {
            page.push(&different(found));
            let rules = rules(found);
            if !rules.is_empty() {
                let line = page!("    harmless: {}\n", rules.join(", "));
                page.push(&line.prose());
            }
        }
    }
    for note in image.notes.iter().take(TOLD) {
        add!(page, "    note: {}\n", short(note));
    }
    page
}

fn different(found: &[Difference]) -> Page {
    let mut page = Page::default();
    let different = || {
        found
            .iter()
            .filter(|found| found.verdict == Verdict::Different)
    };
    for one in different().take(TOLD) {
        add!(page, "    {}\n", short(&one.text));
    }
    if let Some(more) = different()
        .count()
        .checked_sub(TOLD)
        .filter(|more| *more > 0)
    {
        add!(page, "    … {} more\n", more);
    }
    page
}

/// The rules that make differences harmless, each once.
fn rules(found: &[Difference]) -> Vec<&'static str> {
    let mut names: Vec<&'static str> = Vec::new();
    for one in found {
        if let Verdict::Harmless(rule) = one.verdict
            && !names.contains(&rule.id)
        {
            names.push(rule.id);
        }
    }
    names
}

fn short(text: &str) -> String {
    let mut characters = text.chars();
    let mut short: String = characters.by_ref().take(WIDTH).collect();
    if characters.next().is_some() {
        short.push('…');
    }
    short
}

fn totals(proposal: &Proposal) -> Page {
    let count = |wanted: Option<Likeness>| {
        let images = proposal.images.iter();
        let declared = images.filter(|image| !matches!(image.fate, Fate::Foreign));
        declared.filter(|image| image.likeness() == wanted).count()
    };
    let mut page = page!(
        "\n{} same, {} harmless, {} different, {} keep their Dockerfiles\n",
        count(Some(Likeness::Same)),
        count(Some(Likeness::Harmless)),
        count(Some(Likeness::Different)),
        count(None)
    );
    let (steps, hooks, all) = steps(proposal);
    if let Some(percent) = (steps * 100).checked_div(all) {
        add!(
            page,
            "{} of {} instructions ({} %) are steps of `run`, {}\n",
            steps,
            all,
            percent,
            match hooks {
                0 => "none is a hook".to_owned(),
                1 => "1 is a hook".to_owned(),
                count => format!("{count} are hooks"),
            }
        );
    }
    page
}

/// The instructions of declared images that are steps, those that are hooks, and all of them.
fn steps(proposal: &Proposal) -> (usize, usize, usize) {
    let declared = proposal
        .images
        .iter()
        .filter(|image| image.likeness().is_some());
    declared.fold((0, 0, 0), |(steps, hooks, all), image| {
        (
            steps + image.steps,
            hooks + image.hooks,
            all + image.instructions,
        )
    })
}

#[derive(Serialize, JsonSchema)]
pub(super) struct AdoptV1<'a> {
    #[schemars(extend("const" = 1))]
    version: u8,
    #[schemars(extend("const" = "adopt"))]
    command: &'static str,
    images: Vec<ImageV1<'a>>,
    /// The text of the proposed services.yaml, where there is something to declare.
    declaration: Option<&'a str>,
    /// The instructions of all declared images.
    instructions: usize,
    /// How many of them became steps.
    steps: usize,
    /// How many became hooks.
    hooks: usize,
    /// Whether files were written.
    written: bool,
}

#[derive(Serialize, JsonSchema)]
struct ImageV1<'a> {
    name: &'a str,
    dockerfile: &'a str,
    /// The build context.
    context: &'a str,
    target: Option<&'a str>,
    /// `same`, `harmless`, `different`, `kept` (its Dockerfile) or `foreign` (no Python image).
    verdict: &'static str,
    /// Why it keeps its Dockerfile.
    why: Option<&'a str>,
    differences: Vec<DifferenceV1>,
    notes: &'a [String],
    instructions: usize,
    steps: usize,
}

/// The same for programs.
#[must_use]
pub fn adopt_json(view: &AdoptView<'_>) -> Page {
    let (steps, hooks, instructions) = steps(view.proposal);
    print(&AdoptV1 {
        version: 1,
        command: "adopt",
        images: view.proposal.images.iter().map(image_json).collect(),
        declaration: view.proposal.text.as_deref(),
        instructions,
        steps,
        hooks,
        written: view.written.is_some(),
    })
}

fn image_json(image: &Adopted) -> ImageV1<'_> {
    let (verdict, why, differences) = match &image.fate {
        Fate::Declared(found) => {
            let differences = found.iter().map(difference_json).collect();
            (Likeness::of(found).word(), None, differences)
        }
        Fate::Foreign => ("foreign", None, Vec::new()),
        Fate::Kept(why) => ("kept", Some(why.as_str()), Vec::new()),
    };
    let context = image.original.context.as_str();
    ImageV1 {
        name: &image.original.name,
        dockerfile: &image.original.path,
        context: if context.is_empty() { "." } else { context },
        target: image.original.target.as_deref(),
        verdict,
        why,
        differences,
        notes: &image.notes,
        instructions: image.instructions,
        steps: image.steps,
    }
}
