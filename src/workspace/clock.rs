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

/// The day of this machine's clock, in UTC: the year, the month and the day of the month.
#[must_use]
pub(crate) fn today() -> (i64, i64, i64) {
    day_of(clock_gettime(ClockId::Realtime).tv_sec)
}

/// The day that a number of seconds since 1970 is in. Years begin in March, so that a leap day is
/// the last of one, and 400 of them have 146,097 days.
fn day_of(seconds: i64) -> (i64, i64, i64) {
    let days = seconds.div_euclid(86_400) + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    let day = day - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::day_of;

    #[test]
    fn seconds_are_days_of_the_calendar() {
        for (seconds, day) in [
            (0, (1970, 1, 1)),
            (951_782_399, (2000, 2, 28)),
            (951_782_400, (2000, 2, 29)),
            (951_868_800, (2000, 3, 1)),
            (4_107_542_399, (2100, 2, 28)),
            (4_107_542_400, (2100, 3, 1)),
            (1_798_761_599, (2026, 12, 31)),
        ] {
            assert_eq!(day_of(seconds), day, "{seconds}");
        }
    }

    #[test]
    fn work_counts() {
        let before = super::processor_time();
        let sum: u64 = (0..std::hint::black_box(10_000_000)).sum();
        assert!(std::hint::black_box(sum) > 0 && super::processor_time() > before);
    }
}
