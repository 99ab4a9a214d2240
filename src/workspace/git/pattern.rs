//! Patterns of `.gitignore` and `.gitattributes`, matched as git's wildmatch does.
//!
//! Braces have no meaning here, unlike in most glob libraries: one that reads `*.{py,txt}` as two
//! patterns would ignore files that git does not. All states of a pattern advance together over a
//! path, so no pattern takes exponential time.

/// The longest pattern that is read, in bytes: no path is longer.
const LIMIT_BYTES: usize = 4096;

/// A pattern for paths.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    /// What stands before the first wildcard. git compares it first, and matches the rest as a
    /// pattern of its own.
    literal: Vec<u8>,
    tokens: Vec<Token>,
    /// It ends in a slash.
    only_folders: bool,
    /// It has no slash before its end, so it is matched with the last name of a path.
    of_name: bool,
}

#[derive(Debug, Clone)]
enum Token {
    Byte(u8),
    /// `?`
    One,
    /// `[…]`
    Set(Box<[bool; 256]>),
    /// `*`
    Star,
    /// `**` as a whole name. Followed by a slash it may also match nothing, together with that
    /// slash.
    DeepStar {
        before_slash: bool,
    },
}

impl Pattern {
    /// Reads a pattern; `None` where it can match nothing.
    pub(super) fn parse(text: &[u8]) -> Option<Self> {
        let text = text.split(|byte| *byte == 0).next()?;
        let (text, only_folders) = text
            .strip_suffix(b"/")
            .map_or((text, false), |text| (text, true));
        let of_name = !text.contains(&b'/');
        let text = text.strip_prefix(b"/").unwrap_or(text);
        if text.is_empty() || text.len() > LIMIT_BYTES {
            return None;
        }
        let is_special = |byte: &u8| matches!(byte, b'*' | b'?' | b'[' | b'\\');
        let split = text.iter().position(is_special).unwrap_or(text.len());
        let (literal, rest) = text.split_at_checked(split)?;
        Some(Self {
            literal: literal.to_vec(),
            tokens: tokens(rest)?,
            only_folders,
            of_name,
        })
    }

    /// Whether a path below the pattern's own folder matches. `fold` takes letters of both cases
    /// for the same.
    pub(super) fn matches(&self, path: &[u8], is_folder: bool, fold: bool) -> bool {
        if self.only_folders && !is_folder {
            return false;
        }
        let text = if self.of_name {
            path.rsplit(|byte| *byte == b'/').next().unwrap_or(path)
        } else {
            path
        };
        let Some((start, rest)) = text.split_at_checked(self.literal.len()) else {
            return false;
        };
        let starts = if fold {
            start.eq_ignore_ascii_case(&self.literal)
        } else {
            start == self.literal
        };
        starts && matches_tokens(&self.tokens, rest, fold)
    }
}

/// Reads wildcards; `None` for what git takes for malformed, which matches nothing.
fn tokens(text: &[u8]) -> Option<Vec<Token>> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        at += 1;
        let token = match byte {
            b'?' => Token::One,
            b'\\' => {
                let escaped = *text.get(at)?;
                at += 1;
                Token::Byte(escaped)
            }
            b'[' => {
                let (set, end) = set(text, at)?;
                at = end;
                Token::Set(set)
            }
            b'*' => {
                let first = at - 1;
                at += text
                    .iter()
                    .skip(at)
                    .take_while(|byte| **byte == b'*')
                    .count();
                let after = text.get(at..)?;
                let begins = first == 0 || text.get(first - 1) == Some(&b'/');
                let ends = after.is_empty() || after.starts_with(b"/") || after.starts_with(b"\\/");
                if at - first > 1 && begins && ends {
                    Token::DeepStar {
                        before_slash: after.starts_with(b"/"),
                    }
                } else {
                    Token::Star
                }
            }
            plain => Token::Byte(*plain),
        };
        tokens.push(token);
    }
    Some(tokens)
}

