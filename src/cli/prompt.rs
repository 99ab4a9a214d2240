//! Questions, on a terminal alone: a script is never kept waiting.

use std::io::{IsTerminal, stdin};

use super::output;
use crate::report::{Page, page};

/// The answer to a question; `None` where nobody can be asked, or nothing was answered.
pub(super) fn ask(question: &Page) -> Option<String> {
    if !stdin().is_terminal() {
        return None;
    }
    output::ask(question);
    let mut line = String::new();
    stdin().read_line(&mut line).ok()?;
    Some(line.trim().to_owned()).filter(|answer| !answer.is_empty())
}

/// The answer to a question that has only these; any other answer is asked for again, twice.
pub(super) fn ask_for(question: &Page, answers: &[String]) -> Option<String> {
    let question = page!("{} ({})", question, Page::joined(answers, ", "));
    let mut answer = ask(&question)?;
    for _ in 0..2 {
        if answers.contains(&answer) {
            break;
        }
        answer = ask(&question)?;
    }
    Some(answer)
}
