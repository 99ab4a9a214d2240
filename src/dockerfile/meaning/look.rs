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
            [flag, code] if flag == "-c" => code.split([';', '\n']).all(|part| {
                let part = part.trim();
                let has_call = part.contains('(') && !part.starts_with("print(");
                part.is_empty()
                    || part.starts_with("print(")
                    || ((part.starts_with("import ") || part.starts_with("from ")) && !has_call)
            }),
            _ => false,
        },
        _ => SILENT.contains(&program),
    }
}

/// Whether words of pip list what is installed.
pub(super) fn lists(words: &[String]) -> bool {
    words.iter().any(|word| word == "list" || word == "freeze")
}
