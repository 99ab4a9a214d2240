//! Random Dockerfiles.

use std::fmt::Write as _;

use crate::support::Dice;

const KEYWORDS: [&str; 24] = [
    "FROM",
    "RUN",
    "run",
    "CMD",
    "LABEL",
    "EXPOSE",
    "ENV",
    "ADD",
    "COPY",
    "ENTRYPOINT",
    "VOLUME",
    "USER",
    "WORKDIR",
    "ARG",
    "ONBUILD",
    "ONBUILD RUN",
    "STOPSIGNAL",
    "HEALTHCHECK",
    "HEALTHCHECK CMD",
    "SHELL",
    "MAINTAINER",
    "copy",
    "Env",
    "HEALTHCHECK NONE",
];

const WORDS: [&str; 39] = [
    "a",
    "b=c",
    "a=\"b c\"",
    "'d e'",
    "\"f\\\"g\"",
    "$H",
    "${I:-j}",
    "${K}",
    "\\ ",
    "\\x",
    "[\"n\"",
    "--from=o",
    "--mount=type=bind,source=p",
    "--q",
    "#r",
    "&&",
    "|",
    ";",
    "/s",
    "t:u@v",
    "AS w",
    "\t",
    "  ",
    "\u{a0}",
    "\u{e9}",
    "\u{2028}",
    "=x",
    "y=",
    "z='",
    "\"",
    "{",
    "}",
    "`",
    "*",
    "<",
    "<<",
    "%",
    "~",
    "::error::",
];

const ENDS: [&str; 12] = [
    "\n",
    "\n",
    "\n",
    "\n",
    "\r\n",
    " \\\n",
    "\\\n",
    "\\ \n",
    "\n\n",
    "\n# note\n",
    "\n  # note \\\n",
    " \\\n# note\n\n",
];

/// A document of random lines: instructions with quotes, escapes, options and heredocs, continued
/// and commented in every way.
pub(super) fn random(dice: &mut Dice) -> String {
    let mut text = (*dice.choose(&[
        "",
        "",
        "",
        "# escape=`\n",
        "# syntax=x\n",
        "#comment\n\n",
        "\u{feff}",
    ]))
    .to_owned();
    for _ in 0..=dice.below(6) {
        if dice.below(8) == 0 {
            let name = *dice.choose(&["A", "'B'", "\"C\"", "-D"]);
            let bare = name.trim_matches(['\'', '"', '-']);
            let _ = write!(
                text,
                "{} <<{name} {}\nbody {}\n# x\n{bare}\n",
                dice.choose(&["RUN", "COPY", "RUN cat"]),
                dice.choose(&["", "/d"]),
                dice.choose(&WORDS)
            );
            continue;
        }
        text += *dice.choose(&["", "", "", " ", "\t"]);
        text += *dice.choose(&KEYWORDS);
        let is_exec_form = dice.below(6) == 0;
        for _ in 0..dice.below(5) {
            text += *dice.choose(&[" ", " ", " ", "  ", "\t", ""]);
            text += *dice.choose(&WORDS);
        }
        // The judge is of a release that drops what stands behind an array; later ones, which we
        // follow, read it as shell form.
        text += if is_exec_form {
            " [\"l\", \"m\"]\n"
        } else {
            *dice.choose(&ENDS)
        };
    }
    text
}
