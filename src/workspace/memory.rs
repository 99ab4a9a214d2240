//! How much memory the process takes.

use std::fs;

/// The resident bytes of this process, shared ones included; `None` where the system has no procfs.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "the file is the kernel's, not the user's"
)]
pub(crate) fn resident_bytes() -> Option<u64> {
    let status = fs::read_to_string("/proc/self/status").ok()?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}

#[cfg(test)]
mod tests {
    #[cfg(target_os = "linux")]
    #[test]
    fn memory_that_is_filled_counts() {
        let filled = std::hint::black_box(vec![1_u8; 64 << 20]);
        // No difference to before: tests beside this one take and give back memory meanwhile.
        let resident = super::resident_bytes().unwrap();
        assert!(
            (filled.len() as u64..1 << 44).contains(&resident),
            "{resident}"
        );
    }
}
