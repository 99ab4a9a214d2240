//! What `BuildKit` refuses, or reads otherwise than it is written: in its parser, and in the
//! arguments and flags of each instruction before anything is built
//! (`frontend/dockerfile/instructions`).

use super::directive::Directives;
use super::instruction::{Completeness, Instruction};
use super::is_known_keyword;
use super::segment::{Segment, segment_fragment};

/// The longest physical line, in bytes without its end, that `BuildKit`'s parser reads: a token of
/// Go's `bufio.Scanner`.
pub(crate) const LINE_LIMIT: usize = 65_535;

/// Something in a Dockerfile that `BuildKit` does not build as it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Refusal {
    /// The line, from 1.
    pub(crate) line: usize,
    /// What is wrong with it, as a phrase that begins with a verb.
    pub(crate) reason: String,
}

/// The first line that is too long for `BuildKit`.
#[must_use]
pub(crate) fn long_line(text: &str) -> Option<Refusal> {
    if text.len() <= LINE_LIMIT {
        return None;
    }
    let mut lines = text.split('\n').enumerate();
    let (at, line) = lines.find(|(_, line)| line.len() > LINE_LIMIT)?;
    let reason = format!(
        "has a line of {} bytes; BuildKit reads lines of at most {LINE_LIMIT} bytes",
        line.len()
    );
    Some(Refusal {
        line: at + 1,
        reason,
    })
}

/// What `BuildKit` refuses first in a Dockerfile that a header stands above: parser directives have
/// no effect there.
#[must_use]
pub(crate) fn refusal(body: &str) -> Option<Refusal> {
    long_line(body)
        .or_else(|| control_character(body))
        .or_else(|| late_directive(body))
        .or_else(|| {
            let segments = segment_fragment(body);
            let refused = |segment: &Segment<'_>| {
                let reason = instruction_refusal(segment.instruction()?)?;
                Some(Refusal {
                    line: segment.line,
                    reason,
                })
            };
            segments.iter().find_map(refused)
        })
}

fn control_character(body: &str) -> Option<Refusal> {
    let is_control =
        |character: &char| character.is_control() && !matches!(character, '\n' | '\t' | '\r');
    let mut lines = body.split('\n').enumerate();
    lines.find_map(|(at, line)| {
        let character = line.chars().find(is_control)?;
        let reason = format!("has the control character U+{:04X}", u32::from(character));
        Some(Refusal {
            line: at + 1,
            reason,
        })
    })
}

fn late_directive(body: &str) -> Option<Refusal> {
    let directive = Directives::default().read(body.split_inclusive('\n').next()?.trim_start())?;
    let reason = format!(
        "has the parser directive `{}`, which has no effect below the header",
        directive.name
    );
    Some(Refusal { line: 1, reason })
}

/// Why `BuildKit` refuses an instruction, as a phrase that begins with a verb.
#[must_use]
pub(crate) fn instruction_refusal(instruction: &Instruction) -> Option<String> {
    let keyword = instruction.keyword();
    if !is_known_keyword(keyword) {
        return Some(format!(
            "has `{keyword}`, which is not a Dockerfile instruction"
        ));
    }
    match instruction.completeness() {
        Completeness::OpenHeredoc => return Some("leaves a heredoc open".to_owned()),
        Completeness::UnreadableHeredoc => {
            return Some("has a heredoc that cannot be read".to_owned());
        }
        Completeness::Complete | Completeness::OpenContinuation => {}
    }
    unknown_flag(instruction).or_else(|| wrong_arguments(instruction))
}

/// The flags of each instruction; the others have none.
const FLAGS: [(&str, &[&str]); 5] = [
    (
        "ADD",
        &[
            "checksum",
            "chmod",
            "chown",
            "exclude",
            "keep-git-dir",
            "link",
            "unpack",
        ],
    ),
    (
        "COPY",
        &["chmod", "chown", "exclude", "from", "link", "parents"],
    ),
    ("FROM", &["platform"]),
    (
        "HEALTHCHECK",
        &[
            "interval",
            "retries",
            "start-interval",
            "start-period",
            "timeout",
        ],
    ),
    ("RUN", &["device", "mount", "network", "security"]),
];