/// Reads a bracket expression whose first byte after `[` is at `at`, and where it ends.
fn set(text: &[u8], mut at: usize) -> Option<(Box<[bool; 256]>, usize)> {
    let mut set = Box::new([false; 256]);
    let negated = matches!(text.get(at), Some(b'!' | b'^'));
    at += usize::from(negated);
    let mut previous = None;
    loop {
        let mut byte = *text.get(at)?;
        let is_range = byte == b'-' && text.get(at + 1).is_some_and(|next| *next != b']');
        if let (true, Some(low)) = (is_range, previous) {
            at += 1;
            byte = *text.get(at)?;
            if byte == b'\\' {
                at += 1;
                byte = *text.get(at)?;
            }
            add(&mut set, |member| (low..=byte).contains(&member));
            previous = None;
        } else if let name @ [_, ..] = class_name(text.get(at..)?)? {
            add(&mut set, class(name)?);
            at += name.len() + 3;
            previous = None;
        } else {
            if byte == b'\\' {
                at += 1;
                byte = *text.get(at)?;
            }
            add(&mut set, |member| member == byte);
            previous = Some(byte);
        }
        at += 1;
        if *text.get(at)? == b']' {
            break;
        }
    }
    if negated {
        set.iter_mut().for_each(|member| *member = !*member);
    }
    if let Some(slash) = set.get_mut(usize::from(b'/')) {
        *slash = false;
    }
    Some((set, at + 1))
}

fn add(set: &mut [bool; 256], is_member: impl Fn(u8) -> bool) {
    for (byte, member) in (0..=u8::MAX).zip(set.iter_mut()) {
        *member |= is_member(byte);
    }
}

type Class = fn(u8) -> bool;

/// The name between `[:` and `:]`, empty where the text does not begin so; `None` for a malformed
/// one.
fn class_name(text: &[u8]) -> Option<&[u8]> {
    let Some(rest) = text.strip_prefix(b"[:") else {
        return Some(b"");
    };
    let end = rest.iter().position(|byte| *byte == b']')?;
    match rest.get(..end)?.strip_suffix(b":") {
        Some(b"") => None,
        Some(name) => Some(name),
        // Without the second colon the bracket is a byte like any other.
        None => Some(b""),
    }
}

/// The members of a class; `None` for one that does not exist, which makes the whole pattern
/// malformed.
fn class(name: &[u8]) -> Option<Class> {
    let class: Class = match name {
        b"alnum" => |byte| byte.is_ascii_alphanumeric(),
        b"alpha" => |byte| byte.is_ascii_alphabetic(),
        b"blank" => |byte| matches!(byte, b' ' | b'\t'),
        b"cntrl" => |byte| byte.is_ascii_control(),
        b"digit" => |byte| byte.is_ascii_digit(),
        b"graph" => |byte| byte.is_ascii_graphic(),
        b"lower" => |byte| byte.is_ascii_lowercase(),
        b"print" => |byte| byte.is_ascii_graphic() || byte == b' ',
        b"punct" => |byte| byte.is_ascii_punctuation(),
        b"space" => |byte| byte.is_ascii_whitespace() || byte == 0x0b,
        b"upper" => |byte| byte.is_ascii_uppercase(),
        b"xdigit" => |byte| byte.is_ascii_hexdigit(),
        _ => return None,
    };
    Some(class)
}

fn matches_tokens(tokens: &[Token], text: &[u8], fold: bool) -> bool {
    let mut now = States::new(tokens);
    now.enter(0);
    for byte in text {
        let mut next = States::new(tokens);
        for (at, token) in tokens.iter().enumerate() {
            if !now.holds(at) {
                continue;
            }
            match token {
                Token::Byte(wanted)
                    if byte == wanted || (fold && byte.eq_ignore_ascii_case(wanted)) =>
                {
                    next.enter(at + 1);
                }
                Token::One if *byte != b'/' => next.enter(at + 1),
                Token::Set(set) if is_in(set, *byte, fold) => next.enter(at + 1),
                Token::Star if *byte != b'/' => next.stay(at),
                Token::DeepStar { .. } => next.stay(at),
                _ => {}
            }
        }
        now = next;
    }
    now.holds(tokens.len())
}

