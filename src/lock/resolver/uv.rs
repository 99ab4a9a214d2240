//! uv, which resolves for every platform at once and knows the hashes of all files.

use super::question::{CONSTRAINTS, Question, REQUIREMENTS};
use crate::fleet::lock::{DECLARED, Pin};
use crate::values::requirement::{Requirement, normalized};

/// The file that uv reads versions to keep from and writes its answer to.
pub(crate) const UV_OUTPUT: &str = "lock.txt";

/// The command line.
#[must_use]
pub(crate) fn uv_words(question: &Question<'_>) -> Vec<String> {
    let mut words: Vec<&str> = vec![
        "uv",
        "pip",
        "compile",
        REQUIREMENTS,
        "--output-file",
        UV_OUTPUT,
    ];
    words.extend([
        "--quiet",
        "--no-header",
        "--universal",
        "--generate-hashes",
        "--annotation-style",
        "line",
    ]);
    words.extend([
        "--no-python-downloads",
        "--python-version",
        question.python.as_str(),
    ]);
    words.extend(["--constraints", CONSTRAINTS]);
    // As pip has it, in the image and everywhere: the highest version of any index.
    words.extend(["--index-strategy", "unsafe-best-match"]);
    if !question.source_builds {
        words.extend(["--only-binary", ":all:"]);
        let built = question.built.iter();
        words.extend(built.flat_map(|name| ["--no-binary", *name]));
    }
    for (position, url) in question.index_urls.iter().enumerate() {
        words.extend([
            if position == 0 {
                "--default-index"
            } else {
                "--index"
            },
            url.value.as_str(),
        ]);
    }
    words.into_iter().map(str::to_owned).collect()
}

/// Settings by which uv considers the fleet's platforms alone, and takes no version that has no
/// file for one of them.
pub(super) fn project(question: &Question<'_>) -> String {
    let minor = question.python.minor();
    let linux = format!(
        "python_version == '3.{minor}' and sys_platform == 'linux' and implementation_name == \
         'cpython'"
    );
    let on = |machine: &String| format!("  \"{linux} and platform_machine == '{machine}'\",\n");
    let named: String = question.machines.iter().map(on).collect();
    format!("[tool.uv]\nenvironments = [\n{named}]\nrequired-environments = [\n{named}]\n")
}

/// Reads uv's answer, a requirements file with hashes and `# via` comments.
///
/// # Errors
/// Shows the line that is none.
pub(crate) fn read_uv(text: &str) -> Result<Vec<Pin>, String> {
    let mut pins: Vec<Pin> = Vec::new();
    for line in text.lines() {
        let part = line.trim().trim_end_matches('\\').trim_end();
        let unexpected = || format!("uv printed a line that is not a requirement: {part}");
        if part.is_empty() {
            continue;
        }
        if !line.starts_with(' ') {
            let requirement = Requirement::parse(part).map_err(|_| unexpected())?;
            pins.push(Pin {
                requirement,
                hashes: Vec::new(),
                via: Vec::new(),
            });
            continue;
        }
        let pin = pins.last_mut().ok_or_else(unexpected)?;
        if let Some(comment) = part.strip_prefix('#') {
            let comment = comment.trim();
            let names = comment
                .strip_prefix("via")
                .unwrap_or(comment)
                .split(',')
                .map(str::trim);
            pin.via.extend(names.filter_map(cause));
        } else {
            let hash = part.strip_prefix("--hash=sha256:").ok_or_else(unexpected)?;
            pin.hashes.push(hash.to_owned());
        }
    }
    Ok(pins)
}

/// Who requires a package: the file of requirements stands for the declaration, that of constraints
/// for nobody.
fn cause(name: &str) -> Option<String> {
    if name.starts_with("-r") {
        return Some(DECLARED.to_owned());
    }
    (!name.is_empty() && !name.starts_with('-')).then(|| normalized(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_read_with_hashes_and_causes() {
        let hash = "0".repeat(64);
        let text = format!(
            "anyio==4.16.0 \\\n    --hash=sha256:{hash} \\\n    --hash=sha256:{hash}\n    # via \
             -c constraints.txt, -r requirements.in, Star.lette\nb==1 ; sys_platform == 'linux' \
             \\\n    --hash=sha256:{hash}\n    # via\n    #   anyio\n"
        );
        let pins = read_uv(&text).unwrap();
        assert_eq!((pins.len(), pins[0].hashes.len()), (2, 2));
        assert_eq!(
            (pins[0].via.clone(), pins[1].via.clone()),
            (
                vec![DECLARED.to_owned(), "star-lette".to_owned()],
                vec!["anyio".to_owned()]
            )
        );
        assert_eq!(
            pins[1].requirement.marker(),
            Some("sys_platform == 'linux'")
        );
        assert!(read_uv("--index-url https://x.example\n").is_err());
        assert!(read_uv("    # via x\n").is_err());
    }
}
