//! Commands that leave nothing in an image.

use super::shell::Command;

/// Commands that print or change nothing but the shell itself.
pub(super) const SILENT: [&str; 24] = [
    "set", "true", ":", "false", "exit", "echo", "printf", "ls", "pwd", "which", "type", "hash",
    "sync", "date", "cat", "sleep", "umask", "test", "[", "whoami", "id", "uname", "shopt",
    "command",
];

/// Whether a command prints or looks and leaves nothing behind: `pip list`, `grep`, Python that
/// imports and prints.
pub(super) fn only_looks(command: &Command) -> bool {
    let words = command.arguments();
    let first = words.first().map_or("", String::as_str);
    let program = command.program();
    if command.writes() {
        return false;
    }
    match program {
        "grep" | "head" | "tail" | "wc" | "sort" | "du" | "df" | "env" | "file" | "nproc" => true,
        "pip" | "pip3" => matches!(first, "list" | "freeze" | "check" | "show"),
        "python" | "python3" => match words {
            [flag, code] if flag == "-c" => only_prints(code),
            _ => false,
        },
        _ => SILENT.contains(&program),
    }
}

/// Functions that look at something and change nothing.
const LOOKING: [&str; 9] = [
    "format",
    "is_available",
    "len",
    "list",
    "print",
    "repr",
    "sorted",
    "str",
    "version",
];

/// Whether Python code only imports and prints: nothing that it calls could change anything.
fn only_prints(code: &str) -> bool {
    let plain = without_texts(code);
    let calls = plain.match_indices('(').map(|(at, _)| {
        let before = plain.get(..at).unwrap_or_default().trim_end();
        let is_part = |part: char| part.is_ascii_alphanumeric() || part == '_';
        before
            .rsplit(|part| !is_part(part))
            .next()
            .unwrap_or_default()
    });
    let mut parts = plain.split([';', '\n']).map(str::trim);
    let looks = |part: &str| {
        part.is_empty()
            || ["print(", "import ", "from "]
                .iter()
                .any(|start| part.starts_with(start))
    };
    parts.all(looks) && calls.into_iter().all(|name| LOOKING.contains(&name))
}

/// Code without what stands in quotes.
fn without_texts(code: &str) -> String {
    let mut quote = None;
    let mut plain = String::new();
    for character in code.chars() {
        match quote {
            Some(open) if open == character => quote = None,
            Some(_) => {}
            None if matches!(character, '\'' | '"') => quote = Some(character),
            None => plain.push(character),
        }
    }
    plain
}

/// Whether words of pip list what is installed.
pub(super) fn lists(words: &[String]) -> bool {
    words.iter().any(|word| word == "list" || word == "freeze")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_that_only_prints_changes_nothing() {
        for code in [
            "import torch; print(torch.__version__, torch.cuda.is_available())",
            "from a import b; print('a (b)')",
            "import sys\nprint(len(sys.path))",
        ] {
            assert!(only_prints(code), "{code}");
        }
        for code in [
            "import nltk; nltk.download('punkt')",
            "import nltk; print(nltk.download('punkt'))",
            "print('a', file=open('/a', 'w'))",
            "from a import b; b()",
            "x = 1",
        ] {
            assert!(!only_prints(code), "{code}");
        }
    }
}
