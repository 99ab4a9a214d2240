//! Ends the program when a fleet's own template does not end or fills the memory: steps are bounded
//! by fuel, but a single step can still work on text of any size.

use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use super::output;
use crate::render::Progress;
use crate::report::page;
use crate::workspace::{memory, processor_time};

/// How often the watchdog looks: a template fills some 50 MiB between two looks.
const TICK: Duration = Duration::from_millis(20);
/// How many looks long all templates of a fleet may take, 10 s: the largest fleets take about a
/// second.
const TICKS: u32 = 500;
/// How long the program must have worked meanwhile: on a busy machine 10 s are soon over.
const WORK: Duration = Duration::from_secs(10);
/// How many bytes the program may grow by meanwhile.
const MEMORY_LIMIT: u64 = 1 << 30;

/// Watches until it is dropped.
pub(super) struct Watchdog {
    /// Closing the channel is what calls the watchdog off.
    _alive: Sender<()>,
}

impl Watchdog {
    /// Ends the process with exit status 2 after 10 s of work, or when it has grown by 1 GiB,
    /// naming the template that was being rendered.
    pub(super) fn start(progress: Arc<Progress>) -> Self {
        let (alive, dropped) = channel();
        thread::spawn(move || {
            let limit = memory::resident_bytes().map(|bytes| bytes.saturating_add(MEMORY_LIMIT));
            let started = processor_time();
            let mut ticks = 0;
            while ticks < TICKS || processor_time().saturating_sub(started) < WORK {
                ticks += 1;
                if dropped.recv_timeout(TICK) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
                if limit.is_some_and(|limit| memory::resident_bytes() > Some(limit)) {
                    end(&progress, "took more than 1 GiB of memory");
                }
            }
            end(&progress, "was still being rendered after 10 s");
        });
        Self { _alive: alive }
    }
}

fn end(progress: &Progress, what: &str) -> ! {
    let template = progress.template();
    let template = if template.is_empty() {
        "a template"
    } else {
        &template
    };
    std::process::exit(i32::from(
        output::fail(&page!("{} {}; the run ends here", template, what)).code(),
    ))
}
