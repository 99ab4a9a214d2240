//! What a page makes of values and texts.

use super::*;
use crate::report::style::{RED, paint};

#[test]
fn values_are_inert_and_pages_stay_as_they_are() {
    let inner = page!("<{}>", "a\n\x1b[31m\u{202e}");
    assert_eq!(inner.as_str(), r"<a\x0a\x1b[31m\u{202e}>");
    assert_eq!(
        page!("{} {} of {}\n", 7, inner, inner).as_str(),
        format!("7 {0} of {0}\n", inner.as_str())
    );
    assert_eq!(page!("{}", Bytes(b"\xff")).as_str(), r"\xff");
    assert_eq!(
        page!("{}", Lines(b"a\n::b::\r")).as_str(),
        "a\n\\::b::\\x0d"
    );
}

#[test]
fn a_command_is_not_put_together_from_two_texts() {
    for (parts, printed) in [
        (["#", "#[error]x"], r"##\[error]x"),
        (["##vso", "[a.b]"], r"##vso\[a.b]"),
        ([":", ":error::x"], r":\:error::x"),
        ([" ", "::error::x"], r" \::error::x"),
        (["", "::error::x"], r"\::error::x"),
        (["[comm", "AND]x"], r"[comm\AND]x"),
        (["a", "::b"], r"a\::b"),
        (["[1", "/3] x"], "[1/3] x"),
    ] {
        let [first, second] = parts;
        assert_eq!(page!("{}{}", first, second).as_str(), printed);
        assert_eq!(
            page!("{}{}", page!("{}", first), page!("{}", second)).as_str(),
            printed
        );
        let painted = page!(
            "{}{}",
            Page::painted(RED, first),
            Page::painted(RED, second)
        );
        assert_eq!(visible(painted.as_str()).collect::<String>(), printed);
        assert_eq!(Page::joined(parts, "").as_str(), printed);
    }
    // Our own text is no way around it.
    assert_eq!(page!("{}[{}]", "##", "x").as_str(), r"##\[x]");
    assert_eq!(page!("{}::{}\n::{}", "", "x", "y").as_str(), "\\::x\n\\::y");
    assert_eq!(page!("a\n{}", page!("::{}", 1)).as_str(), "a\n\\::1");
}

#[test]
fn text_of_a_library_keeps_its_styles_and_nothing_else() {
    let text =
        "\x1b[1;31merror\x1b[0m: a\u{9b}b\r\x1b[2K\n\x1b[1m:\x1b[0m:error::x ##\x1b[2m[group]";
    let printed = "\x1b[1;31merror\x1b[0m: a\\u{9b}b\\x0d\\x1b[2K\n\x1b[1m\\:\x1b[0m:error::x \
     ##\x1b[2m\\[group]";
    assert_eq!(Page::made(text).as_str(), printed);
    assert_eq!(Page::made(printed).as_str(), printed);
}

#[test]
fn json_is_ascii_and_reads_back() {
    let value = "##[error] \u{202e}\u{1f600}\u{7f}\n::a::";
    let json = Page::json(&serde_json::to_string(value).unwrap());
    assert!(
        json.as_str()
            .bytes()
            .all(|byte| (b' '..=b'~').contains(&byte) && byte != b'#'),
        "{json:?}"
    );
    assert_eq!(
        serde_json::from_str::<String>(json.as_str()).unwrap(),
        value
    );
}

#[test]
fn command_lines_are_never_cut() {
    let words = "x ".repeat(1000);
    assert_eq!(Page::command_line(&words).as_str(), words);
    assert_eq!(Page::command_line("a\n$'\\x23'").as_str(), r"a\x0a$'\x23'");
}

#[test]
fn widths_count_characters_without_styles() {
    let painted = Page::painted(RED, "é").padded(3);
    assert_eq!(
        (
            painted.width(),
            visible(painted.as_str()).collect::<String>().as_str()
        ),
        (3, "é  ")
    );
    assert_eq!(page!("{} \n ", "##").trimmed().as_str(), "##");
    assert_eq!(page!("{}[", page!("{} ", "##").trimmed()).as_str(), r"##\[");
}

#[test]
fn prose_is_wrapped_and_nothing_else() {
    let command = page!(
        "  {}\n",
        Page::command_line("dockwright generate --overwrite a b")
    );
    let effect = page!("      {}\n", paint(RED, "discards manual edits in 2 files")).prose();
    let mut page = page!("To fix:\n");
    page.push(&command);
    page.push(&effect);
    assert_eq!(
        page.wrapped(Some(24)).as_str(),
        format!(
            "To fix:\n{}      {}\n        edits in 2 files{}\n",
            command.as_str(),
            "\u{1b}[31mdiscards manual",
            "\u{1b}[0m"
        )
    );
    assert_eq!(page.wrapped(None), page.wrapped(Some(80)));
}

#[test]
fn what_follows_a_label_is_indented_by_it_and_cannot_open_a_command() {
    let help = page!("  = help: {}\n", "write a ::b:: here").prose();
    assert_eq!(
        help.wrapped(Some(21)).as_str(),
        "  = help: write a\n          \\::b:: here\n"
    );
}

#[test]
fn a_line_that_becomes_longer_when_it_is_joined_moves_the_prose_after_it() {
    let mut page = page!("#");
    let mut rest = page!("{}\n", "#[error]x");
    rest.push(&page!("{}\n", "some words to wrap").prose());
    page.push(&rest);
    assert_eq!(
        page.wrapped(Some(10)).as_str(),
        "##\\[error]x\nsome words\nto wrap\n"
    );
}
