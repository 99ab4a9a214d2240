//! What `diff` says of two Dockerfiles.

use schemars::JsonSchema;
use serde::Serialize;

use super::in_json::print;
use super::style::{BOLD, DIM, GREEN, RED, YELLOW, paint};
use super::{Page, add, page};
use crate::dockerfile::judge::{Aspect, Difference, HarmlessRule, Likeness, Verdict};
use crate::dockerfile::meaning::Missing;

/// How wide the text is, in characters.
const WIDTH: usize = 80;

/// Two Dockerfiles and what they differ in.
pub struct DiffView<'a> {
    /// Each Dockerfile.
    pub sides: [DiffSide<'a>; 2],
    /// What differs, from the first to the second.
    pub differences: &'a [Difference],
}

/// One of two Dockerfiles.
pub struct DiffSide<'a> {
    /// Its path, as it was given.
    pub path: &'a str,
    /// The build context that it was read with.
    pub context: &'a str,
    /// What it copies and the tree does not hold.
    pub missing: &'a [Missing],
}

/// The text for people: the verdict, what is different, what is harmless and why.
#[must_use]
pub fn diff_text(view: &DiffView<'_>) -> Page {
    let likeness = Likeness::of(view.differences);
    let style = match likeness {
        Likeness::Same => GREEN,
        Likeness::Harmless => YELLOW,
        Likeness::Different => RED,
    };
    let [before, after] = &view.sides;
    let mut page = page!(
        "{}: {} → {}\n",
        paint(style, likeness.word()),
        before.path,
        after.path
    );
    let different: Vec<&Difference> = view
        .differences
        .iter()
        .filter(|found| found.verdict == Verdict::Different)
        .collect();
    if !different.is_empty() {
        add!(page, "\n");
        for found in different {
            page.push(&page!("  {}\n", found.text).prose_within(WIDTH));
        }
    }
    let harmless: Vec<(&Difference, &HarmlessRule)> = view
        .differences
        .iter()
        .filter_map(|found| Some((found, rule(found)?)))
        .collect();
    if !harmless.is_empty() {
        add!(page, "\n{}\n", paint(BOLD, "harmless"));
        for (found, rule) in harmless {
            let name = paint(DIM, &page!("({})", rule.id));
            page.push(&page!("  {} {}\n", found.text, name).prose_within(WIDTH));
        }
    }
    add!(page, "\n");
    page.push(&missing(before));
    if before.path != after.path {
        page.push(&missing(after));
    }
    page.push(&contexts(before, after));
    page
}

fn rule(found: &Difference) -> Option<&'static HarmlessRule> {
    match found.verdict {
        Verdict::Harmless(rule) => Some(rule),
        Verdict::Different => None,
    }
}

/// What a Dockerfile copies that is not there, which the comparison had to do without.
fn missing(side: &DiffSide<'_>) -> Page {
    let mut paths: Vec<&str> = side.missing.iter().map(|one| one.path.as_str()).collect();
    paths.sort_unstable();
    paths.dedup();
    let (Some(first), more) = (paths.first(), paths.len().saturating_sub(1)) else {
        return Page::default();
    };
    let others = if more == 0 {
        page!("")
    } else {
        page!(" and {} more", more)
    };
    page!(
        "{}: {} needs {}{}, not found\n",
        paint(YELLOW, "note"),
        side.path,
        first,
        others
    )
}

/// The build contexts, which decide what COPY means.
fn contexts(before: &DiffSide<'_>, after: &DiffSide<'_>) -> Page {
    let name = |context: &str| {
        if context.is_empty() {
            ".".to_owned()
        } else {
            context.to_owned()
        }
    };
    let (old, new) = (name(before.context), name(after.context));
    if old == new {
        page!("build context: {}\n", old)
    } else {
        page!("build contexts: {} and {}\n", old, new)
    }
}

#[derive(Serialize, JsonSchema)]
pub(super) struct DiffV1<'a> {
    #[schemars(extend("const" = 1))]
    version: u8,
    #[schemars(extend("const" = "diff"))]
    command: &'static str,
    /// `same`, `harmless` or `different`.
    likeness: &'static str,
    before: SideV1<'a>,
    after: SideV1<'a>,
    differences: Vec<DifferenceV1>,
}

#[derive(Serialize, JsonSchema)]
struct SideV1<'a> {
    path: &'a str,
    /// The build context that it was read with; empty for the folder of the run.
    context: &'a str,
    /// What it copies and the context does not have.
    missing: Vec<MissingV1<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct MissingV1<'a> {
    line: usize,
    path: &'a str,
}

/// What two images differ in.
#[derive(Serialize, JsonSchema)]
pub(super) struct DifferenceV1 {
    aspect: &'static str,
    text: String,
    /// `harmless` or `different`.
    likeness: &'static str,
    /// The rule by which it is harmless.
    rule: Option<&'static str>,
}

/// The same for programs.
#[must_use]
pub fn diff_json(view: &DiffView<'_>) -> Page {
    let [before, after] = &view.sides;
    print(&DiffV1 {
        version: 1,
        command: "diff",
        likeness: Likeness::of(view.differences).word(),
        before: side_json(before),
        after: side_json(after),
        differences: view.differences.iter().map(difference_json).collect(),
    })
}

fn side_json<'a>(side: &'a DiffSide<'_>) -> SideV1<'a> {
    let missing = side.missing.iter().map(|one| MissingV1 {
        line: one.line,
        path: &one.path,
    });
    SideV1 {
        path: side.path,
        context: side.context,
        missing: missing.collect(),
    }
}

pub(super) fn difference_json(found: &Difference) -> DifferenceV1 {
    let rule = rule(found).map(|rule| rule.id);
    DifferenceV1 {
        aspect: aspect(found.aspect),
        text: found.text.clone(),
        likeness: if rule.is_some() {
            "harmless"
        } else {
            "different"
        },
        rule,
    }
}

const fn aspect(aspect: Aspect) -> &'static str {
    match aspect {
        Aspect::Base => "base",
        Aspect::Packages => "packages",
        Aspect::Python => "python",
        Aspect::Files => "files",
        Aspect::Folders => "folders",
        Aspect::Steps => "steps",
        Aspect::Env => "env",
        Aspect::User => "user",
        Aspect::Command => "command",
        Aspect::Interface => "interface",
        Aspect::Health => "health",
        Aspect::Labels => "labels",
    }
}
