//! Budgets that images do not keep, with the causes, as text and as Markdown.

use super::build::bytes_text;
use super::markdown::cell;
use super::style::{BOLD, RED, paint};
use super::{Page, add, counted, page};
use crate::sizes::{Cause, Judged};

/// How many exceeded budgets are shown.
const TOLD: usize = 20;
/// How many declared values of a cause are shown.
const DECLARED: usize = 3;

/// The exceeded budgets; of the others, only how many images of the fleet's were not measured.
#[must_use]
pub(crate) fn budgets_text(budgets: &[Judged]) -> Page {
    let mut page = Page::default();
    let over: Vec<&Judged> = budgets.iter().filter(|judged| judged.is_over).collect();
    for judged in over.iter().take(TOLD) {
        page.push(&over_text(judged));
    }
    if over.len() > TOLD {
        add!(page, "\n… {} more over budget\n", over.len() - TOLD);
    }
    if !over.is_empty() {
        add!(
            page,
            "help: remove what the images do not need, or raise the budget and say why\n"
        );
    }
    for judged in budgets.iter().filter(|judged| is_unknown(judged)) {
        let missing = counted(judged.missing, "image was", "images were");
        add!(
            page,
            "\nthe budget of the fleet is not judged: {} not measured\n",
            missing
        );
    }
    page
}

/// Whether it is not known if a budget is kept.
fn is_unknown(judged: &Judged) -> bool {
    judged.missing > 0 && !judged.is_over
}

fn over_text(judged: &Judged) -> Page {
    let mut page = page!(
        "\n{}: {}\n",
        paint(RED, "error[over-budget]"),
        paint(BOLD, &message(judged))
    );
    if let Some(declared) = &judged.declared {
        add!(page, "  --> {}\n", declared.place);
    }
    for cause in &judged.causes {
        add!(page, "  {} {}\n", size_of(cause), cause.what);
        for one in cause.declared.iter().take(DECLARED) {
            add!(page, "      {} {} {}\n", one.place, one.field, one.value);
        }
        if cause.declared.len() > DECLARED {
            let more = counted(
                cause.declared.len() - DECLARED,
                "more declared value",
                "more declared values",
            );
            add!(page, "      … {}\n", more);
        }
    }
    page
}

fn message(judged: &Judged) -> String {
    let what = match (&judged.image, &judged.platform) {
        (Some(image), Some(platform)) => format!("{image} ({platform})"),
        (Some(image), None) => image.clone(),
        (None, _) => "the fleet, every layer once,".to_owned(),
    };
    let mut told = format!(
        "{what} takes {}, {} more than its budget of {}",
        bytes_text(judged.bytes),
        bytes_text(judged.bytes - judged.budget),
        bytes_text(judged.budget)
    );
    if judged.most > judged.budget {
        let tolerance = bytes_text(judged.most - judged.budget);
        told = format!("{told} with a tolerance of {tolerance}");
    }
    match &judged.reason {
        Some(reason) => format!("{told} ({reason})"),
        None => told,
    }
}

fn size_of(cause: &Cause) -> String {
    let sign = if cause.grew { "+" } else { "" };
    format!("{sign}{}", bytes_text(cause.bytes))
}

/// The exceeded budgets as a table.
#[must_use]
pub(crate) fn budgets_markdown(budgets: &[Judged]) -> Page {
    let over: Vec<&Judged> = budgets.iter().filter(|judged| judged.is_over).collect();
    if over.is_empty() {
        return Page::default();
    }
    let mut page = page!(
        "\n#### Over budget\n\n| Image | Bytes | Budget | Because of | Declared |\n| --- | ---: | \
         ---: | --- | --- |\n"
    );
    for judged in over.iter().take(TOLD) {
        let cause = judged.causes.first();
        let because = cause.map(|cause| format!("{} {}", size_of(cause), cause.what));
        let declared = cause
            .and_then(|cause| cause.declared.first())
            .map(|one| format!("{} {}", one.place, one.field));
        add!(
            page,
            "| {} | {} | {} | {} | {} |\n",
            cell(judged.image.as_deref().unwrap_or("the fleet")),
            cell(&bytes_text(judged.bytes)),
            cell(&bytes_text(judged.budget)),
            cell(because.as_deref().unwrap_or("-")),
            cell(declared.as_deref().unwrap_or("-"))
        );
    }
    if over.len() > TOLD {
        add!(page, "\n{} more over budget.\n", over.len() - TOLD);
    }
    page
}
