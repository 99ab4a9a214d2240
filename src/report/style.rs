//! The few colours, and nothing else that knows about terminals: the printer strips them where they
//! are not wanted.

use anstyle::{AnsiColor, Style};

use super::{Page, Printable};

/// What is removed, or an error.
pub(super) const RED: Style = AnsiColor::Red.on_default();
/// What is added.
pub(super) const GREEN: Style = AnsiColor::Green.on_default();
/// What a person should look at.
pub(super) const YELLOW: Style = AnsiColor::Yellow.on_default();
/// What a person can type.
pub(super) const BOLD: Style = Style::new().bold();
/// What is only there for orientation.
pub(super) const DIM: Style = Style::new().dimmed();

/// A value in a style.
pub(super) fn paint(style: Style, value: &(impl Printable + ?Sized)) -> Page {
    Page::painted(style, value)
}
