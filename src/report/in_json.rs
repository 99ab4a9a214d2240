//! Values as JSON.

use serde::Serialize;

use super::Page;

/// A value in several lines.
pub(super) fn print(value: &impl Serialize) -> Page {
    Page::json(&(serde_json::to_string_pretty(value).expect("our shapes have text keys") + "\n"))
}

/// A value in one line.
pub(super) fn print_line(value: &impl Serialize) -> Page {
    Page::json(&(serde_json::to_string(value).expect("our shapes have text keys") + "\n"))
}
