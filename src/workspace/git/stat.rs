//! When stat(2) alone shows that a file is as the index has it.

use rustix::fs::Stat;

use super::entry::StatData;

/// How far two times of one file system may be off each other, in nanoseconds: the clocks of file
/// systems tick in milliseconds.
const TICK_NANOS: i128 = 100_000_000;
/// The same where a file system keeps whole seconds, or every second one.
const COARSE_TICK_NANOS: i128 = 2_000_000_000;

/// Seconds and nanoseconds.
pub(super) type Time = (i64, u32);

/// The time of a file's last change.
pub(super) fn modified(stat: &Stat) -> Time {
    (
        wide(stat.st_mtime).try_into().unwrap_or(i64::MAX),
        low(stat.st_mtime_nsec),
    )
}

/// What the index would hold of a file.
pub(super) fn stat_data(stat: &Stat) -> StatData {
    StatData {
        ctime: (low(stat.st_ctime), low(stat.st_ctime_nsec)),
        mtime: (low(stat.st_mtime), low(stat.st_mtime_nsec)),
        inode: low(stat.st_ino),
        size: low(stat.st_size),
    }
}

/// Whether a file that has `now` has the content that git saw when it had `then`, in an index of
/// this time.
///
/// A file that was changed in the moment in which git looked at it may have the same times. So one
/// whose times are not clearly older than the index is read, as git reads it. An empty file is read
/// too: git marks files of which it is not sure by the size 0.
pub(super) fn is_fresh(now: StatData, then: StatData, index_time: Time) -> bool {
    let is_recorded = then.mtime != (0, 0) && then.ctime != (0, 0) && then.size != 0;
    let is_coarse = then.mtime.1 == 0 || then.ctime.1 == 0;
    let tick = if is_coarse {
        COARSE_TICK_NANOS
    } else {
        TICK_NANOS
    };
    let last = nanos(then.mtime).max(nanos(then.ctime));
    let written = i128::from(index_time.0) * 1_000_000_000 + i128::from(index_time.1);
    is_recorded && now == then && last + tick < written
}

fn nanos((seconds, nanos): (u32, u32)) -> i128 {
    i128::from(seconds) * 1_000_000_000 + i128::from(nanos)
}

/// The number types of stat(2) differ between systems.
fn wide<T: TryInto<i128>>(number: T) -> i128 {
    number.try_into().unwrap_or(i128::MAX)
}

/// A number cut to 32 bits, as git cuts it.
fn low<T: TryInto<i128>>(number: T) -> u32 {
    u32::try_from(wide(number) & 0xffff_ffff).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::is_fresh;
    use crate::workspace::git::entry::StatData;

    const THEN: StatData = StatData {
        ctime: (1000, 5),
        mtime: (900, 7),
        inode: 3,
        size: 4,
    };

    #[test]
    fn a_file_is_fresh_when_nothing_of_it_changed_and_the_index_is_younger() {
        assert!(is_fresh(THEN, THEN, (1001, 0)));
        for now in [
            StatData {
                ctime: (1000, 6),
                ..THEN
            },
            StatData {
                mtime: (901, 7),
                ..THEN
            },
            StatData { inode: 4, ..THEN },
            StatData { size: 5, ..THEN },
        ] {
            assert!(!is_fresh(now, THEN, (1001, 0)), "{now:?}");
        }
    }

    #[test]
    fn a_file_as_young_as_the_index_is_not_fresh() {
        for index_time in [(1000, 5), (999, 0), (1000, 50_000_000)] {
            assert!(!is_fresh(THEN, THEN, index_time), "{index_time:?}");
        }
        let coarse = StatData {
            ctime: (1000, 0),
            ..THEN
        };
        assert!(!is_fresh(coarse, coarse, (1001, 9)) && is_fresh(coarse, coarse, (1003, 0)));
    }

    #[test]
    fn what_git_did_not_record_is_not_fresh() {
        for then in [
            StatData::default(),
            StatData { size: 0, ..THEN },
            StatData {
                ctime: (0, 0),
                ..THEN
            },
        ] {
            assert!(!is_fresh(then, then, (9999, 0)), "{then:?}");
        }
    }
}
