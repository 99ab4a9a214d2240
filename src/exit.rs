//! The exit statuses: the same for every command and every output format; only `build` passes on
//! that of the builder it ran.

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitStatus {
    /// 0: nothing differs and no diagnostic is an error.
    Clean,
    /// 1: files drifted, or services.yaml has errors.
    Findings,
    /// 2: the job could not be done: wrong usage, an unreadable file, a broken template.
    Failure,
    /// Of `build` alone: the builder's own exit status, which is not 0.
    Builder(u8),
}

impl ExitStatus {
    /// The status of a run that could be done.
    #[must_use]
    pub(crate) fn of_findings(has_findings: bool) -> Self {
        if has_findings {
            Self::Findings
        } else {
            Self::Clean
        }
    }

    /// The status of a run that wrote.
    #[must_use]
    pub(crate) fn of_written(failed: bool, has_findings: bool) -> Self {
        if failed {
            Self::Failure
        } else {
            Self::of_findings(has_findings)
        }
    }

    /// The number that the process returns.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Failure => 2,
            Self::Builder(status) => status,
        }
    }
}
