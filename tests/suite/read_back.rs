//! Generated files read back by `adopt` where somebody changed them, or only made them look
//! generated.

use std::time::{Duration, Instant};

use crate::support::{EVERY_TEMPLATE, Root, Run};

/// A generated fleet whose declaration is lost.
fn lost(declaration: &str) -> Root {
    let root = Root::new(declaration);
    let run = root.run(&["generate"]);
    assert_eq!(run.status, 0, "{}", run.told());
    root.remove("services.yaml");
    root
}

/// The proposed declaration and the notes beside it.
fn proposed(root: &Root) -> (String, Run) {
    let run = root.run(&["adopt", "--format", "json"]);
    let text = run.json()["declaration"].as_str().unwrap_or("").to_owned();
    (text, run)
}

fn dockerfile(name: &str) -> String {
    format!("generated/{name}/Dockerfile")
}

#[test]
fn bases_on_each_other_in_a_circle_are_no_generated_ones() {
    for (name, below) in [("base-ml", "base-ml"), ("base-runtime", "base-ml")] {
        let root = lost(EVERY_TEMPLATE);
        let text = root.text(&dockerfile("base-ml"));
        let (from, to) = match name {
            "base-ml" => ("/base-runtime:", "/base-ml:"),
            _ => ("title=\"base-ml\"", "title=\"base-runtime\""),
        };
        if name == below {
            assert!(text.contains(from), "{text}");
            root.write(&dockerfile(name), text.replace(from, to));
        } else {
            let text = text
                .replace("base-ml", "\u{1}")
                .replace("base-runtime", "base-ml");
            root.write(&dockerfile(name), text.replace('\u{1}', "base-runtime"));
        }
        let start = Instant::now();
        let (text, run) = proposed(&root);
        assert!(start.elapsed() < Duration::from_mins(1));
        let bases = text.split_once("\nbases:\n").map_or("", |(_, rest)| rest);
        let bases = bases.split("\n\n").next().unwrap();
        assert!(!bases.contains("base-ml"), "{}", run.told());
        assert!(text.contains("svc-slim"), "{}", run.told());
    }
}

#[test]
fn words_of_strangers_overflow_nothing_and_break_out_of_no_quotes() {
    let root = lost(EVERY_TEMPLATE);
    let path = dockerfile("svc-slim");
    let text = root.text(&path);
    let graceful = "\"--timeout-graceful-shutdown\", \"8\"";
    assert!(text.contains(graceful), "{text}");
    let longest = graceful.replace("\"8\"", &format!("\"{}\"", u64::MAX));
    root.write(&path, text.replace(graceful, &longest));
    let (text, run) = proposed(&root);
    assert!(text.contains("svc-slim"), "{}", run.told());
    assert!(!run.told().contains("panicked"), "{}", run.told());
}

#[test]
fn a_title_that_is_no_name_names_nothing() {
    for title in ["../../x", "", "a b", "import"] {
        let root = lost(EVERY_TEMPLATE);
        let path = dockerfile("svc-slim");
        let text = root.text(&path);
        let said = "image.title=\"svc-slim\"";
        assert!(text.contains(said), "{text}");
        let title = format!("image.title=\"{title}\"");
        root.write(&path, text.replace(said, &title));
        let (text, run) = proposed(&root);
        let images = run.json()["images"].as_array().unwrap().clone();
        let image = images
            .iter()
            .find(|image| image["dockerfile"] == path.as_str());
        assert_eq!(image.unwrap()["name"], "svc-slim", "{}", run.told());
        assert!(text.contains("svc-slim"), "{}", run.told());
    }
}

#[test]
fn a_text_that_only_begins_like_a_set_is_none() {
    let root = lost(EVERY_TEMPLATE);
    root.write("notes.txt", "# the set of things that we lack\nmilk\n");
    let (text, run) = proposed(&root);
    assert!(text.contains("\nbases:\n"), "{}", run.told());
    assert!(!text.contains("milk"), "{text}");
}

