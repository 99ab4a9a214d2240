//! What the table of codes says of each.

/// Whether a diagnostic makes the run fail; the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The run fails with exit status 1, and nothing is deleted while it stands.
    Error,
    /// It is shown, and the run goes on.
    Warning,
    /// A thought about what could be better; nothing is wrong.
    Hint,
}

impl Severity {
    /// The word in reports.
    #[must_use]
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Hint => "hint",
        }
    }
}

/// One kind of statement about the user's files.
#[derive(Debug, PartialEq, Eq)]
pub struct Code {
    /// The stable kebab-case name.
    pub id: &'static str,
    /// Whether it fails the run; `policy` in services.yaml can say otherwise for rules.
    pub(crate) severity: Severity,
    /// Whether it is looked for only where `policy` asks for it.
    pub(crate) optional: bool,
    /// Whether it may only follow from another error of the same run, so that it waits until that
    /// one is fixed.
    pub(crate) follows: bool,
    /// One line: what is wrong.
    pub summary: &'static str,
    /// A paragraph: why it matters and what to do.
    pub(crate) explanation: &'static str,
    /// Text that brings it about: lines of services.yaml unless the explanation says otherwise.
    pub example: &'static str,
    /// The example, fixed; or `$ ` and the command that fixes it.
    pub fixed: &'static str,
}

impl Code {
    /// The command that fixes the example, where a command does.
    #[must_use]
    pub fn fixing_command(&self) -> Option<&'static str> {
        self.fixed.strip_prefix("$ ")
    }
}