fn is_in(set: &[bool; 256], byte: u8, fold: bool) -> bool {
    let has = |byte: u8| set.get(usize::from(byte)).is_some_and(|member| *member);
    has(byte) || (fold && (has(byte.to_ascii_lowercase()) || has(byte.to_ascii_uppercase())))
}

/// The tokens that may come next; the one past the last is the end.
struct States<'a> {
    tokens: &'a [Token],
    held: Vec<bool>,
}

impl<'a> States<'a> {
    fn new(tokens: &'a [Token]) -> Self {
        Self {
            tokens,
            held: vec![false; tokens.len() + 1],
        }
    }

    fn holds(&self, at: usize) -> bool {
        self.held.get(at).is_some_and(|held| *held)
    }

    fn hold(&mut self, at: usize) {
        if let Some(held) = self.held.get_mut(at) {
            *held = true;
        }
    }

    /// Comes to a token for the first time, and past it where it may match nothing.
    fn enter(&mut self, mut at: usize) {
        loop {
            self.hold(at);
            match self.tokens.get(at) {
                Some(
                    Token::Star
                    | Token::DeepStar {
                        before_slash: false,
                    },
                ) => at += 1,
                Some(Token::DeepStar { before_slash: true }) => {
                    self.hold(at + 1);
                    at += 2;
                }
                _ => return,
            }
        }
    }

    /// Stays at a star after it took a byte. What it takes ends here or goes on, but its slash must
    /// come now.
    fn stay(&mut self, at: usize) {
        self.hold(at);
        self.enter(at + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::Pattern;

    fn matches(pattern: &str, path: &str) -> bool {
        let (path, is_folder) = path
            .strip_suffix('/')
            .map_or((path, false), |path| (path, true));
        Pattern::parse(pattern.as_bytes())
            .is_some_and(|pattern| pattern.matches(path.as_bytes(), is_folder, false))
    }

    #[test]
    fn patterns_match_what_git_s_do() {
        let matching = [
            ("a", "a"),
            ("a", "x/a"),
            ("/a", "a"),
            ("x/a", "x/a"),
            ("*.py", "x/y.py"),
            ("x/*.py", "x/y.py"),
            ("**/a", "a"),
            ("**/a", "x/y/a"),
            ("x/**", "x/y/z"),
            ("x/**/z", "x/z"),
            ("x/**/z", "x/y/y/z"),
            ("a?c", "abc"),
            ("[a-c]x", "bx"),
            ("[!a-c]x", "dx"),
            ("[]-]x", "]x"),
            ("[[:digit:]]", "7"),
            ("[a\\]]", "]"),
            ("\\#a", "#a"),
            ("\\*", "*"),
            ("a/", "a/"),
            ("*.{py,txt}", "a.{py,txt}"),
            ("foo**/bar", "foo/x/bar"),
            ("a*b*c", "a1b2c"),
            ("***", "x"),
        ];
        for (pattern, path) in matching {
            assert!(matches(pattern, path), "{pattern} {path}");
        }
        let others = [
            ("/a", "x/a"),
            ("x/a", "y/x/a"),
            ("x/*.py", "x/y/z.py"),
            ("**/a", "xa"),
            ("a/", "a"),
            ("*.{py,txt}", "a.py"),
            ("[a-c", "a"),
            ("a\\", "a\\"),
            ("[[:nope:]]", "n"),
            ("[[::]]", "[]"),
            ("x/?y", "x//y"),
            ("x[/]y", "x/y"),
            ("A", "a"),
            ("x/**", "x"),
            ("", ""),
            ("/", "a/"),
        ];
        for (pattern, path) in others {
            assert!(!matches(pattern, path), "{pattern} {path}");
        }
        assert!(
            Pattern::parse(b"Ab*[C]")
                .unwrap()
                .matches(b"aBxc", false, true)
        );
    }

    #[test]
    fn no_pattern_takes_exponential_time() {
        let pattern = "**/*a*".repeat(400);
        assert!(!matches(&pattern, &("a/".repeat(1500) + "b")));
    }
}