#[test]
fn sets_with_names_of_a_letter_keep_their_place() {
    for name in ["t", "x", "txt", "requirements"] {
        let named = EVERY_TEMPLATE.replace("[ml]", &format!("[{name}]"));
        let declaration = named.replace("  ml: [torch]", &format!("  {name}: [torch]"));
        let root = lost(&declaration);
        let before = root.text(&format!("generated/requirements/{name}.txt"));
        let run = root.run(&["adopt", "--write"]);
        assert_eq!(run.status, 0, "{}", run.told());
        let text = root.text("services.yaml");
        assert!(!text.contains("layout"), "{text}");
        let after = root.text(&format!("generated/requirements/{name}.txt"));
        assert_eq!(after, before);
        assert_eq!(root.check().status, 0, "{text}");
    }
}

/// A member of a workspace asks for what the lock lacks: the refusal leads to the member's file,
/// which no field names.
#[test]
fn a_refused_stranger_leaves_the_generated_fleet_as_it_was() {
    let root = lost(EVERY_TEMPLATE);
    root.write(
        "odd/Dockerfile",
        "FROM python:3.12-slim\nWORKDIR /app\nCOPY --from=ghcr.io/astral-sh/uv:0.13.9 /uv /bin/uv\n\
         COPY pyproject.toml uv.lock ./\nCOPY lib lib\nRUN uv sync --frozen --package lib\n\
         COPY main.py .\nCMD [\"python\", \"main.py\"]\n",
    );
    root.write("odd/main.py", "");
    root.write("odd/lib/lib/__init__.py", "");
    root.write(
        "odd/pyproject.toml",
        "[project]\nname = \"odd\"\nversion = \"1\"\n[tool.uv.workspace]\nmembers = [\"lib\"]\n",
    );
    root.write(
        "odd/lib/pyproject.toml",
        "[project]\nname = \"lib\"\nversion = \"1\"\ndependencies = [\"anyio\"]\n",
    );
    root.write(
        "odd/uv.lock",
        "version = 1\nrequires-python = \">=3.12\"\n\n[manifest]\nmembers = [\"lib\", \"odd\"]\n\n\
         [[package]]\nname = \"lib\"\nversion = \"1\"\nsource = { editable = \"lib\" }\n\n\
         [[package]]\nname = \"odd\"\nversion = \"1\"\nsource = { virtual = \".\" }\n",
    );
    let (text, run) = proposed(&root);
    assert!(text.contains("\nbases:\n"), "{}", run.told());
    let images = run.json()["images"].as_array().unwrap().clone();
    let odd = images.iter().find(|image| image["name"] == "odd").unwrap();
    assert_eq!(odd["verdict"], "kept", "{odd}");
    let why = odd["why"].as_str().unwrap();
    assert!(
        why.contains("does not match odd/lib/pyproject.toml"),
        "{why}"
    );
}

#[test]
fn what_a_person_wrote_into_a_generated_file_is_never_overwritten() {
    for (from, to) in [("\nWORKDIR", "\n# by hand\nWORKDIR"), ("ENV ", "ENV  ")] {
        let root = lost(EVERY_TEMPLATE);
        let path = dockerfile("svc-slim");
        let text = root.text(&path).replacen(from, to, 1);
        assert_ne!(text, root.text(&path));
        root.write(&path, &*text);
        let before = root.tree();
        let run = root.run(&["adopt", "--write"]);
        assert_eq!(run.status, 2, "{}", run.told());
        let told = format!("{path} already exists; move it first");
        assert!(run.stderr.contains(&told), "{}", run.told());
        assert_eq!(root.tree(), before);
    }
}

#[test]
fn hooks_of_generated_files_are_counted() {
    let hooked = EVERY_TEMPLATE.replace(
        "svc-slim: { kind: web,",
        "svc-slim: { kind: web, hooks: { after_copy: [\"ARG EXTRA=1\", \"COPY a /a\"] },",
    );
    let root = lost(&hooked);
    let told = proposed(&root).1.json();
    assert_eq!(told["hooks"], 2, "{told}");
    let text = root.run(&["adopt"]).stdout;
    assert!(text.contains("are steps of `run`, 2 are hooks"), "{text}");
}
