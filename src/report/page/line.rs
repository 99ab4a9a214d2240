//! Lines with styles in them: what is visible, and how they are wrapped.

/// A line in several of at most so many columns. What follows the first is indented a little more,
/// or as the text after a label such as `= help:`.
pub(super) fn broken(line: &str, columns: usize) -> String {
    let (text, end) = match line.strip_suffix('\n') {
        Some(text) => (text, "\n"),
        None => (line, ""),
    };
    let plain: String = visible(text).collect();
    let blanks = plain.len() - plain.trim_start_matches(' ').len();
    let label = match &plain[blanks..] {
        rest if rest.starts_with("= ") => rest.find(": ").map_or(0, |at| at + 2),
        _ if blanks > 0 => 2,
        _ => 0,
    };
    let indent = " ".repeat((blanks + label).min(columns / 2));
    let options = textwrap::Options::new(columns)
        .subsequent_indent(&indent)
        .word_separator(textwrap::WordSeparator::AsciiSpace)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .wrap_algorithm(textwrap::WrapAlgorithm::FirstFit)
        .break_words(false);
    textwrap::wrap(text, options).join("\n") + end
}

/// The characters of a text without its styles.
pub(super) fn visible(text: &str) -> impl Iterator<Item = char> {
    let mut rest = text;
    std::iter::from_fn(move || {
        while let Some(length) = style_length(rest) {
            rest = rest.get(length..)?;
        }
        let character = rest.chars().next()?;
        rest = rest.get(character.len_utf8()..)?;
        Some(character)
    })
}

/// The bytes of the style that a text begins with: `ESC [ … m` with digits and semicolons, which
/// changes colours and nothing else.
pub(super) fn style_length(text: &str) -> Option<usize> {
    let parameters = text.strip_prefix("\x1b[")?;
    let end = parameters.find(|character: char| !character.is_ascii_digit() && character != ';')?;
    parameters.get(end..)?.starts_with('m').then_some(end + 3)
}
