//! How long the process has worked, and which day it is.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};

/// The processor time of all threads of this process so far: what others do on the machine does not
/// count (`CLOCK_PROCESS_CPUTIME_ID` of POSIX).
#[must_use]
pub(crate) fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    let seconds = u64::try_from(time.tv_sec).expect("a process has worked for no negative time");
    let nanoseconds = u32::try_from(time.tv_nsec).expect("it is a part of a second");
    Duration::new(seconds, nanoseconds)
}

/// The day of this machine's clock, in UTC.
#[must_use]
pub(crate) fn today() -> time::Date {
    time::OffsetDateTime::now_utc().date()
}

#[cfg(test)]
mod tests {
    #[test]
    fn work_counts() {
        let before = super::processor_time();
        let sum: u64 = (0..std::hint::black_box(10_000_000)).sum();
        assert!(std::hint::black_box(sum) > 0 && super::processor_time() > before);
    }
}
