//! A list of changed files as other programs print it, each path in its one spelling.
//!
//! Nothing in a list is dropped in silence: what cannot be read is an error, and what can be read
//! in two ways counts in both. The first means no answer, the second at most one image too many.

use std::collections::BTreeSet;

use thiserror::Error;

/// An entry of the list that is not a path below the root.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the list of changed files: {place}{}: {reason}; {help}", shown(.text))]
pub(crate) struct UnreadableEntry {
    /// Which entry it is, such as `line 3`.
    pub(crate) place: String,
    /// The entry on one line; empty where the list as a whole is wrong.
    pub(crate) text: String,
    /// What is wrong with it.
    pub(crate) reason: &'static str,
    /// What to give instead.
    pub(crate) help: &'static str,
}

fn shown(text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!(", `{text}`")
    }
}

/// How many characters of an entry an error shows.
const SHOWN: usize = 200;

/// Why an entry is refused, and what to give instead.
type Refusal = (&'static str, &'static str);

const OUTSIDE: Refusal = (
    "not below the folder of services.yaml",
    "give paths relative to that folder, as `git diff --relative --name-only` prints them there",
);
const NOT_UTF_8: Refusal = ("not UTF-8", "rename the file, or check all images");
const BY_NUL: &str = "end each path with a NUL instead, as `git diff --name-only -z` does";
const RAW_QUOTE: Refusal = ("a quote that git would have escaped", BY_NUL);
const UNPAIRED: Refusal = ("a quoted name that is not in git's form", BY_NUL);
const CONTROL: Refusal = ("a control character that git would have escaped", BY_NUL);
const EMPTY: Refusal = (
    "an empty path between two NULs",
    "give each path once, ended by one NUL",
);
const MIXED: Refusal = (
    "paths by line in a list of paths by NUL",
    "end every path with a NUL",
);
const ENCODING: Refusal = ("UTF-16", "write the list as UTF-8");

/// Reads a list of paths: one a line, or each ended by a NUL. A line in double quotes is one that
/// git has escaped. The paths come back without `.`, `..` and extra slashes; the empty path is the
/// root itself. `roots` are the absolute spellings of the root: what lies below one is taken too.
///
/// # Errors
/// Names the first entry that is not a path below the root.
pub(crate) fn read_list(
    bytes: &[u8],
    roots: &[String],
) -> Result<BTreeSet<String>, UnreadableEntry> {
    if [[0xFF, 0xFE], [0xFE, 0xFF]]
        .iter()
        .any(|mark| bytes.starts_with(mark))
    {
        let (reason, help) = ENCODING;
        return Err(UnreadableEntry {
            place: "its encoding".to_owned(),
            text: String::new(),
            reason,
            help,
        });
    }
    let by_nul = bytes.contains(&0);
    let (unit, entries) = if by_nul {
        ("entry", entries(bytes))
    } else {
        ("line", lines(bytes))
    };
    let (mut paths, count) = (BTreeSet::new(), entries.len());
    for (number, entry) in entries.into_iter().enumerate() {
        let is_ended = number + 1 < count || bytes.ends_with(&[0]);
        let read = if by_nul {
            by_nul_entry(entry, is_ended)
        } else {
            by_line(entry)
        };
        let below = read.and_then(|names| {
            names
                .iter()
                .map(|name| below_root(name, roots))
                .collect::<Result<Vec<_>, _>>()
        });
        let (reason, help) = match below {
            Ok(below) => {
                paths.extend(below);
                continue;
            }
            Err(refusal) => refusal,
        };
        let text = String::from_utf8_lossy(entry)
            .chars()
            .take(SHOWN)
            .flat_map(char::escape_debug)
            .collect();
        return Err(UnreadableEntry {
            place: format!("{unit} {}", number + 1),
            text,
            reason,
            help,
        });
    }
    Ok(paths)
}

/// The lines of a list, without their ends; blank ones keep their numbers.
fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let line = |line| <[u8]>::strip_suffix(line, b"\r").unwrap_or(line);
    bytes.split(|byte| *byte == b'\n').map(line).collect()
}

/// The entries of a list by NUL. An empty shell array gives a NUL alone.
fn entries(bytes: &[u8]) -> Vec<&[u8]> {
    if bytes == [0] {
        return Vec::new();
    }
    bytes
        .strip_suffix(&[0])
        .unwrap_or(bytes)
        .split(|byte| *byte == 0)
        .collect()
}

