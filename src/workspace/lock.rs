//! One run at a time between reading the declaration and renaming its new text over it.
//!
//! The lock is flock(2) on the root folder itself: it needs no file of its own, goes with the
//! process however that ends, and is advisory, so it keeps out other runs of this program and
//! nobody else. Whoever edits the file by other means is noticed by the last look before the
//! rename.

use std::thread;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;

use super::{Error, Workspace};

/// How long a run waits for others, and how often it looks.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(10);

impl Workspace {
    /// Waits until no other run changes the declaration below this root, and keeps others out until
    /// the workspace is dropped. Does nothing on file systems without such locks.
    ///
    /// # Errors
    /// [`Error::Busy`] after 30 seconds.
    pub(crate) fn lock(&self) -> Result<(), Error> {
        self.lock_within(PATIENCE)
    }

    fn lock_within(&self, patience: Duration) -> Result<(), Error> {
        let mut waited = Duration::ZERO;
        loop {
            match flock(&self.root, FlockOperation::NonBlockingLockExclusive) {
                Err(Errno::WOULDBLOCK) if waited >= patience => {
                    return Err(Error::Busy {
                        seconds: patience.as_secs(),
                    });
                }
                Err(Errno::WOULDBLOCK | Errno::INTR) => {
                    thread::sleep(PAUSE);
                    waited += PAUSE;
                }
                // Held, or a file system that knows no locks.
                _ => return Ok(()),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::fixture::Fixture;

    #[test]
    fn a_second_run_waits_for_the_first_and_not_for_ever() {
        let fixture = Fixture::new();
        let (first, second) = (fixture.workspace(), fixture.workspace());
        first.lock().unwrap();
        let refused = second
            .lock_within(Duration::from_millis(50))
            .unwrap_err()
            .to_string();
        assert!(refused.contains("another dockwright"), "{refused}");
        drop(first);
        second.lock_within(Duration::ZERO).unwrap();
    }
}
