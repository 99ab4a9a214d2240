//! A line on the terminal while a step lasts: nothing in its first half second, nothing where
//! nobody watches.
//!
//! One line without colours or escapes, so that there is nothing to strip for `NO_COLOR` and simple
//! terminals; a library for bars and spinners would bring more crates than this file has lines to
//! spare.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::output::{self, StatusLine, status_line};
use super::watchdog::Watchdog;
use crate::project::{Guard, Meter, Step, Watcher};
use crate::render::Progress;
use crate::report::{Page, page};

/// How long a step lasts before it is told.
const SILENT: Duration = Duration::from_millis(500);
/// The time between two updates.
const STEP: Duration = Duration::from_millis(100);

/// The terminal, which watches the run.
#[derive(Debug)]
pub(super) struct Terminal {
    /// Whether it was asked to show nothing.
    is_hushed: AtomicBool,
}

/// The one of the process.
pub(super) static TERMINAL: Terminal = Terminal {
    is_hushed: AtomicBool::new(false),
};

impl Terminal {
    /// Shows no progress from here on.
    pub(super) fn hush(&self) {
        self.is_hushed.store(true, Ordering::Relaxed);
    }
}

impl Watcher for Terminal {
    fn step(&self, step: Step<'_>, files: usize) -> Meter {
        let what = match step {
            Step::Reading(path) => page!("reading {}", path),
            Step::Comparing => page!("comparing"),
            Step::Writing => page!("writing"),
        };
        if is_watched() && !self.is_hushed.load(Ordering::Relaxed) {
            told(status_line(), what, files, SILENT)
        } else {
            Meter::default()
        }
    }

    fn templates(&self, progress: &Arc<Progress>) -> Guard {
        Box::new(Watchdog::start(Arc::clone(progress)))
    }
}

/// The thread that writes the line, until it is dropped.
struct Line {
    /// Closing the channel is what ends the thread.
    alive: Option<Sender<()>>,
    writer: Option<JoinHandle<()>>,
}

impl Drop for Line {
    fn drop(&mut self) {
        drop(self.alive.take());
        // The line is gone before anything else is printed.
        let _ = self.writer.take().map(JoinHandle::join);
    }
}

/// A meter that a line tells of.
fn told(
    line: StatusLine<impl Write + Send + 'static>,
    what: Page,
    total: usize,
    silent: Duration,
) -> Meter {
    let done = Arc::new(AtomicUsize::new(0));
    let (alive, dropped) = channel();
    let counted = Arc::clone(&done);
    let text = move || {
        let done = counted.load(Ordering::Relaxed).min(total);
        if total == 0 {
            page!("{} …", what)
        } else {
            page!("{} {} of {} files", what, done, total)
        }
    };
    let writer = thread::spawn(move || write_line(line, &dropped, silent, &text));
    let line = Line {
        alive: Some(alive),
        writer: Some(writer),
    };
    Meter::new(done, Box::new(line))
}

fn write_line(
    mut line: StatusLine<impl Write>,
    dropped: &Receiver<()>,
    silent: Duration,
    text: &dyn Fn() -> Page,
) {
    let mut wait = silent;
    while dropped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout) {
        line.show(text());
        wait = STEP;
    }
    line.clear();
}

/// Whether somebody is likely to look: a terminal, and no CI job that gave itself one.
#[expect(
    clippy::disallowed_methods,
    reason = "what the environment says is read in `cli` alone"
)]
fn is_watched() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    output::is_watched()
        && !is_set("CI")
        && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::sync::Mutex;

    use super::*;

    /// A terminal that remembers.
    #[derive(Clone, Default)]
    struct Screen(Arc<Mutex<Vec<u8>>>);

    impl Write for Screen {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn text(screen: &Screen) -> String {
        String::from_utf8(screen.0.lock().unwrap().clone()).unwrap()
    }

    #[test]
    fn a_long_step_is_counted_and_leaves_nothing_behind() {
        let screen = Screen::default();
        let meter = told(
            StatusLine::on(screen.clone()),
            page!("comparing"),
            7,
            Duration::ZERO,
        );
        meter.advance(3);
        while !text(&screen).contains("\rcomparing 3 of 7 files") {
            thread::sleep(Duration::from_millis(1));
        }
        drop(meter);
        assert!(text(&screen).ends_with(&format!(
            "\r{}\r",
            " ".repeat("comparing 3 of 7 files".len())
        )));
    }

    #[test]
    fn a_short_step_is_never_told() {
        let screen = Screen::default();
        drop(told(
            StatusLine::on(screen.clone()),
            page!("comparing"),
            7,
            Duration::from_hours(1),
        ));
        assert_eq!(text(&screen), "");
    }
}