fn unknown_flag(instruction: &Instruction) -> Option<String> {
    let keyword = instruction.keyword();
    let known = FLAGS
        .iter()
        .find(|(name, _)| *name == keyword)
        .map_or([].as_slice(), |(_, flags)| flags);
    let flags = instruction.flags();
    let name = |flag: &String| {
        flag.trim_start_matches('-')
            .split('=')
            .next()
            .expect("a split has a first part")
            .to_owned()
    };
    let unknown = flags
        .iter()
        .map(name)
        .find(|name| !name.is_empty() && !known.contains(&name.as_str()))?;
    let listed: Vec<String> = known.iter().map(|flag| format!("--{flag}")).collect();
    let takes = if listed.is_empty() {
        "no flags".to_owned()
    } else {
        listed.join(", ")
    };
    Some(format!(
        "has {keyword} with the unknown flag --{unknown}; {keyword} takes {takes}"
    ))
}

fn wrong_arguments(instruction: &Instruction) -> Option<String> {
    let keyword = instruction.keyword();
    let Some(values) = instruction.values() else {
        return Some(format!("has a {keyword} that the builder would refuse"));
    };
    let needs = |words: &str| Some(format!("has {keyword} without {words}"));
    match keyword {
        "ADD" | "COPY" if values.len() < 2 => needs("a source and a destination"),
        "ARG" | "ENV" | "LABEL" if instruction.key_values().is_none() => {
            needs("a readable name and value")
        }
        "EXPOSE" | "MAINTAINER" | "STOPSIGNAL" | "USER" | "VOLUME" | "WORKDIR"
            if values.iter().all(String::is_empty) =>
        {
            needs("an argument")
        }
        "SHELL" if instruction.exec_form().is_none_or(|words| words.is_empty()) => {
            needs("a JSON array of words")
        }
        "FROM" if !is_from(&values) => needs("one image, or an image, AS and a stage name"),
        "HEALTHCHECK" if !is_health_check(&values) => needs("CMD and a command, or NONE"),
        "ONBUILD" => trigger_refusal(instruction),
        _ => None,
    }
}

fn is_from(values: &[String]) -> bool {
    match values {
        [image] => !image.is_empty(),
        [image, word, stage] => {
            let is_inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            let is_name =
                stage.starts_with(|c: char| c.is_ascii_alphabetic()) && stage.chars().all(is_inner);
            !image.is_empty() && word.eq_ignore_ascii_case("AS") && is_name
        }
        _ => false,
    }
}

fn is_health_check(values: &[String]) -> bool {
    match values {
        [kind] => kind.eq_ignore_ascii_case("NONE"),
        [kind, command, ..] => kind.eq_ignore_ascii_case("CMD") && !command.is_empty(),
        [] => false,
    }
}

