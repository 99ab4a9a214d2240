//! What a panic prints. A panic is a bug in dockwright: the message says so, says where, asks for a
//! report, and the process ends with exit status 2 like every other run that could not do its job.

use std::ffi::OsString;
use std::panic::{PanicHookInfo, set_hook};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use clap::CommandFactory;

use super::command_line::Cli;
use super::output;
use crate::exit::ExitStatus;
use crate::report::{Page, add, page};

/// Replaces the message and the exit status that Rust gives a panic, on every thread.
///
/// The hook ends the process itself: shipped binaries abort on panic, which would end with a
/// signal, and a panic on a worker thread of another build would end that thread alone.
pub fn install_panic_hook() {
    let begun = AtomicBool::new(false);
    set_hook(Box::new(move |panic| {
        if begun.swap(true, Ordering::SeqCst) {
            // Another thread panicked first, and is about to end the process.
            loop {
                thread::park();
            }
        }
        let words: Vec<OsString> = std::env::args_os().collect();
        output::note(&message(panic, &words));
        std::process::exit(i32::from(ExitStatus::Failure.code()));
    }));
}

/// The message, and of the command line the command alone: options can name what nobody wants to
/// publish.
fn message(panic: &PanicHookInfo<'_>, words: &[OsString]) -> Page {
    let mut page = page!("error: internal error");
    if let Some(place) = panic.location() {
        add!(page, " at {}:{}", place.file(), place.line());
    }
    add!(
        page,
        ": {}\n",
        panic
            .payload_as_str()
            .unwrap_or("a panic without a message")
    );
    let version = env!("CARGO_PKG_VERSION");
    let command = typed_command(words);
    add!(
        page,
        "This is a bug in dockwright {}. To report it, ",
        version
    );
    add!(page, "open an issue in its repository with ");
    if let Some(name) = command {
        add!(
            page,
            "the lines above and the command: dockwright {}\n",
            name
        );
    } else {
        add!(page, "the lines above.\n");
    }
    page
}

/// The name of the command among the words that were typed. The value of `--file`, which can stand
/// before the command, could be the name of another command.
fn typed_command(words: &[OsString]) -> Option<String> {
    let commands = Cli::command();
    let mut words = words.iter().skip(1);
    while let Some(word) = words.next() {
        if word == "-f" || word == "--file" {
            words.next();
        } else if let Some(command) = word
            .to_str()
            .and_then(|word| commands.find_subcommand(word))
        {
            return Some(command.get_name().to_owned());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_is_found_among_the_words() {
        for (line, command) in [
            ("dockwright check", Some("check")),
            ("dockwright -f list check --only plan", Some("check")),
            ("dockwright --file list", None),
            ("dockwright --file=list why", Some("why")),
            ("check", None),
            ("dockwright nonsense", None),
        ] {
            let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
            assert_eq!(typed_command(&words).as_deref(), command, "{line}");
        }
    }
}
