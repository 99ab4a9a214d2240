//! Words of a shell: quotes, escapes, variables (POSIX, 2.2 and 2.6).

use super::Reader;

/// A word while it is read.
#[derive(Default)]
pub(super) struct Word {
    pub(super) text: String,
    /// Whether any part of it was quoted.
    pub(super) is_quoted: bool,
    /// Words that an unquoted variable made before this one.
    split: Vec<String>,
}

impl Word {
    /// Adds the value of an unquoted variable, which is cut at blanks.
    fn add_split(&mut self, value: &str) {
        let mut parts = value.split([' ', '\t', '\n']);
        self.text.push_str(parts.next().unwrap_or_default());
        for part in parts {
            if !self.text.is_empty() {
                self.split.push(std::mem::take(&mut self.text));
            }
            self.text.push_str(part);
        }
    }

    pub(super) fn finish(mut self) -> Vec<String> {
        if !self.text.is_empty() || self.is_quoted {
            self.split.push(self.text);
        }
        self.split
    }
}

impl Reader<'_> {
    pub(super) fn escaped(&mut self, word: &mut Word) {
        self.take();
        match self.take() {
            Some('\n') | None => {}
            Some(next) => {
                word.is_quoted = true;
                word.text.push(next);
            }
        }
    }

    pub(super) fn single_quoted(&mut self, word: &mut Word) -> Option<()> {
        self.take();
        word.is_quoted = true;
        loop {
            match self.take()? {
                '\'' => return Some(()),
                next => word.text.push(next),
            }
        }
    }

    pub(super) fn double_quoted(&mut self, word: &mut Word) -> Option<()> {
        self.take();
        word.is_quoted = true;
        loop {
            match *self.rest.peek()? {
                '"' => {
                    self.take();
                    return Some(());
                }
                '$' => self.dollar(word, true)?,
                '`' => self.backquoted(word)?,
                '\\' => {
                    self.take();
                    match self.take()? {
                        '\n' => {}
                        next @ ('"' | '\\' | '$' | '`') => word.text.push(next),
                        next => word.text.extend(['\\', next]),
                    }
                }
                _ => word.text.extend(self.take()),
            }
        }
    }

    /// A variable, or a command whose output is put there: that one stays as it is written.
    pub(super) fn dollar(&mut self, word: &mut Word, is_quoted: bool) -> Option<()> {
        self.take();
        match self.rest.peek() {
            Some('(') => {
                let inner = self.nested('(', ')')?;
                word.text.push_str("$(");
                word.text.push_str(&inner);
                word.text.push(')');
            }
            Some('{') => {
                let inner = self.nested('{', '}')?;
                let value = self.braced(&inner);
                Self::put(word, is_quoted, value, &format!("${{{inner}}}"));
            }
            _ => {
                let name = self.name();
                let value = self.variables.value(&name);
                Self::put(word, is_quoted, value, &format!("${name}"));
            }
        }
        Some(())
    }

    fn put(word: &mut Word, is_quoted: bool, value: Option<String>, written: &str) {
        match value {
            Some(value) if is_quoted => word.text.push_str(&value),
            Some(value) => word.add_split(&value),
            None => word.text.push_str(written),
        }
    }

    /// The value of `${name}` and `${name:-default}`; of anything else nothing is known.
    fn braced(&self, inner: &str) -> Option<String> {
        match inner.split_once(":-") {
            Some((name, default)) if !default.contains('$') => {
                let value = self.variables.value(name);
                Some(
                    value
                        .filter(|value| !value.is_empty())
                        .unwrap_or_else(|| default.to_owned()),
                )
            }
            _ => self.variables.value(inner),
        }
    }

    fn name(&mut self) -> String {
        let mut name = String::new();
        while let Some(part) = self
            .rest
            .next_if(|&next| next.is_ascii_alphanumeric() || next == '_')
        {
            self.written.push(part);
            name.push(part);
        }
        if name.is_empty() {
            name.extend(self.rest.next_if(|next| "@*#?-$!".contains(*next)));
            self.written.push_str(&name);
        }
        name
    }

    /// What stands between two brackets, which may nest.
    fn nested(&mut self, open: char, close: char) -> Option<String> {
        self.take();
        let mut inner = String::new();
        let mut depth = 1_usize;
        loop {
            let next = self.take()?;
            if next == open {
                depth += 1;
            } else if next == close {
                depth -= 1;
                if depth == 0 {
                    return Some(inner);
                }
            }
            inner.push(next);
        }
    }

    pub(super) fn backquoted(&mut self, word: &mut Word) -> Option<()> {
        self.take();
        word.text.push('`');
        loop {
            let next = self.take()?;
            word.text.push(next);
            if next == '`' {
                return Some(());
            }
        }
    }
}
