//! Ends the program when a template does not end: steps are bounded by fuel, but a single step can still work on text of any size.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use super::output;
use crate::render::Progress;

/// How long all templates of a fleet may take: the largest fleets take about a second.
const LIMIT: Duration = Duration::from_secs(10);

/// Watches until it is dropped.
pub(super) struct Watchdog {
    /// Closing the channel is what calls the watchdog off.
    _alive: Sender<()>,
}

impl Watchdog {
    /// Ends the process with exit status 2 after [`LIMIT`], naming the template that was being rendered.
    pub(super) fn start(progress: Arc<Progress>) -> Self {
        let (alive, dropped) = channel();
        thread::spawn(move || {
            if dropped.recv_timeout(LIMIT) == Err(RecvTimeoutError::Timeout) {
                let template = progress.template();
                let message =
                    format!("{template} was still being rendered after 10 s; nothing was compared or written");
                std::process::exit(i32::from(output::fail(&message).code()));
            }
        });
        Self { _alive: alive }
    }
}