fn trigger_refusal(instruction: &Instruction) -> Option<String> {
    match instruction.trigger() {
        None => Some("has ONBUILD without an instruction".to_owned()),
        Some(inner) if matches!(inner.keyword(), "ONBUILD" | "FROM" | "MAINTAINER") => {
            Some(format!(
                "has ONBUILD {}, which BuildKit does not allow",
                inner.keyword()
            ))
        }
        Some(inner) => instruction_refusal(&inner),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(body: &str) -> Option<(usize, String)> {
        refusal(body).map(|refusal| (refusal.line, refusal.reason))
    }

    #[test]
    fn a_line_may_have_65535_bytes() {
        let line = |bytes: usize| format!("FROM a\nRUN {}\nUSER 1\n", "x".repeat(bytes - 4));
        assert_eq!(long_line(&line(65_535)), None);
        let refused = long_line(&line(65_536)).unwrap();
        assert_eq!(refused.line, 2);
        assert!(
            refused.reason.contains("a line of 65536 bytes"),
            "{}",
            refused.reason
        );
        assert_eq!(long_line(&format!("RUN {}", "x \\\n".repeat(30_000))), None);
    }

    #[test]
    fn what_buildkit_builds_is_not_refused() {
        for body in [
            "FROM --platform=linux/amd64 a AS b-1\nARG A\nARG B=1 C\nENV A=1 B='2 3'\nENV A b \
             c\nLABEL a=b\n",
            "FROM a\nRUN --mount=type=cache,target=/x --network=none a --b\nRUN [\"a\"]\nRUN \
             <<E\nx\nE\nRUN\n",
            "FROM a\nCOPY --from=b --link --chown=1:1 a b c/\nCOPY <<E /x\ny\nE\nADD \
             --checksum=sha256:00 https://h/a /b\n",
            "FROM a\nHEALTHCHECK --start-interval=1s CMD a\nHEALTHCHECK none\nSHELL \
             [\"a\"]\nONBUILD RUN a\nONBUILD USER 1\n",
            "FROM a\nVOLUME [\"/a\"]\nVOLUME /a /b\nEXPOSE 80 81/udp\nSTOPSIGNAL 9\nWORKDIR /a \
             b\nCMD\nENTRYPOINT []\n",
            "\n# escape=`\nFROM a\n# syntax=x\n",
        ] {
            assert_eq!(reason(body), None, "{body}");
        }
    }

    #[test]
    fn what_buildkit_refuses_is_told_with_its_line() {
        for (body, line, words) in [
            ("FROM a\nRNU b\n", 2, "`RNU`"),
            ("FROM a\nRUN <<E\nb\n", 2, "heredoc"),
            ("FROM a\nCOPY --form=b c d\n", 2, "--form"),
            ("FROM a\nUSER --x 1\n", 2, "no flags"),
            ("FROM a\nCOPY b\n", 2, "COPY without"),
            ("FROM a\nENV b\n", 2, "ENV that"),
            ("FROM a\nENV\n", 2, "ENV without"),
            ("FROM a\nLABEL =b\n", 2, "LABEL without"),
            ("FROM a\nENV a=\"b\n", 2, "ENV without"),
            ("FROM a\nARG\n", 2, "ARG without"),
            ("FROM a\nEXPOSE\n", 2, "EXPOSE without"),
            ("FROM a\nSHELL sh -c\n", 2, "SHELL without"),
            ("FROM a b\n", 1, "FROM without"),
            ("FROM\n", 1, "FROM without"),
            ("FROM a AS 1\n", 1, "FROM without"),
            ("FROM a\nHEALTHCHECK FOO b\n", 2, "HEALTHCHECK without"),
            ("FROM a\nHEALTHCHECK CMD\n", 2, "HEALTHCHECK without"),
            ("FROM a\nONBUILD\n", 2, "ONBUILD without"),
            ("FROM a\nONBUILD ONBUILD USER 0\n", 2, "ONBUILD ONBUILD"),
            ("FROM a\nONBUILD MAINTAINER b\n", 2, "ONBUILD MAINTAINER"),
            ("FROM a\nONBUILD COPY b\n", 2, "COPY without"),
            ("FROM a\n\nRUN [\"b\", 1]\n", 3, "RUN that"),
            ("FROM a\nRUN b\0c\n", 2, "U+0000"),
            ("# escape=`\nFROM a\n", 1, "`escape`"),
            ("# syntax=docker/dockerfile:1\nFROM a\n", 1, "`syntax`"),
        ] {
            let found = reason(body).unwrap_or_else(|| panic!("{body}"));
            assert_eq!(found.0, line, "{body}");
            assert!(found.1.contains(words), "{body}: {}", found.1);
        }
    }
}
