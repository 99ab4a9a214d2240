//! What stands against a command on standard error, in the words of `check`.

use super::answer::{Answer, Answered, failed};
use crate::edit::BumpError;
use crate::project::{Checked, Loaded, Meanings, Project};
use crate::report::{Findings, Page, add, check_text, page};

/// What is wrong with the declaration: without a fleet there is nothing to work on.
pub(super) fn declaration_errors(project: &Project, loaded: &Loaded) -> Answer {
    Answer::refused(check_text(&Findings::declared(project.option(), loaded)))
}

/// What stands against a fleet.
pub(super) fn findings(project: &Project, checked: &Checked<'_>) -> Answer {
    let tracer = checked.tracer();
    let meanings = Meanings::of_check(&project.workspace, checked);
    let findings = Findings {
        tracer: tracer.as_deref(),
        meanings: Some(&meanings),
        ..Findings::of(project.option(), checked)
    };
    Answer::refused(check_text(&findings))
}

/// Why an edit is not made: errors in the declaration as `check` shows them.
pub(super) fn refuse(project: &Project, loaded: &Loaded, error: BumpError) -> Answered {
    match error {
        BumpError::Declaration(_) if loaded.has_errors() => Ok(declaration_errors(project, loaded)),
        BumpError::Declaration(found) => {
            let found: Vec<String> = found.into_iter().map(|one| one.message).collect();
            Err(failed(&format!(
                "services.yaml would have errors: {}",
                found.join("; ")
            )))
        }
        other => Err(other.into()),
    }
}

/// What would be wrong with the declaration if it had a service: at no line, for none of it is in
/// the file.
pub(super) fn refused_service(loaded: &Loaded) -> Answer {
    let errors = loaded.diagnostics.iter().filter(|found| found.is_error());
    let mut told = Page::default();
    for found in errors {
        let help = found
            .help
            .as_ref()
            .map(|help| page!("; {}", help))
            .unwrap_or_default();
        add!(
            told,
            "error[{}]: {}{}\n",
            found.code.id,
            found.message,
            help
        );
    }
    add!(
        told,
        "nothing was written: {} would have this error with the new service\n",
        loaded.file
    );
    Answer::refused(told)
}
