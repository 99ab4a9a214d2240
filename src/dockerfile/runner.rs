//! Commands that only find an environment and start a program in it.

/// A command without what only finds the environment: `uv run`, `poetry run`.
#[must_use]
pub(crate) fn without_runner(words: &[String]) -> Vec<String> {
    let runs = words.get(1).is_some_and(|word| word == "run");
    let is_runner = words
        .first()
        .is_some_and(|word| ["uv", "poetry", "pipenv", "pdm"].contains(&word.as_str()));
    if !(runs && is_runner) {
        return words.to_vec();
    }
    let mut rest = words.get(2..).unwrap_or_default();
    let mut is_module = false;
    while let Some((first, after)) = rest.split_first() {
        let has_value = [
            "--package",
            "--project",
            "--directory",
            "--group",
            "--extra",
            "--env-file",
        ];
        if first == "-m" || first == "--module" {
            is_module = true;
            rest = after;
        } else if has_value.contains(&first.as_str()) {
            rest = after.get(1..).unwrap_or_default();
        } else if first.starts_with('-') {
            rest = after;
        } else {
            break;
        }
    }
    let mut found = rest.to_vec();
    let is_script = found
        .first()
        .is_some_and(|word| camino::Utf8Path::new(word).extension() == Some("py"));
    if is_module {
        found.splice(0..0, ["python".to_owned(), "-m".to_owned()]);
    } else if is_script {
        found.insert(0, "python".to_owned());
    }
    if found.is_empty() {
        words.to_vec()
    } else {
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn what_only_finds_the_environment_is_left_out() {
        for (written, expected) in [
            ("uv run uvicorn main:app", "uvicorn main:app"),
            ("uv run --frozen --package a main.py x", "python main.py x"),
            ("uv run -m a.b", "python -m a.b"),
            ("poetry run python -m a", "python -m a"),
            ("uv run", "uv run"),
            ("python run", "python run"),
        ] {
            assert_eq!(without_runner(&words(written)).join(" "), expected);
        }
    }
}