/// The names that an entry of a list by NUL can stand for. One that no NUL ends and that has lines
/// is another list.
fn by_nul_entry(entry: &[u8], is_ended: bool) -> Result<Vec<String>, Refusal> {
    match entry {
        [] => Err(EMPTY),
        // UTF-16 has its NULs beside the line ends.
        [b'\n' | b'\r'] => Err(ENCODING),
        entry if !is_ended && entry.contains(&b'\n') => Err(MIXED),
        entry => Ok(with_and_without_mark(text(entry)?)),
    }
}

/// The names that a line can stand for.
fn by_line(line: &[u8]) -> Result<Vec<String>, Refusal> {
    let unmarked = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line);
    if let Some(quoted) = unmarked.strip_prefix(b"\"") {
        return Ok(vec![text(&unquoted(quoted).ok_or(UNPAIRED)?)?]);
    }
    let name = text(line)?;
    if unmarked.is_empty() {
        return Ok(Vec::new());
    }
    if name.contains('"') {
        return Err(RAW_QUOTE);
    }
    if name.contains(|character: char| character.is_control()) {
        return Err(CONTROL);
    }
    let mut names = with_and_without_mark(name);
    // A file can have a backslash in its name; programs on Windows separate folders by it.
    let slashed: Vec<String> = names
        .iter()
        .filter(|name| name.contains('\\'))
        .map(|name| name.replace('\\', "/"))
        .collect();
    names.extend(slashed);
    Ok(names)
}

fn text(bytes: &[u8]) -> Result<String, Refusal> {
    String::from_utf8(bytes.to_vec()).map_err(|_| NOT_UTF_8)
}

/// A name, and without the byte-order mark that some programs put in front of a list.
fn with_and_without_mark(name: String) -> Vec<String> {
    let unmarked = name
        .strip_prefix('\u{feff}')
        .filter(|name| !name.is_empty())
        .map(str::to_owned);
    std::iter::once(name).chain(unmarked).collect()
}

/// A path from the root on, in its one spelling.
fn below_root(name: &str, roots: &[String]) -> Result<String, Refusal> {
    let is_drive =
        matches!(name.as_bytes(), [drive, b':', b'/' | b'\\', ..] if drive.is_ascii_alphabetic());
    if is_drive {
        return Err(OUTSIDE);
    }
    let Some(absolute) = name.strip_prefix('/') else {
        return cleaned(name).ok_or(OUTSIDE);
    };
    let path = format!("/{}", cleaned(absolute).ok_or(OUTSIDE)?);
    let below = |root: &String| {
        let rest = path.strip_prefix(root.trim_end_matches('/'))?;
        if rest.is_empty() {
            Some("")
        } else {
            rest.strip_prefix('/')
        }
    };
    roots
        .iter()
        .find_map(below)
        .map(str::to_owned)
        .ok_or(OUTSIDE)
}

/// A path without `.`, `..` and empty names; `None` where it climbs out of where it begins.
fn cleaned(path: &str) -> Option<String> {
    let mut names: Vec<&str> = Vec::new();
    for name in path.split('/') {
        match name {
            "" | "." => {}
            ".." => drop(names.pop()?),
            name => names.push(name),
        }
    }
    Some(names.join("/"))
}

/// A name as git quotes it (`core.quotePath`), without its first quote: backslash escapes as in C,
/// bytes as three octal digits. `None` where git would not have written it.
fn unquoted(quoted: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(quoted.len());
    let mut rest = quoted.iter().copied();
    loop {
        match rest.next()? {
            b'"' => return (rest.len() == 0 && !bytes.is_empty()).then_some(bytes),
            b'\\' => bytes.push(escaped(&mut rest)?),
            control if control.is_ascii_control() => return None,
            plain => bytes.push(plain),
        }
    }
}

