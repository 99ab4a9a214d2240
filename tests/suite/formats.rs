//! The formats of `check` for job summaries, code scanning and code quality, judged by readers of
//! them; and paths that count from the top of the repository.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::support::{MINIMAL, Root, has, repository};
use crate::tools::SARIF_SCHEMA;

/// What opens something in Markdown or HTML, or calls somebody.
const HOSTILE: &str = "`` ``` </details> <img src=x onerror=alert(1)> <!-- [a](https://evil.example) \
     ![b](https://evil.example/i) @octocat #1 www.evil.example https://evil.example | *x* _y_ # z \
     ````` ~~~~ a@evil.example &lt; \\";

/// A fleet with hostile lines in a generated file, an edited orphan and an error of every kind.
fn hostile() -> Root {
    let root = Root::generated(MINIMAL);
    let path = "generated/svc-a/Dockerfile";
    let text = root.text(path) + HOSTILE + "\n```\n</details>\n<b>\n\n# h\n- @octocat\n";
    root.write(path, &text);
    root.write("generated/`@octocat`<b>`` x/Dockerfile", root.text(path));
    root
}

/// The HTML that a reader of GitHub's Markdown makes of a text.
fn html(markdown: &str) -> String {
    let script = "import sys, cmarkgfm; from cmarkgfm.cmark import Options as O\n\
                  sys.stdout.write(cmarkgfm.github_flavored_markdown_to_html(\
                  sys.stdin.read(), options=O.CMARK_OPT_UNSAFE))";
    let root = Root::empty();
    root.write("x.md", markdown);
    let mut command = Command::new("python3");
    command.args(["-c", script]);
    command.stdin(fs::File::open(root.path().join("x.md")).unwrap());
    let output = command.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// The same without what stands in code.
fn outside_of_code(html: &str) -> String {
    let code = regex::Regex::new(r"(?s)<code[^>]*>.*?</code>").unwrap();
    code.replace_all(html, "").into_owned()
}

#[test]
fn nothing_foreign_leaves_the_code_of_a_markdown_report() {
    if !has(&["cmarkgfm"]) {
        return;
    }
    for root in [
        hostile(),
        Root::new(&format!("{MINIMAL}'{HOSTILE}': 1\n")),
        Root::new(&MINIMAL.replace("kind: web", "kind: '</details>@octocat'")),
    ] {
        let run = root.run(&["check", "--format", "markdown"]);
        assert_eq!(run.status, 1, "{}", run.told());
        let html = html(&run.stdout);
        assert!(html.contains("octocat"), "{html}");
        let rest = outside_of_code(&html);
        for foreign in ["octocat", "evil", "<img", "<a ", "<b>", "alert", "<hr"] {
            assert!(!rest.contains(foreign), "{foreign}: {rest}");
        }
        let count = |tag: &str| rest.matches(tag).count();
        assert_eq!(count("<details>"), count("</details>"), "{rest}");
        assert_eq!(count("<h3>"), 1, "{rest}");
        assert_eq!(count("<h1>"), 0, "{rest}");
    }
}

#[test]
fn a_markdown_report_names_kinds_changes_commands_and_what_is_rebuilt() {
    let root = Root::generated(MINIMAL);
    root.edit(
        "services.yaml",
        "fastapi, uvicorn",
        "fastapi, uvicorn, httpx",
    );
    let run = root.run(&["check", "--format", "markdown"]);
    for part in [
        "### dockwright: ",
        " generated files do not match services.yaml\n",
        "- **out of date**: services.yaml, a template or dockwright changed since it was \
         generated\n",
        "To fix:\n\n```sh\n",
        "\ndockwright generate\n",
        "```diff\n",
        "+httpx\n",
        "to build again</summary>",
        "```mermaid\nflowchart LR\n",
    ] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }
    let run = Root::generated(MINIMAL).run(&["check", "--format", "markdown"]);
    assert_eq!(run.status, 0);
    let only = "### dockwright: 6 files up to date\n\n";
    assert!(
        run.stdout.ends_with("up to date\n\n"),
        "{only}: {}",
        run.stdout
    );
}

#[test]
fn a_markdown_report_stays_below_its_limit_and_every_change_keeps_a_part() {
    let services = (0..30).map(|at| format!("  svc-{at:03}: {{ kind: web, port: 8000 }}\n"));
    let services: Vec<String> = services.collect();
    let services = services.concat();
    let root = Root::generated(&format!("{MINIMAL}{services}"));
    for at in 0..30 {
        let path = format!("generated/svc-{at:03}/Dockerfile");
        let lines = (0..100 * at).map(|line| format!("# {at} {line} and some more of it\n"));
        let lines: Vec<String> = lines.collect();
        let lines = lines.concat();
        root.write(&path, root.text(&path) + &lines + &format!("# last {at}\n"));
    }
    let run = root.run(&["check", "--format", "markdown"]);
    assert!(run.stdout.len() <= 60_000, "{}", run.stdout.len());
    for at in 0..30 {
        let place = format!("@@ generated/svc-{at:03}/Dockerfile:");
        assert!(run.stdout.contains(&place), "{place}");
    }
    assert!(run.stdout.contains("-# last 0\n"), "short ones stay whole");
}

