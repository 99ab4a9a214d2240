//! What was typed, and why it is not a command line of ours.

use std::ffi::OsString;

use clap::Parser;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use super::command_line::Cli;
use super::manners::Color;
use super::output;
use crate::exit::ExitStatus;
use crate::report::inert::inert;
use crate::report::{Bytes, Lines, Page, page};

/// The command line of the process; where it is none, or asks for help alone, the status after
/// printing that.
pub(super) fn parse() -> Result<Cli, ExitStatus> {
    let words: Vec<OsString> = std::env::args_os().collect();
    if let Some((position, word)) = words
        .iter()
        .enumerate()
        .skip(1)
        .find(|(_, word)| word.to_str().is_none())
    {
        let word = Bytes(word.as_encoded_bytes());
        return Err(output::fail(&page!(
            "argument {} is not valid UTF-8: `{}`",
            position,
            word
        )));
    }
    Cli::try_parse_from(&words).map_err(|error| {
        let is_failure = error.use_stderr();
        Color::typed(words.iter().filter_map(|word| word.to_str())).choose();
        let page = shown(error, &words);
        if is_failure {
            output::fail_styled(&page)
        } else {
            output::print(&page, ExitStatus::Clean)
        }
    })
}

/// An error as clap puts it, with nothing raw of what was typed. clap knows no such rendering, and
/// what it repeats is spread over its message, usage and tips; so it says the same about words that
/// are inert already.
fn shown(mut error: Error, words: &[OsString]) -> Page {
    if error.kind() == ErrorKind::ValueValidation {
        // The reason is about the value as it was typed, and does not repeat it.
        if let Some(ContextValue::String(value)) = error.get(ContextKind::InvalidValue) {
            let value = ContextValue::String(inert(value.as_bytes()));
            error.insert(ContextKind::InvalidValue, value);
        }
        return rendered(&error);
    }
    let inert_words = words.iter().map(|word| inert(word.as_encoded_bytes()));
    match Cli::try_parse_from(inert_words) {
        Err(same) if same.kind() == error.kind() => rendered(&same),
        // Inert, the words are wrong in another way or right: then every line counts as typed.
        _ => page!("{}", Lines(error.render().to_string().as_bytes())),
    }
}

fn rendered(error: &Error) -> Page {
    Page::made(&error.render().ansi().to_string())
}
