//! Signals by name, as `STOPSIGNAL` takes them.

use super::invalid::{Grammar, Refusal, validated};

validated! {
    /// The signal that ends a container, such as `SIGINT`.
    ///
    /// A name of signal(7) on Linux with its prefix `SIG`; moby's table (sys/signal) has the same.
    /// Numbers differ between architectures, so names alone are read.
    StopSignal,
    Grammar {
        what: "signal",
        max_bytes: 16,
        read: |value| match value.strip_prefix("SIG") {
            Some(name) if NAMES.contains(&name) => Ok(()),
            _ => Err(Refusal::new("must be the name of a signal, such as `SIGINT`")),
        },
        correct: |value| {
            let name = value.trim().to_ascii_uppercase();
            format!("SIG{}", name.trim_start_matches("SIG"))
        },
    }
}

/// The names without their prefix.
const NAMES: [&str; 31] = [
    "ABRT", "ALRM", "BUS", "CHLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "KILL", "PIPE",
    "POLL", "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN",
    "TTOU", "URG", "USR1", "USR2", "WINCH", "XCPU", "XFSZ",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signals_are_read_by_name() {
        for good in ["SIGTERM", "SIGINT", "SIGUSR1"] {
            assert!(StopSignal::parse(good).is_ok(), "{good}");
        }
        for bad in ["", "15", "TERM", "sigterm", "SIGNAL", "SIGTERM\nUSER root"] {
            assert!(StopSignal::parse(bad).is_err(), "{bad:?}");
        }
        let written = |text| {
            StopSignal::parse(text)
                .unwrap_err()
                .suggestion()
                .map(str::to_owned)
        };
        assert_eq!(written("term").as_deref(), Some("SIGTERM"));
        assert_eq!(written("15"), None);
    }
}
