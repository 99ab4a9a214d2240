//! Files that list what git ignores: `.gitignore`, `info/exclude` and the person's own.

use super::pattern::Pattern;

/// The lines of one file.
#[derive(Debug, Default)]
pub(super) struct IgnoreLines(Vec<(Pattern, bool)>);

impl IgnoreLines {
    pub(super) fn parse(bytes: &[u8]) -> Self {
        let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
        Self(
            bytes
                .split(|byte| *byte == b'\n')
                .filter_map(line)
                .collect(),
        )
    }

    /// Whether a path below the file's folder is ignored; `None` where no line says. The last line
    /// that matches decides.
    pub(super) fn verdict(&self, path: &[u8], is_folder: bool, fold: bool) -> Option<bool> {
        let deciding = self
            .0
            .iter()
            .rev()
            .find(|(pattern, _)| pattern.matches(path, is_folder, fold));
        deciding.map(|(_, ignored)| *ignored)
    }
}

fn line(line: &[u8]) -> Option<(Pattern, bool)> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    if line.starts_with(b"#") {
        return None;
    }
    let line = without_final_spaces(line);
    let (text, ignored) = line
        .strip_prefix(b"!")
        .map_or((line, true), |text| (text, false));
    Pattern::parse(text).map(|pattern| (pattern, ignored))
}

/// A line without the spaces at its end that no backslash keeps.
fn without_final_spaces(line: &[u8]) -> &[u8] {
    let mut end = 0;
    let mut escaped = false;
    for (at, byte) in line.iter().enumerate() {
        if escaped || *byte != b' ' {
            end = at + 1;
        }
        escaped = !escaped && *byte == b'\\';
    }
    line.get(..end).unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::IgnoreLines;

    #[test]
    fn the_last_line_that_matches_decides() {
        let text = "\u{feff}*.log\n# a comment\n!keep.log\r\n\\#x\nspace \nkept\\ \nfolder/\n!\n";
        let lines = IgnoreLines::parse(text.as_bytes());
        let verdicts = [
            ("a.log", Some(true)),
            ("x/keep.log", Some(false)),
            ("#x", Some(true)),
            ("space", Some(true)),
            ("kept ", Some(true)),
            ("kept", None),
            ("folder", None),
            ("# a comment", None),
        ];
        for (path, verdict) in verdicts {
            assert_eq!(
                lines.verdict(path.as_bytes(), false, false),
                verdict,
                "{path}"
            );
        }
        assert_eq!(lines.verdict(b"folder", true, false), Some(true));
    }
}
