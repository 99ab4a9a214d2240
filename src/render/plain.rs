//! Built-in templates without what most images do not use: for the engine, a question whether
//! something is there costs as much as many lines of text. What comes out is the same.

/// What a template of a Dockerfile asks for and a plain image does not have: false, empty or not
/// there at all, with everything below it.
pub(super) const ABSENT: [&str; 26] = [
    "account.groups",
    "account.moved",
    "apt_build",
    "apt_steps",
    "args",
    "dirs",
    "entrypoint",
    "foreign",
    "frozen",
    "hooks",
    "labels",
    "lock",
    "locked",
    "no_binary",
    "poetry",
    "projects",
    "routes",
    "secrets",
    "several_indexes",
    "source_steps",
    "stages",
    "steps",
    "stop_signal",
    "uv",
    "version",
    "volumes",
];

/// What every plain image has.
const PRESENT: [&str; 1] = ["workdir"];

/// What the name of a template ends with that is asked for without all that.
pub(super) const PLAIN: &str = " of a plain image";

/// A template, joined from its parts, without what a plain image does not have.
pub(super) fn plain(text: &str) -> String {
    let mut lines = text.split_inclusive('\n');
    let (pieces, _) = pieces(&mut lines);
    let mut out = String::with_capacity(text.len());
    write(&pieces, &mut out);
    out
}

