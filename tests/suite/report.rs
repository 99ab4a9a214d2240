//! `dockwright report`: the page as a file, and as a browser shows it.

use std::process::Command;

use camino::Utf8Path;
use regex::Regex;
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::support::{Root, Run, has};
use crate::synthetic::services_yaml;

const FLEET: &str = "\
registry: registry.example
owner: acme
python: \"3.12\"
requirements:
  base: [fastapi, uvicorn]
bases:
  base-runtime: { version: v1.0.0, requirements: [base] }
kinds:
  on-base: { template: runtime-on-base, base: base-runtime }
services:
  svc-a: { kind: on-base, port: 8000, pip: [\"pandas==2.2.0\"] }
  svc-b: { kind: on-base, port: 8000, pip: [\"pandas==2.1.0\"], apt: [libpq5] }
";

fn reported(root: &Root, output: &str) -> Run {
    let run = root.run(&["report", "-o", output, "--name", "shop"]);
    assert_eq!(run.status, 0, "{}", run.told());
    run
}

/// What a page holds between two texts.
fn between<'a>(page: &'a str, start: &str, end: &str) -> &'a str {
    let from = page.find(start).unwrap_or_else(|| panic!("no {start}")) + start.len();
    let length = page[from..].find(end).unwrap_or_else(|| panic!("no {end}"));
    &page[from..from + length]
}

const DATA: &str = "<script type=\"application/json\" id=\"data\">";

fn data(page: &str) -> Value {
    serde_json::from_str(between(page, DATA, "</script>")).unwrap()
}

#[test]
fn the_page_loads_nothing_and_runs_its_own_script_alone() {
    let root = Root::generated(FLEET);
    reported(&root, "fleet.html");
    let page = root.text("fleet.html");
    let policy = between(
        &page,
        "http-equiv=\"Content-Security-Policy\" content=\"",
        "\"",
    );
    let hash = |text: &str| {
        use base64ct::{Base64, Encoding as _};
        format!("'sha256-{}'", Base64::encode_string(&Sha256::digest(text)))
    };
    let (script, style) = (
        between(&page, "<script>", "</script>"),
        between(&page, "<style>", "</style>"),
    );
    let unescaped = policy
        .replace("&#x2f;", "/")
        .replace("&#x27;", "'")
        .replace("&#x3d;", "=");
    assert_eq!(
        unescaped,
        format!(
            "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'",
            hash(script),
            hash(style)
        )
    );
    let loads =
        Regex::new(r#"(?i)(src|href)\s*=\s*["']?[^"'#\s>]|url\(|@import|https?://"#).unwrap();
    let bare = page.replace(between(&page, DATA, "</script>"), "");
    assert_eq!(loads.find(&bare).map(|found| found.as_str()), None);
    // No foreign text can become markup: nothing in the script makes any.
    for sink in [
        "innerHTML",
        "outerHTML",
        "insertAdjacent",
        "document.write",
        "eval(",
        "Function(",
    ] {
        assert!(!script.contains(sink), "{sink}");
    }
}

#[test]
fn the_data_says_what_builds_on_what_and_where_versions_differ() {
    let root = Root::generated(FLEET);
    root.write("generated/svc-a/Dockerfile", "FROM scratch\n");
    reported(&root, "fleet.html");
    let data = data(&root.text("fleet.html"));
    let shop = &data["repositories"][0];
    assert_eq!(shop["name"], "shop");
    let images = shop["images"].as_array().unwrap();
    let names: Vec<&str> = images
        .iter()
        .map(|image| image["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["base-runtime", "svc-a", "svc-b"]);
    assert_eq!(
        (&images[1]["base"], &images[1]["from"]),
        (&0.into(), &"python:3.12-slim".into())
    );
    let steps = &shop["steps"][usize::try_from(images[2]["steps"].as_u64().unwrap()).unwrap()];
    assert!(
        steps
            .as_array()
            .unwrap()
            .contains(&"apt-get install".into()),
        "{steps}"
    );
    assert!(
        steps.as_array().unwrap().contains(&"pip install".into()),
        "{steps}"
    );
    let packages = shop["packages"].as_array().unwrap();
    let pandas = packages
        .iter()
        .find(|package| package["name"] == "pandas")
        .unwrap();
    let versions = serde_json::json!([
        { "version": "==2.1.0", "images": [[2, 2]] },
        { "version": "==2.2.0", "images": [[1, 1]] },
    ]);
    assert_eq!(pandas["versions"], versions);
    let fastapi = packages
        .iter()
        .find(|package| package["name"] == "fastapi")
        .unwrap();
    assert_eq!(
        fastapi["versions"][0]["images"],
        serde_json::json!([[0, 2]])
    );
    assert_eq!(shop["drifts"][0]["path"], "generated/svc-a/Dockerfile");
    assert_eq!(shop["drifts"][0]["declared"], "services.yaml");
}

#[test]
fn several_repositories_become_one_page() {
    let root = Root::generated(FLEET);
    reported(&root, "a.json");
    root.write(
        "b.json",
        root.text("a.json").replace("\"shop\"", "\"bank\""),
    );
    let run = root.run(&["report", "a.json", "b.json", "-o", "all.html"]);
    assert_eq!(run.status, 0, "{}", run.told());
    let page = root.text("all.html");
    let names = ["shop", "bank"];
    for (at, name) in names.iter().enumerate() {
        assert_eq!(data(&page)["repositories"][at]["name"], *name);
    }
    assert!(page.contains("<title>Fleet of 2 repositories</title>"));
    for (broken, told) in [
        ("{}", "not a valid report"),
        ("[", "not a valid report"),
        (
            &root.text("a.json").replace("\"base\":0", "\"base\":7"),
            "the base of an image does not exist",
        ),
        (
            &root.text("a.json").replace("[[0,2]]", "[[0,9]]"),
            "the image of a package does not exist",
        ),
        (
            &root
                .text("a.json")
                .replace("\"version\":1,", "\"version\":2,"),
            "version 2 of `report`",
        ),
    ] {
        root.write("c.json", broken);
        let run = root.run(&["report", "a.json", "c.json", "-o", "new.html"]);
        assert_eq!(run.status, 2, "{}", run.told());
        assert!(
            run.stderr.contains("c.json") && run.stderr.contains(told),
            "{}",
            run.told()
        );
        assert!(!root.exists("new.html"));
    }
}

#[test]
fn a_report_replaces_only_a_report() {
    let root = Root::generated(FLEET);
    reported(&root, "fleet.html");
    reported(&root, "fleet.html");
    reported(&root, "fleet.json");
    reported(&root, "fleet.json");
    let before = root.text("services.yaml");
    let run = root.run(&["report", "-o", "services.yaml"]);
    assert_eq!(run.status, 2, "{}", run.told());
    assert!(
        run.stderr
            .contains("services.yaml exists and is not a report"),
        "{}",
        run.told()
    );
    assert_eq!(root.text("services.yaml"), before);
}

/// A report in which every text is out to become markup or to end its place.
fn hostile(root: &Root) -> String {
    reported(root, "hostile.json");
    let mut report: Value = serde_json::from_str(&root.text("hostile.json")).unwrap();
    let evil = "</script><script>document.title='owned'</script><img src=x onerror=\"document.title='owned'\">\u{2028}<!--<script>]]>&lt;";
    poison(&mut report["repositories"], evil);
    report.to_string()
}

fn poison(value: &mut Value, evil: &str) {
    match value {
        Value::String(text) => *text = format!("{text}{evil}"),
        Value::Array(items) => items.iter_mut().for_each(|item| poison(item, evil)),
        Value::Object(fields) => fields.values_mut().for_each(|field| poison(field, evil)),
        _ => {}
    }
}

#[test]
fn data_cannot_end_its_script() {
    let root = Root::generated(FLEET);
    root.write("generated/svc-a/Dockerfile", "FROM scratch\n");
    let hostile = hostile(&root);
    root.write("hostile.json", &hostile);
    assert_eq!(
        root.run(&["report", "hostile.json", "-o", "h.html"]).status,
        0
    );
    let page = root.text("h.html");
    assert_eq!(page.matches("</script>").count(), 2);
    let inside = between(&page, DATA, "</script>");
    assert!(!inside.contains(['<', '>', '&', '\u{2028}']));
    let before: Value = serde_json::from_str(&hostile).unwrap();
    assert_eq!(data(&page)["repositories"], before["repositories"]);
    assert!(!between(&page, "<title>", "</title>").contains('<'));
}

/// A page as Chromium has it after its script ran, and what it said on the console.
fn shown(page: &Utf8Path, view: &str) -> (String, String) {
    let folder = tempfile::tempdir().unwrap();
    let output = Command::new("chromium")
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
        ])
        .args([
            "--enable-logging=stderr",
            "--log-level=0",
            "--virtual-time-budget=20000",
        ])
        .arg(format!("--user-data-dir={}", folder.path().display()))
        .args(["--dump-dom", &format!("file://{page}#{view}")])
        .env("HOME", folder.path())
        .output()
        .unwrap();
    let dom = String::from_utf8_lossy(&output.stdout).into_owned();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let console = said.lines().filter(|line| line.contains("CONSOLE"));
    (dom, console.collect::<Vec<_>>().join("\n"))
}

/// What the page drew.
fn drawn(dom: &str) -> &str {
    between(dom, "<main", "</main>")
}

#[test]
fn a_browser_shows_every_view_and_runs_nothing_of_a_hostile_fleet() {
    if !has(&["chromium"]) {
        return;
    }
    let root = Root::generated(FLEET);
    root.write("generated/svc-a/Dockerfile", "FROM scratch\n");
    root.write("hostile.json", hostile(&root));
    assert_eq!(
        root.run(&["report", "hostile.json", "-o", "h.html"]).status,
        0
    );
    // Every control has a name.
    let control = Regex::new(r"<(button|summary)[^>]*>\s*</").unwrap();
    for (view, expected) in [
        ("overview", "base images"),
        ("bases", "python:3.12-slim"),
        ("bases/nothing", "base-runtime"),
        ("drift", "generated/svc-a/Dockerfile"),
        ("packages", "pandas"),
        ("services", "svc-b"),
    ] {
        let (dom, console) = shown(&root.path().join("h.html"), view);
        assert_eq!(console, "", "{view}");
        assert!(drawn(&dom).contains(expected), "{view}: {dom}");
        assert!(!dom.contains("<title>owned"), "{view}");
        assert!(
            !drawn(&dom).contains("<img") && !drawn(&dom).contains("<script"),
            "{view}"
        );
        let mut bare = control.find_iter(drawn(&dom)).map(|found| found.as_str());
        let unnamed = bare.find(|found| !found.contains("aria-label"));
        assert_eq!(unnamed, None, "{view}");
    }
}

#[test]
fn a_browser_opens_ten_thousand_services_folded() {
    if !has(&["chromium"]) {
        return;
    }
    let root = Root::empty();
    root.write("services.yaml", services_yaml(10_000));
    reported(&root, "fleet.html");
    let page = root.path().join("fleet.html");
    let size = root.bytes("fleet.html").len();
    assert!(size < 8 << 20, "{size} bytes");
    let (dom, console) = shown(&page, "services");
    assert_eq!(console, "");
    let rows = drawn(&dom).matches("<tr>").count();
    assert!(
        (100..=400).contains(&rows),
        "{rows} rows are drawn at first"
    );
    assert!(drawn(&dom).contains("10,0"), "the count of all");
}