/// The byte that an escape means, from what follows its backslash.
fn escaped(rest: &mut impl Iterator<Item = u8>) -> Option<u8> {
    Some(match rest.next()? {
        b'a' => 0x07,
        b'b' => 0x08,
        b't' => b'\t',
        b'n' => b'\n',
        b'v' => 0x0B,
        b'f' => 0x0C,
        b'r' => b'\r',
        quoted @ (b'"' | b'\\') => quoted,
        first @ b'0'..=b'3' => {
            let mut digit = || {
                rest.next()
                    .filter(|digit| (b'0'..=b'7').contains(digit))
                    .map(|digit| digit - b'0')
            };
            let byte = (first - b'0') * 64 + digit()? * 8 + digit()?;
            (byte != 0).then_some(byte)?
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(list: &[u8]) -> Result<Vec<String>, &'static str> {
        let roots = ["/repo/fleet".to_owned()];
        read_list(list, &roots)
            .map(|paths| paths.into_iter().collect())
            .map_err(|error| error.reason)
    }

    #[test]
    fn lists_are_read_by_line_or_by_nul() {
        for list in [
            "a b\nlibs/é\n",
            "./a b\0libs/é\0",
            "a b\0libs/é",
            "a b\r\n\"libs/\\303\\251\"\r\n",
        ] {
            assert_eq!(
                read(list.as_bytes()).unwrap(),
                ["a b", "libs/é"],
                "{list:?}"
            );
        }
        for empty in ["", "\n", "\r\n\n", "\0", "\u{feff}", "\u{feff}\r\n"] {
            assert!(read(empty.as_bytes()).unwrap().is_empty(), "{empty:?}");
        }
    }

    #[test]
    fn every_spelling_of_a_path_is_the_same_path() {
        for spelling in [
            "libs//deep/x",
            "libs/./deep/x",
            "././libs/deep/x",
            ".//libs/deep/x/",
            "libs/deep/x/.",
            "libs/deep/../deep/x",
            "apps/../libs/deep/x",
            "/repo/fleet/libs/deep/x",
            "/repo//fleet/../fleet/./libs/deep/x",
            "\"libs/deep/\\170\"",
        ] {
            assert_eq!(
                read(spelling.as_bytes()).unwrap(),
                ["libs/deep/x"],
                "{spelling}"
            );
        }
        for root in [".", "./", "./.", "a/..", "/repo/fleet", "/repo/fleet/"] {
            assert_eq!(read(root.as_bytes()).unwrap(), [""], "{root}");
        }
    }

    #[test]
    fn blanks_and_case_are_part_of_a_name() {
        assert_eq!(read(b" a \nA\na\na\n").unwrap(), [" a ", "A", "a"]);
        assert_eq!(read(b"a\nb\0c\\d\0").unwrap(), ["a\nb", "c\\d"]);
    }

    #[test]
    fn what_can_be_read_in_two_ways_counts_in_both() {
        assert_eq!(read(b"libs\\x\n").unwrap(), ["libs/x", "libs\\x"]);
        assert_eq!(
            read("\u{feff}libs/x\n".as_bytes()).unwrap(),
            ["libs/x", "\u{feff}libs/x"]
        );
        assert_eq!(read("\u{feff}\"libs/x\"\n".as_bytes()).unwrap(), ["libs/x"]);
    }

    #[test]
    fn what_cannot_be_understood_is_an_error() {
        let long: Vec<u8> = "a\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        for list in [
            &b"../x\n"[..],
            b"a/../../x\n",
            b"/etc/x\n",
            b"/repo/fleet2/x\n",
            b"/repo\n",
            b"/repo/fleet/../x\n",
            b"C:\\fleet\\x\n",
            b"c:/x\n",
            b"..\\x\n",
            b"\\\\server\\x\n",
            b"libs/\xff\n",
            b"libs/\xff\0",
            b"\"libs/\\377\"\n",
            b"\"libs/x\n",
            b"libs/x\"\n",
            b"\"a\" \"b\"\n",
            b"\"a\\\"\n",
            b"\"a\\q\"\n",
            b"\"a\\18\"\n",
            b"\"a\\400\"\n",
            b"\"a\\\n",
            b"\"\"\n",
            b"\"\n",
            b"\"a\tb\"\n",
            b"\"a\\000\"\n",
            b"M\tlibs/x\n",
            b"a\rb\r",
            b"a\x1b[m\n",
            "a\u{85}b\n".as_bytes(),
            b"a\0\0b\0",
            b"\0a\0",
            b"a\0b\nc\n",
            b"\xff\xfea\0",
            b"\xfe\xff\0a",
            &long,
        ] {
            assert!(read(list).is_err(), "{:?}", String::from_utf8_lossy(list));
        }
        let told = read_list(b"a\n../x\n", &[]).unwrap_err().to_string();
        assert!(
            told.starts_with("the list of changed files: line 2, `../x`: not below"),
            "{told}"
        );
    }
}