/// A part of a template, as far as tags that have a line of their own cut it.
enum Piece<'t> {
    Line(&'t str),
    /// The conditions, nothing for `else`, each with what it stands for.
    If(Vec<(Option<&'t str>, Vec<Self>)>),
    /// What is gone over, the line that says so, and what is repeated.
    For(&'t str, &'t str, Vec<Self>),
}

/// The tag that a line is, where it is nothing else.
fn tag(line: &str) -> Option<&str> {
    let tag = line.trim().strip_prefix("{% ")?.strip_suffix(" %}")?;
    (!tag.contains("%}")).then_some(tag)
}

/// All pieces up to the tag that ends them, and that tag.
fn pieces<'t>(lines: &mut impl Iterator<Item = &'t str>) -> (Vec<Piece<'t>>, &'t str) {
    let mut all = Vec::new();
    while let Some(line) = lines.next() {
        match tag(line) {
            Some(end) if ["endif", "endfor", "else"].contains(&end) => return (all, end),
            Some(end) if end.starts_with("elif ") => return (all, end),
            Some(tag) if tag.starts_with("if ") => all.push(branches(tag, lines)),
            Some(tag) if tag.starts_with("for ") => {
                let list = tag.split_once(" in ").map_or("", |(_, list)| list);
                all.push(Piece::For(list, line, pieces(lines).0));
            }
            _ => all.push(Piece::Line(line)),
        }
    }
    (all, "")
}

fn branches<'t>(first: &'t str, lines: &mut impl Iterator<Item = &'t str>) -> Piece<'t> {
    let (mut all, mut tag) = (Vec::new(), first);
    while tag != "endif" && !tag.is_empty() {
        let condition = tag.strip_prefix("if ").or(tag.strip_prefix("elif "));
        let (inside, end) = pieces(lines);
        all.push((condition, inside));
        tag = end;
    }
    Piece::If(all)
}

fn write(pieces: &[Piece<'_>], out: &mut String) {
    for piece in pieces {
        match piece {
            Piece::Line(line) => write_line(line, out),
            Piece::For(list, ..) if is_absent(list) => {}
            Piece::For(_, line, inside) => {
                out.push_str(line);
                write(inside, out);
                out.push_str("{% endfor %}\n");
            }
            Piece::If(branches) => write_branches(branches, out),
        }
    }
}

fn write_branches(branches: &[(Option<&str>, Vec<Piece<'_>>)], out: &mut String) {
    let mut is_open = false;
    for (condition, inside) in branches {
        let known = condition.map_or(Known::Yes, known);
        match &known {
            Known::No => continue,
            Known::Yes if !is_open => return write(inside, out),
            Known::Yes => out.push_str("{% else %}\n"),
            Known::Open(condition) => {
                let word = if is_open { "elif" } else { "if" };
                out.extend(["{% ", word, " ", condition.as_str(), " %}\n"]);
            }
        }
        is_open = true;
        write(inside, out);
        if matches!(known, Known::Yes) {
            break;
        }
    }
    if is_open {
        out.push_str("{% endif %}\n");
    }
}

/// What is known of a condition.
enum Known {
    Yes,
    No,
    /// It depends on the image; the part of it that does.
    Open(String),
}

fn known(condition: &str) -> Known {
    if let Some(inner) = condition
        .strip_prefix("not (")
        .and_then(|rest| rest.strip_suffix(')'))
    {
        return opposite(known(inner), |inner| format!("not ({inner})"));
    }
    if condition.contains(['(', '"']) {
        return Known::Open(condition.to_owned());
    }
    if condition.contains(" or ") {
        return any(condition.split(" or ").map(known));
    }
    if condition.contains(" and ") {
        return all(condition.split(" and ").map(known));
    }
    if let Some(inner) = condition.strip_prefix("not ") {
        return opposite(known(inner), |inner| format!("not {inner}"));
    }
    if condition
        .strip_suffix(" is defined")
        .is_some_and(|name| PRESENT.contains(&name))
    {
        return Known::Yes;
    }
    if is_absent(condition.strip_suffix(" is defined").unwrap_or(condition)) {
        Known::No
    } else {
        Known::Open(condition.to_owned())
    }
}

fn opposite(known: Known, open: impl Fn(String) -> String) -> Known {
    match known {
        Known::Yes => Known::No,
        Known::No => Known::Yes,
        Known::Open(text) => Known::Open(open(text)),
    }
}

/// Whether all terms hold; the open ones joined, where it depends on them.
fn all(terms: impl Iterator<Item = Known>) -> Known {
    let mut open = Vec::new();
    for term in terms {
        match term {
            Known::Yes => {}
            Known::No => return Known::No,
            Known::Open(text) => open.push(text),
        }
    }
    if open.is_empty() {
        Known::Yes
    } else {
        Known::Open(open.join(" and "))
    }
}

/// Whether one of the terms holds.
fn any(terms: impl Iterator<Item = Known>) -> Known {
    let mut open = Vec::new();
    for term in terms {
        match term {
            Known::Yes => return Known::Yes,
            Known::No => {}
            Known::Open(text) => open.push(text),
        }
    }
    if open.is_empty() {
        Known::No
    } else {
        Known::Open(open.join(" or "))
    }
}

fn is_absent(name: &str) -> bool {
    ABSENT.iter().any(|absent| {
        let rest = name.strip_prefix(absent);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    })
}

/// A line with its expressions, and without loops in it that go over nothing.
fn write_line(line: &str, out: &mut String) {
    match absent_loop(line) {
        Some((before, behind)) => {
            write_expressions(before, out);
            write_line(behind, out);
        }
        None => write_expressions(line, out),
    }
}

/// What stands before and behind the first such loop of a line.
fn absent_loop(line: &str) -> Option<(&str, &str)> {
    let (before, rest) = line.split_once("{% for ")?;
    let (head, rest) = rest.split_once(" %}")?;
    let (_, list) = head.split_once(" in ")?;
    let (_, behind) = rest.split_once("{% endfor %}")?;
    is_absent(list).then_some((before, behind))
}

fn write_expressions(line: &str, out: &mut String) {
    let mut rest = line;
    while let Some((text, behind)) = rest.split_once("{{ ") {
        let Some((expression, behind)) = behind.split_once(" }}") else {
            break;
        };
        out.push_str(text);
        match simple(expression).as_str() {
            "" => {}
            expression => match literal(expression) {
                Some(text) => out.push_str(text),
                None => out.extend(["{{ ", expression, " }}"]),
            },
        }
        rest = behind;
    }
    out.push_str(rest);
}

/// The text that an expression is, in quotes and without anything to escape.
fn literal(expression: &str) -> Option<&str> {
    let inside = expression.strip_prefix('"')?.strip_suffix('"')?;
    (!inside.contains(['"', '\\', '{', '}'])).then_some(inside)
}

/// An expression without what is not there; empty where nothing is printed.
fn simple(expression: &str) -> String {
    if let Some((value, rest)) = split_outside(expression, " if ") {
        let (condition, otherwise) = match split_outside(rest, " else ") {
            Some((condition, otherwise)) => (condition, Some(otherwise)),
            None => (rest, None),
        };
        return match known(condition) {
            Known::Yes => simple(value),
            Known::No => otherwise.map(simple).unwrap_or_default(),
            Known::Open(_) => expression.to_owned(),
        };
    }
    // Without a trace, a cause changes nothing.
    if let Some((value, _)) = split_outside(expression, " | because(") {
        return simple(value);
    }
    if let Some((value, otherwise)) = split_outside(expression, " or ")
        && is_absent(value)
    {
        return simple(otherwise);
    }
    let inside = expression
        .strip_prefix('(')
        .and_then(|rest| rest.strip_suffix(')'));
    match inside {
        Some(inside) if !inside.contains(['(', ')']) => simple(inside),
        _ => expression.to_owned(),
    }
}

/// Both sides of a word that stands neither in quotes nor in parentheses.
fn split_outside<'e>(expression: &'e str, word: &str) -> Option<(&'e str, &'e str)> {
    let (mut depth, mut is_quoted) = (0_usize, false);
    for (at, byte) in expression.bytes().enumerate() {
        let rest = expression.get(at..).unwrap_or_default();
        if let (0, false, Some(behind)) = (depth, is_quoted, rest.strip_prefix(word)) {
            return Some((expression.get(..at)?, behind));
        }
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'(' if !is_quoted => depth += 1,
            b')' if !is_quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_there_goes_and_what_may_be_stays() {
        for (text, expected) in [
            ("{% if lock is defined %}\na\n{% endif %}\nb\n", "b\n"),
            ("{% if lock %}\na\n{% else %}\nb\n{% endif %}\n", "b\n"),
            (
                "{% if x %}\na\n{% elif uv is defined %}\nb\n{% else %}\nc\n{% endif %}\n",
                "{% if x %}\na\n{% else %}\nc\n{% endif %}\n",
            ),
            (
                "{% if uv %}\na\n{% elif x and not uv %}\nb\n{% endif %}\n",
                "{% if x %}\nb\n{% endif %}\n",
            ),
            (
                "{% if not (apt_build and locked) %}\na\n{% endif %}\n",
                "a\n",
            ),
            (
                "{% if x is defined or lock is defined %}\na\n{% endif %}\n",
                "{% if x is defined %}\na\n{% endif %}\n",
            ),
            ("{% for a in hooks.builder %}\n{{ a }}\n{% endfor %}\n", ""),
            (
                "{% if workdir is defined %}\na\n{% else %}\nb\n{% endif %}\n",
                "a\n",
            ),
            (
                "{% for a in x %}\n{{ a }}{{ \"b\" if uv }}\n{% endfor %}\n",
                "{% for a in x %}\n{{ a }}\n{% endfor %}\n",
            ),
            (
                "a {{ (\"\" if apt_build or stages.x else \"--b \") | because(apt_build) }}c\n",
                "a --b c\n",
            ),
            (
                "{{ stages.pip or \"pip\" }} {{ x or y }}\n",
                "pip {{ x or y }}\n",
            ),
            (
                "{{ (\"-g \" ~ x) if x is defined }}\n",
                "{{ (\"-g \" ~ x) if x is defined }}\n",
            ),
        ] {
            assert_eq!(plain(text), expected, "{text}");
        }
    }
}
