//! What of a declaration one image needs: candidates are tried on that, so that a trial costs the
//! same in a fleet of ten thousand services.
//!
//! The entries of other services stay out of the text, and a comment holds the place of each run of
//! them. Edits keep comments, so the whole text comes back by putting the runs in place of these.
//! What comes of it is judged in the whole again.

use std::collections::BTreeMap;

use crate::yaml::{Entry, Id, Tree, line_end};

/// What the comment in place of entries begins with.
const HOLDER: &str = "# entries left out:";

/// Texts of a declaration without the entries of other services.
pub(super) struct Part {
    /// The texts, by path.
    pub(super) texts: BTreeMap<String, String>,
    /// What was left out: the file, the line that holds the place, and the text.
    cuts: Vec<(String, String, String)>,
}

impl Part {
    /// Of these files what a service needs, and one service where it stands in none of them;
    /// nothing where all is needed.
    pub(super) fn of<'t>(
        texts: impl IntoIterator<Item = (&'t str, &'t Tree)>,
        name: &str,
    ) -> Option<Self> {
        let mut part = Self {
            texts: BTreeMap::new(),
            cuts: Vec::new(),
        };
        for (file, tree) in texts {
            if let Some(left) = part.without_others(file, tree, name) {
                part.texts.insert(file.to_owned(), left);
            }
        }
        (!part.cuts.is_empty()).then_some(part)
    }

    /// A text of the part with everything that was left out of its file; nothing where the edit
    /// took a place away.
    pub(super) fn whole(&self, file: &str, text: &str) -> Option<String> {
        let mut whole = text.to_owned();
        for (_, holder, left_out) in self.cuts.iter().filter(|(of, ..)| of == file) {
            if whole.matches(holder).count() != 1 {
                return None;
            }
            whole = whole.replacen(holder, left_out, 1);
        }
        Some(whole)
    }

    fn without_others(&mut self, file: &str, tree: &Tree, name: &str) -> Option<String> {
        let text = Some(tree.text()).filter(|text| !text.contains(HOLDER))?;
        let services = tree.entry(tree.root()?, "services")?.value;
        let entries: Vec<Entry> = tree.entries(services).collect();
        let is_it = |entry: &Entry| tree.value(entry.key) == name;
        let kept = entries.iter().position(is_it).unwrap_or(0);
        let (before, after) = (entries.get(..kept)?, entries.get(kept + 1..)?);
        let next = entries.get(kept)?.key;
        let runs = [(before, Some(next)), (after, None)];
        let mut left = String::with_capacity(text.len() / 4);
        let mut done = 0;
        for (run, next) in runs.into_iter().filter(|(run, _)| !run.is_empty()) {
            let (start, end) = range(tree, run, next)?;
            let indent = text.get(start..)?;
            let indent = indent.len() - indent.trim_start_matches(' ').len();
            let number = self.cuts.len();
            let holder = format!("{:indent$}{HOLDER} {number}{}", "", line_end(text));
            left.push_str(text.get(done..start)?);
            left.push_str(&holder);
            let left_out = text.get(start..end)?.to_owned();
            self.cuts.push((file.to_owned(), holder, left_out));
            done = end;
        }
        left.push_str(text.get(done..)?);
        Some(left)
    }
}

/// The lines of entries: up to the next one or, behind the last, to the end of its last line.
/// Nothing where they do not have separate lines.
fn range(tree: &Tree, entries: &[Entry], next: Option<Id>) -> Option<(usize, usize)> {
    let (first, last) = (entries.first()?, entries.last()?);
    let text = tree.text();
    let line = |id: Id| {
        let start = text.get(..tree.bytes(id).0)?.rfind('\n')? + 1;
        let indent = text.get(start..tree.bytes(id).0)?;
        indent.bytes().all(|byte| byte == b' ').then_some(start)
    };
    if let Some(next) = next {
        return Some((line(first.key)?, line(next)?));
    }
    let mut end = tree.bytes(last.value).1.max(tree.bytes(last.key).1);
    if !text.get(..end)?.ends_with('\n') {
        end += text.get(end..)?.find('\n')? + 1;
    }
    Some((line(first.key)?, end))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::yaml::read;

    fn part(text: &str, name: &str) -> Option<Part> {
        let tree = read(text.as_bytes()).unwrap();
        Part::of([("s.yaml", &tree)], name)
    }

    const TEXT: &str = "a: 1\nservices:\n  # of a\n  a: { port: 1 }\n  # of b\n  b:\n    port: 2\n\
                        \n  # of c\n  c: { port: 3 } # c\n  d:\n    port: |\n      4\nz: 1\n";

    #[test]
    fn one_service_stays_and_the_rest_comes_back() {
        for (name, left) in [("a", 1), ("b", 2), ("c", 2), ("d", 1), ("elsewhere", 1)] {
            let part = part(TEXT, name).unwrap();
            let text = &part.texts["s.yaml"];
            assert_eq!(text.matches(HOLDER).count(), left, "{text}");
            assert_eq!(text.matches("port").count(), 1, "{text}");
            assert!(text.ends_with("z: 1\n"), "{text}");
            let edited = text.replace("port", "ports");
            let whole = part.whole("s.yaml", &edited).unwrap();
            assert_eq!(whole.replace("ports", "port"), TEXT);
            assert_eq!(whole.matches("ports").count(), 1);
            assert_eq!(part.whole("s.yaml", &text.replace(HOLDER, "#")), None);
        }
    }

    #[test]
    fn what_has_no_lines_of_its_own_stays_whole() {
        for text in [
            "services: { a: {}, b: {} }\n",
            "services:\n  a: {}\n",
            "x: &x { a: {} }\nservices: *x\n",
            "a: 1\n",
            "services:\n  a: {}\n  b: {}",
        ] {
            assert!(part(text, "a").is_none(), "{text}");
        }
    }
}
