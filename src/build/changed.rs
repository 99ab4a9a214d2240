//! A list of changed files as other programs print it.

use std::collections::BTreeSet;

use thiserror::Error;

/// A path of the list that does not lie below the root.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{path}` is not below the folder of services.yaml: {help}")]
pub struct OutsidePath {
    /// The path as given.
    pub path: String,
    /// How to get paths that count from there.
    pub help: &'static str,
}

const RELATIVE: &str = "paths count from there, as `git diff --relative --name-only` prints them in it";

/// Reads a list of paths: one a line, or each ended by a NUL. A line in double quotes is one that git has escaped.
///
/// # Errors
/// Names a path that is absolute or climbs with `..`: dropping it could leave an image out.
pub fn read_list(bytes: &[u8]) -> Result<BTreeSet<String>, OutsidePath> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let names: Vec<String> = if bytes.contains(&0) {
        bytes.split(|byte| *byte == 0).map(text).collect()
    } else {
        let lines = bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        lines.map(|line| text(&unquoted(line))).collect()
    };
    names.into_iter().filter(|name| !name.is_empty()).map(below_root).collect()
}

fn below_root(path: String) -> Result<String, OutsidePath> {
    let plain = path.strip_prefix("./").unwrap_or(&path).trim_end_matches('/');
    if plain.starts_with('/') || plain.split('/').any(|name| name == "..") {
        return Err(OutsidePath { path, help: RELATIVE });
    }
    Ok(plain.to_owned())
}

/// Takes git's quotes off a line (`core.quotePath`): backslash escapes as in C, bytes as three octal digits.
fn unquoted(line: &[u8]) -> Vec<u8> {
    let Some(inner) = line.strip_prefix(b"\"").and_then(|rest| rest.strip_suffix(b"\"")) else {
        return line.to_vec();
    };
    let mut bytes = Vec::with_capacity(inner.len());
    let mut rest = inner.iter().copied().peekable();
    while let Some(byte) = rest.next() {
        if byte != b'\\' {
            bytes.push(byte);
            continue;
        }
        match rest.next().unwrap_or(b'\\') {
            first @ b'0'..=b'7' => {
                let mut value = u32::from(first - b'0');
                for _ in 0..2 {
                    if let Some(digit) = rest.next_if(|digit| (b'0'..=b'7').contains(digit)) {
                        value = value * 8 + u32::from(digit - b'0');
                    }
                }
                bytes.push(u8::try_from(value).unwrap_or(b'?'));
            }
            b'n' => bytes.push(b'\n'),
            b't' => bytes.push(b'\t'),
            plain => bytes.push(plain),
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_by_line_or_by_nul() {
        let wanted: BTreeSet<String> = ["a b", "libs/é"].map(str::to_owned).into();
        assert_eq!(read_list("a b\nlibs/é\n".as_bytes()), Ok(wanted.clone()));
        assert_eq!(read_list("./a b\0libs/é\0".as_bytes()), Ok(wanted.clone()));
        assert_eq!(read_list(b"a b\r\n\"libs/\\303\\251\"\n"), Ok(wanted));
        assert_eq!(read_list(b""), Ok(BTreeSet::new()));
    }

    #[test]
    fn a_path_outside_is_refused_rather_than_dropped() {
        assert!(read_list(b"../x\n").is_err());
        assert!(read_list(b"/etc/x\n").is_err());
    }
}
