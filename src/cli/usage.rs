//! What was typed, and why it is not a command line of ours.

use std::ffi::OsString;

use clap::Parser;
use clap::error::Error;

use super::{Cli, output};
use crate::exit::ExitStatus;
use crate::report::inert::inert;
use crate::report::{Bytes, Lines, Page, page};

/// The command line of the process; where it is none, or asks for help alone, the status after printing that.
pub(super) fn parse() -> Result<Cli, ExitStatus> {
    let words: Vec<OsString> = std::env::args_os().collect();
    if let Some((position, word)) = words.iter().enumerate().skip(1).find(|(_, word)| word.to_str().is_none()) {
        let word = Bytes(word.as_encoded_bytes());
        return Err(output::fail(&page!("argument {} is not valid UTF-8: `{}`", position, word)));
    }
    Cli::try_parse_from(&words).map_err(|error| {
        let page = shown(&error, &words);
        if error.use_stderr() { output::fail_styled(&page) } else { output::print(&page, ExitStatus::Clean) }
    })
}

/// An error as clap puts it, with nothing raw of what was typed. clap knows no such rendering, and what it repeats is spread over its
/// message, usage and tips; so it says the same about words that are inert already.
fn shown(error: &Error, words: &[OsString]) -> Page {
    let inert_words = words.iter().map(|word| inert(word.as_encoded_bytes()));
    match Cli::try_parse_from(inert_words) {
        Err(same) if same.kind() == error.kind() => Page::made(&same.render().ansi().to_string()),
        // Inert, the words are wrong in another way or right: then every line counts as typed.
        _ => page!("{}", Lines(error.render().to_string().as_bytes())),
    }
}