#[test]
fn sarif_and_gitlab_reports_have_every_finding_at_its_place() {
    let root = hostile();
    root.edit("services.yaml", "port: 8000", "prot: 8000");
    for (declared, count) in [(true, 1), (false, 2)] {
        if !declared {
            root.edit("services.yaml", "prot: 8000", "port: 8000");
        }
        let sarif: Value = read(&root, "sarif");
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        let gitlab: Value = read(&root, "gitlab");
        let json: Value = read(&root, "json");
        let found = |key: &str| json[key].as_array().unwrap().len();
        let all = found("diagnostics") + found("drifts");
        assert!(all >= count, "{json}");
        assert_eq!(results.len(), all, "{sarif}");
        let issues = gitlab.as_array().unwrap();
        assert_eq!(issues.len(), all, "{gitlab}");
        for (result, issue) in results.iter().zip(issues) {
            assert_eq!(result["ruleId"], issue["check_name"]);
            let region = &result["locations"][0]["physicalLocation"]["region"];
            assert_eq!(region["startLine"], issue["location"]["lines"]["begin"]);
        }
    }
}

fn read(root: &Root, format: &str) -> Value {
    let run = root.run(&["check", "--format", format]);
    assert_eq!(run.status, 1, "{}", run.told());
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {}", run.stdout))
}

#[test]
fn sarif_fits_its_schema() {
    if !has(&["check-jsonschema", SARIF_SCHEMA]) {
        return;
    }
    let schema = repository().join(SARIF_SCHEMA);
    let schema = schema.join("sarif-2.1.0-rtm.5.json");
    let root = hostile();
    root.write("x.sarif", root.run(&["check", "--format", "sarif"]).stdout);
    let mut command = Command::new("check-jsonschema");
    // One pattern of the schema is valid for Python alone.
    command.args(["--regex-variant", "python", "--schemafile"]);
    command.args([schema.as_str(), "x.sarif"]);
    let output = command.current_dir(root.path()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// A repository whose fleet lies in `deploy/`.
fn below_top() -> Root {
    let root = Root::empty();
    root.write("deploy/services.yaml", MINIMAL);
    git(&root, "", &["init", "-q"]);
    let run = root.run(&["generate", "--file", "deploy/services.yaml"]);
    assert_eq!(run.status, 0, "{}", run.told());
    root.edit("deploy/services.yaml", "fastapi, uvicorn", "fastapi");
    root
}

fn git(root: &Root, folder: &str, arguments: &[&str]) {
    let mut command = Command::new("git");
    command
        .args(arguments)
        .current_dir(root.path().join(folder));
    let output = command.output().unwrap();
    assert!(output.status.success(), "{arguments:?} {output:?}");
}

#[test]
fn a_patch_of_a_fleet_in_a_folder_applies_from_there_and_from_the_top() {
    for folder in ["", "deploy"] {
        let root = below_top();
        let check = [
            "check",
            "--format",
            "patch",
            "--file",
            "deploy/services.yaml",
        ];
        let patch = root.run(&check);
        assert_eq!(patch.status, 1);
        root.write("deploy/x.patch", &patch.stdout);
        let file = root.path().join("deploy/x.patch");
        git(&root, folder, &["apply", file.as_str()]);
        let after = root.run(&["check", "--file", "deploy/services.yaml"]);
        assert_eq!(after.status, 0, "{folder}: {}", after.told());
    }
}

#[test]
fn annotations_and_reports_name_paths_from_the_top() {
    let root = below_top();
    for (format, place) in [
        ("github", "file=deploy/generated/"),
        ("sarif", "\"uri\": \"deploy/generated/"),
        ("gitlab", "\"path\": \"deploy/generated/"),
    ] {
        let check = [
            "check",
            "--format",
            format,
            "--file",
            "deploy/services.yaml",
        ];
        let run = root.run(&check);
        assert!(run.stdout.contains(place), "{format}: {}", run.stdout);
    }
    let run = root.run(&["check", "--file", "deploy/services.yaml"]);
    assert!(!run.stdout.contains("deploy/generated"), "{}", run.stdout);
}

#[test]
fn a_large_graph_folds_images_that_need_the_same() {
    let services = (0..60).map(|at| format!("  svc-{at:03}: {{ kind: on-base, port: 8000 }}\n"));
    let services: Vec<String> = services.collect();
    let services = services.concat();
    let root = Root::new(&format!("{MINIMAL}{services}"));
    let run = root.run(&["plan", "--format", "mermaid"]);
    assert!(run.stdout.contains(" in all\"]"), "{}", run.stdout);
    assert!(run.stdout.lines().count() < 8, "{}", run.stdout);
    let few = Root::new(MINIMAL).run(&["plan", "--format", "mermaid"]);
    assert!(!few.stdout.contains("in all"), "{}", few.stdout);
}
