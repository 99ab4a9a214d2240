//! Questions, on a terminal alone: a script is never kept waiting.

use std::io::{IsTerminal, stdin};

use super::output;

/// The answer to a question; `None` where nobody can be asked, or nothing was answered.
pub(super) fn ask(question: &str) -> Option<String> {
    if !stdin().is_terminal() {
        return None;
    }
    output::ask(question);
    let mut line = String::new();
    stdin().read_line(&mut line).ok()?;
    Some(line.trim().to_owned()).filter(|answer| !answer.is_empty())
}
