//! A line on the terminal while a step lasts: nothing in its first half second, nothing where
//! nobody watches.
//!
//! One line without colours or escapes, so that there is nothing to strip for `NO_COLOR` and simple
//! terminals; a library for bars and spinners would bring more crates than this file has lines to
//! spare.

use std::io::Write;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::output::{self, StatusLine, status_line};
use crate::report::{Page, page};

/// How long a step lasts before it is told.
const SILENT: Duration = Duration::from_millis(500);
/// The time between two updates.
const STEP: Duration = Duration::from_millis(100);

/// Tells how far a step is, until it is dropped.
pub(super) struct Meter {
    done: Arc<AtomicUsize>,
    line: Option<Line>,
}

/// The thread that writes the line.
struct Line {
    alive: Sender<()>,
    writer: JoinHandle<()>,
}

impl Meter {
    /// Starts to tell of a step on so many files; of 0 no count is told.
    pub(super) fn start(what: Page, total: usize) -> Self {
        if is_watched() {
            Self::on(status_line(), what, total, SILENT)
        } else {
            Self {
                done: Arc::default(),
                line: None,
            }
        }
    }

    fn on(
        line: StatusLine<impl Write + Send + 'static>,
        what: Page,
        total: usize,
        silent: Duration,
    ) -> Self {
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
        Self {
            done,
            line: Some(Line { alive, writer }),
        }
    }

    /// Counts files that are done.
    pub(super) fn advance(&self, files: usize) {
        self.done.fetch_add(files, Ordering::Relaxed);
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        if let Some(line) = self.line.take() {
            drop(line.alive);
            // The line is gone before anything else is printed.
            let _ = line.writer.join();
        }
    }
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
        let meter = Meter::on(
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
        drop(Meter::on(
            StatusLine::on(screen.clone()),
            page!("comparing"),
            7,
            Duration::from_hours(1),
        ));
        assert_eq!(text(&screen), "");
    }
}
