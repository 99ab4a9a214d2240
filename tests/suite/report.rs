//! `dockwright report`: the page as a file, and as a browser shows it.

use std::process::Command;

use camino::Utf8Path;
use regex::Regex;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::locks::{FLEET as LOCKED, Locking};
use crate::support::{Root, Run, has, repository};
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
        { "version": "==2.1.0", "known": "declared", "images": [[2, 2]] },
        { "version": "==2.2.0", "known": "declared", "images": [[1, 1]] },
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

/// The versions of a package, each with how it is known and the runs of its images.
fn versions_of(report: &Value, by: &str, name: &str) -> (bool, Vec<String>) {
    let mut packages = report["repositories"][0]["packages"]
        .as_array()
        .unwrap()
        .iter();
    let found = packages.find(|one| one["by"] == by && one["name"] == name);
    let found = found.unwrap_or_else(|| panic!("no {name}"));
    let versions = found["versions"].as_array().unwrap().iter().map(|one| {
        let (version, known) = (one["version"].as_str(), one["known"].as_str());
        format!("{} {} {}", version.unwrap(), known.unwrap(), one["images"])
    });
    (found["asked"] == true, versions.collect())
}

#[test]
fn the_matrix_has_what_locks_and_images_bring_and_tells_what_is_only_declared() {
    let locking = Locking::new(&LOCKED.replace("    pip:\n", "    apt: [libpq5]\n    pip:\n"));
    let report = |words: &[&str]| -> Value {
        let run = locking.run(&[&["report", "-o", "r.json"][..], words].concat());
        assert_eq!(run.status, 0, "{}", run.told());
        serde_json::from_str(&locking.root.text("r.json")).unwrap()
    };
    let one = |version: &str| vec![version.to_owned()];
    // base-low, base-high, svc-alone, svc-high.
    let declared = report(&[]);
    let rdflib = versions_of(&declared, "pip", "rdflib");
    assert_eq!(rdflib, (true, one(">=7 declared [[3,3]]")));
    let run = locking.run(&["lock"]);
    assert_eq!(run.status, 0, "{}", run.told());
    let locked = report(&[]);
    let is = |name: &str| versions_of(&locked, "pip", name);
    assert_eq!(is("rdflib"), (true, one("7.0 locked [[3,3]]")));
    assert_eq!(is("numpy"), (true, one("7.0 locked [[1,1],[3,3]]")));
    assert_eq!(is("starlette"), (false, one("7.0 locked [[0,3]]")));
    let apt = versions_of(&locked, "apt", "libpq5");
    assert_eq!(apt, (true, one(" declared [[3,3]]")));
    let package = |name: &str, version: &str| json!({ "name": name, "version": version, "bytes": 5, "files": 1, "layer": 0, "declared": [] });
    sizes(&locking.root);
    let mut ledger: Value = serde_json::from_str(&locking.root.text("sizes.json")).unwrap();
    let image = &mut ledger["images"][0];
    image["name"] = "svc-high".into();
    image["python"] = json!([package("Starlette", "8.1"), package("pip", "26.0")]);
    image["debian"] = json!([package("libpq5", "17.2"), package("libc6", "2.41")]);
    locking.root.write("sizes.json", ledger.to_string());
    let read = report(&["--sizes", "sizes.json"]);
    let both = vec![
        "7.0 locked [[0,2]]".to_owned(),
        "8.1 installed [[3,3]]".to_owned(),
    ];
    assert_eq!(versions_of(&read, "pip", "starlette"), (false, both));
    let brought = versions_of(&read, "pip", "pip");
    assert_eq!(brought, (false, one("26.0 installed [[3,3]]")));
    let apt = versions_of(&read, "apt", "libpq5");
    assert_eq!(apt, (true, one("17.2 installed [[3,3]]")));
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

const EVIL: &str = "</script><script>document.title='owned'</script><img src=x \
                    onerror=\"document.title='owned'\">\u{2028}<!--<script>]]>&lt;";

/// A report in which every text is out to become markup or to end its place.
fn hostile(root: &Root) -> String {
    reported(root, "hostile.json");
    let mut report: Value = serde_json::from_str(&root.text("hostile.json")).unwrap();
    poison(&mut report["repositories"], EVIL);
    report.to_string()
}

fn poison(value: &mut Value, evil: &str) {
    match value {
        Value::String(text) => *text = format!("{text}{evil}"),
        Value::Array(items) => items.iter_mut().for_each(|item| poison(item, evil)),
        // What has words of ours alone is not read with others.
        Value::Object(fields) => fields
            .iter_mut()
            .filter(|(name, _)| *name != "counted" && *name != "known")
            .for_each(|(_, field)| poison(field, evil)),
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

/// What a person sees of a page, by `tests/judges/page.py`, which fails where something is wrong.
fn looked_at(page: &Utf8Path, title: &str) -> Value {
    let judge = repository().join("tests/judges/page.py");
    let output = Command::new("python3")
        .args([judge.as_str(), page.as_str(), "--title", title])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{told}{said}");
    serde_json::from_str(&told).unwrap()
}

/// The sizes of the fleet's images: one over its budget, so that every view has something to show.
fn sizes(root: &Root) {
    let layer = |digit: &str, bytes: u64, image: &str| {
        json!({
            "diff_id": format!("sha256:{}", digit.repeat(64)), "bytes": bytes, "files": 3, "images": 1,
            "created_by": "RUN /bin/sh -c pip install", "image": image, "step": "generated/svc-a/Dockerfile:9",
            "declared": [{ "field": "services.svc-a.pip[0]", "place": "services.yaml:11:40", "value": "pandas" }],
        })
    };
    let waste = json!([{
        "kind": "tests", "bytes": 700, "files": 2,
        "largest": [{ "path": "opt/tests/a.py", "bytes": 600, "diff_id": "sha256:0" }],
    }]);
    let ledger = json!({
        "version": 1, "command": "sizes",
        "total": { "bytes": 9000, "stored_once": 9000, "first_push": 4000, "layers": 2, "waste": waste },
        "bases": [{ "base": "base-runtime", "own": 5000, "dependents": 2, "on_top": 4000 }],
        "images": [{
            "name": "svc-a", "references": ["r/svc-a:1"], "platform": "linux/amd64", "is_declared": true,
            "base": "base-runtime", "bytes": 9000, "unique": 4000, "shared": 5000, "compressed": null,
            "layers": [layer("a", 5000, "base-runtime"), layer("b", 4000, "svc-a")],
            "waste": waste, "python": [], "debian": [],
        }],
        "budgets": [{
            "image": "svc-a", "platform": "linux/amd64", "bytes": 9000, "budget": 1000, "most": 1100, "is_over": true,
            "missing": 0, "reason": "pandas", "declared": { "field": "budgets.each", "place": "services.yaml:12:9" },
            "causes": [{ "what": "pandas 2.2", "bytes": 3000, "grew": true, "declared": [] }],
        }],
    });
    root.write("sizes.json", ledger.to_string());
}

/// A fleet that differs in a file and has sizes, as one page.
fn shop() -> Root {
    let root = Root::generated(FLEET);
    root.write("generated/svc-a/Dockerfile", "FROM scratch\n");
    sizes(&root);
    let words = [
        "report",
        "-o",
        "shop.json",
        "--name",
        "shop",
        "--sizes",
        "sizes.json",
    ];
    let run = root.run(&words);
    assert_eq!(run.status, 0, "{}", run.told());
    root
}

const VIEWS: [&str; 6] = [
    "overview", "bases", "sizes", "drift", "packages", "services",
];

#[test]
fn a_browser_shows_every_view_and_runs_nothing_of_a_hostile_fleet() {
    if !has(&["chromium", "python3"]) {
        return;
    }
    let root = shop();
    let mut report: Value = serde_json::from_str(&root.text("shop.json")).unwrap();
    poison(&mut report["repositories"], EVIL);
    root.write("hostile.json", report.to_string());
    root.write("evil.json", report.to_string());
    for (inputs, title) in [
        (&["shop.json"][..], "Fleet shop"),
        (&["hostile.json"][..], &*format!("Fleet shop{EVIL}")),
        (
            &["hostile.json", "evil.json"][..],
            "Fleet of 2 repositories",
        ),
    ] {
        let run = root.run(&[&["report", "-o", "page.html"][..], inputs].concat());
        assert_eq!(run.status, 0, "{}", run.told());
        let told = looked_at(&root.path().join("page.html"), title);
        for view in VIEWS {
            let elements = told["views"][view]["elements"].as_u64();
            assert!(
                elements.is_some_and(|elements| elements > 30),
                "{view}: {told}"
            );
        }
    }
}

/// What the judge of pages says of a page that is wrong in one way.
fn faults(root: &Root, (from, to): (&str, &str)) -> String {
    root.run(&["report", "-o", "page.html", "shop.json"]);
    let page = root
        .text("page.html")
        .replace("&#x2f;", "/")
        .replace("&#x3d;", "=");
    assert!(page.contains(from), "{from}");
    let style = between(&page, "<style>", "</style>").to_owned();
    let script = between(&page, "<script>", "</script>").to_owned();
    let hash = |text: &str| {
        use base64ct::{Base64, Encoding as _};
        Base64::encode_string(&Sha256::digest(text))
    };
    let broken = page.replacen(from, to, 1);
    // The policy knows the changed texts, so that nothing but the change is wrong.
    let (new_style, new_script) = (
        between(&broken, "<style>", "</style>").to_owned(),
        between(&broken, "<script>", "</script>").to_owned(),
    );
    let broken = broken
        .replace(&hash(&style), &hash(&new_style))
        .replace(&hash(&script), &hash(&new_script));
    root.write("broken.html", broken);
    let judge = repository().join("tests/judges/page.py");
    let output = Command::new("python3")
        .args([judge.as_str(), root.path().join("broken.html").as_str()])
        .output()
        .unwrap();
    assert!(!output.status.success(), "{from} -> {to}");
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

#[test]
fn the_judge_of_pages_finds_what_is_wrong() {
    if !has(&["chromium", "python3"]) {
        return;
    }
    let root = shop();
    for (change, told) in [
        (("--faint: #4a525c", "--faint: #b0b0b0"), "contrast"),
        (
            ("const data =", "console.log(1); const data ="),
            "on the console",
        ),
        (
            ("const data =", "undefined.x; const data ="),
            "an exception",
        ),
        ((">Dark</button>", "></button>"), "without a name"),
        (("ArrowRight: at + 1", "ArrowRight: at"), "an arrow goes to"),
        (("<h1>", "<h2>"), "heading H2 after h0"),
        (("<main ", "<img alt=\"\"><main "), "an element img"),
    ] {
        let found = faults(&root, change);
        assert!(found.contains(told), "{change:?}: {found}");
    }
}

#[test]
fn a_browser_opens_ten_thousand_services_folded() {
    if !has(&["chromium", "python3"]) {
        return;
    }
    for services in [14, 500, 10_000] {
        let root = Root::empty();
        root.write("services.yaml", services_yaml(services));
        reported(&root, "fleet.html");
        let size = root.bytes("fleet.html").len();
        assert!(size < 8 << 20, "{size} bytes");
        // The judge fails where a page takes more than 2 s to open.
        let told = looked_at(&root.path().join("fleet.html"), "Fleet shop");
        let rows = told["views"]["services"]["rows"].as_u64().unwrap();
        assert!(rows > 10 && rows <= 200, "{rows} rows are drawn at first");
        let elements = told["views"]["bases"]["elements"].as_u64().unwrap();
        assert!(elements < 2000, "{elements} elements are drawn at first");
    }
}
