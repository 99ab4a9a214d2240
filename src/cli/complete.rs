//! What a shell completes: names that services.yaml declares, beside those that clap knows.

use std::ffi::OsStr;

use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::{CompleteEnv, Shells};

use super::nearest::nearest_declaration;
use super::terminal::TERMINAL;
use crate::declare::FleetDecl;
use crate::project::Project;
use crate::render::Templates;
use crate::rules::all_codes;

/// The variable by which the script of a shell asks for candidates.
const VARIABLE: &str = "DOCKWRIGHT_COMPLETE";

/// Answers a shell that asks for candidates of a program; whether it was one that asked.
///
/// The library prints the candidates itself: our own words, and names that [`is_plain`].
pub(super) fn answer(program: fn() -> clap::Command) -> bool {
    let asked = CompleteEnv::with_factory(program)
        .var(VARIABLE)
        .try_complete(std::env::args_os(), None);
    asked.unwrap_or(true)
}

/// The script that a shell loads. It asks `dockwright` itself each time, so it stays right when
/// services.yaml changes.
pub(super) fn script(shell: &str) -> std::io::Result<Vec<u8>> {
    let mut script = Vec::new();
    Shells::builtins()
        .completer(shell)
        .expect("every shell that can be typed has a completer")
        .write_registration(
            VARIABLE,
            "dockwright",
            "dockwright",
            "dockwright",
            &mut script,
        )?;
    Ok(script)
}

/// Completes the names of images: bases and services.
pub(super) fn images() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let decl = declared();
        let services = decl
            .services
            .iter()
            .flatten()
            .map(|(name, _)| name.as_str());
        candidates(typed, decl.bases.keys().map(String::as_str).chain(services))
    })
}

/// Completes the names of bases.
pub(super) fn bases() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        candidates(typed, declared().bases.keys().map(String::as_str))
    })
}

/// Completes the names of bases, and `python`.
pub(super) fn bumped() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let decl = declared();
        candidates(
            typed,
            decl.bases.keys().map(String::as_str).chain(["python"]),
        )
    })
}

/// Completes the names of external images.
pub(super) fn external_images() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        candidates(typed, declared().images.keys().map(String::as_str))
    })
}

/// Completes the names of kinds.
pub(super) fn kinds() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        candidates(typed, declared().kinds.keys().map(String::as_str))
    })
}

/// Completes the names of built-in templates.
pub(super) fn templates() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| {
        let templates = Templates::default();
        candidates(typed, templates.origins().map(|(name, _)| name))
    })
}

/// Completes diagnostic codes.
pub(super) fn codes() -> ArgValueCompleter {
    ArgValueCompleter::new(|typed: &OsStr| candidates(typed, all_codes().map(|code| code.id)))
}

/// What services.yaml declares, as far as it can be read; a shell that completes wants no error.
fn declared() -> FleetDecl {
    Project::open(&nearest_declaration(), &TERMINAL)
        .and_then(|project| project.declared())
        .ok()
        .and_then(|declared| declared.decl)
        .unwrap_or_default()
}

fn candidates<'a>(typed: &OsStr, names: impl Iterator<Item = &'a str>) -> Vec<CompletionCandidate> {
    let typed = typed.to_string_lossy();
    names
        .filter(|name| name.starts_with(typed.as_ref()) && is_plain(name))
        .map(CompletionCandidate::new)
        .collect()
}

/// Whether a shell and a terminal take a name as it is: the file that declares it can be anyone's.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || "-_./".contains(letter))
}
