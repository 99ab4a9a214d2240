//! `adopt`: from Dockerfiles that people wrote to a declaration that means the same.

use std::collections::BTreeMap;
use std::path::Path;

use crate::support::{Root, Run, repository};

/// The originals of tests/fixtures/adopt, as one repository.
fn originals() -> Root {
    let root = Root::empty();
    copy(
        repository().join("tests/fixtures/adopt").as_std_path(),
        &root,
        "",
    );
    root
}

fn copy(folder: &Path, root: &Root, below: &str) {
    for entry in std::fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let path = format!("{below}{}", entry.file_name().to_str().unwrap());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), root, &format!("{path}/"));
        } else {
            root.write(&path, std::fs::read(entry.path()).unwrap());
        }
    }
}

/// What becomes of each Dockerfile, by its path.
fn verdicts(run: &Run) -> BTreeMap<String, String> {
    let images = run.json()["images"].as_array().unwrap().clone();
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    images
        .iter()
        .map(|image| (text(&image["dockerfile"]), text(&image["verdict"])))
        .collect()
}

#[test]
fn most_originals_mean_the_same_and_every_instruction_is_told() {
    let run = originals().run(&["adopt", "--format", "json"]);
    let verdicts = verdicts(&run);
    let fine = verdicts
        .values()
        .filter(|verdict| ["same", "harmless"].contains(&verdict.as_str()))
        .count();
    assert!(verdicts.len() >= 60, "{}", verdicts.len());
    assert!(fine * 100 >= verdicts.len() * 75, "{fine}: {verdicts:#?}");
    assert_eq!(verdicts["services/front-end/Dockerfile"], "foreign");
    for kept in ["empty", "unknown-base"] {
        assert_eq!(verdicts[&format!("services/{kept}/Dockerfile")], "kept");
    }
    assert_eq!(verdicts["services/other-stage/Dockerfile"], "different");
    let told = run.json();
    let count = |name: &str| told[name].as_u64().unwrap();
    assert!(count("steps") * 10 <= count("instructions"), "{told}");
    assert!(!run.told().contains("is not understood"), "{}", run.told());
}

/// Originals by what is special about them, and a line of the declaration that says it.
const SAID: [(&str, &str); 44] = [
    ("workdir-below", "workdir: inherit"),
    (
        "workdir-below",
        "{ from: services/workdir-below/settings.toml, to: conf/settings.toml }",
    ),
    (
        "builder-tool",
        "install: services/builder-tool/requirements.txt",
    ),
    (
        "mounted-wheels",
        "install: services/mounted-wheels/requirements.txt",
    ),
    ("one-platform", "platforms: [linux/amd64]"),
    ("lost-lock", "install: \"{source}/pyproject.toml\""),
    ("whole-beside", "ignore: [/generated]"),
    ("latest-tag", "reference: python, tag: latest"),
    ("own-start", "entrypoint: inherit"),
    ("extended-path", "PYTHONPATH: \":/srv/extra\""),
    (
        "foreign-path",
        "PYTHONPATH: \"{env.PYTHONPATH}:/srv/extra\"",
    ),
    ("blanks-in-quotes", "json.dumps({'a':  'b'}),  file="),
    (
        "shell-variable",
        "name=\\\"model-${MODEL}\\\" && mkdir -p /models && python -m",
    ),
    ("shell-variable", "args: { MODEL: small, REVISION: \"\" }"),
    ("named-home", "home: /home/runner"),
    ("group-by-number", "groups: [devices]"),
    ("upgraded", "apt-get update && apt-get upgrade -y && rm -rf"),
    ("upgraded", "opentelemetry-bootstrap -a install"),
    ("laid-over", "copy: [services/laid-over/program]"),
    (
        "pipfile",
        "pip: [\"anyio==4.3.0; python_version >= '3.8'\", \"httpx==0.27.0\", \"setuptools==69.0.0\"]",
    ),
    (
        "root-project",
        "install: { path: pyproject.toml, project: true }",
    ),
    (
        "git-revision",
        "pip: [\"toolbox @ git+https://git.example.com/toolbox.git@v2.1\"]",
    ),
    ("given-folder", "dirs: [/etc/nginx/conf.d]"),
    ("virtual-project", "install: \"{source}/uv.lock\""),
    ("tool-home", "install: services/tool-home/requirements.txt"),
    (
        "port-of-start",
        "curl --fail 127.0.0.1:${LISTEN_PORT}/ping || exit 1",
    ),
    ("builder-arguments", "args: { TARGETARCH: \"\" }"),
    (
        "moved-tool",
        "install: services/moved-tool/requirements.txt",
    ),
    (
        "by-hand",
        "{ from: services/by-hand/requirements-large.txt, to: requirements-large.txt }",
    ),
    ("by-hand", "pip: [pip]"),
    ("by-uv", "python-slim-shared"),
    ("by-uv", "pip: [pip, uv]"),
    ("home-data", "user: root"),
    ("system-python", "apt_build: [python3, python3-pip]"),
    ("system-python", "installer: uv"),
    ("host-port", "port: 8014"),
    ("computed-version", "nodejs=18.*"),
    (
        "computed-version",
        "run: [\"pip install GDAL==$(gdal-config --version)\"]",
    ),
    ("model-download", "pip: [spacy, pip]"),
    ("no-wheel", "source_builds: [langdetect]"),
    (
        "moved-file",
        "{ from: services/moved-file/banner.txt, to: /etc/motd }",
    ),
    ("other-name", "install: services/other-name/needs.txt"),
    ("unquoted", "pip: [anyio]"),
    ("made-in-root", "dirs: [/root/.store/models]"),
];

#[test]
fn each_kind_of_original_is_said_by_its_fields() {
    let run = originals().run(&["adopt", "--format", "json"]);
    let verdicts = verdicts(&run);
    let told = run.json();
    let text = told["declaration"].as_str().unwrap();
    for (name, line) in SAID {
        let verdict = &verdicts[&format!("services/{name}/Dockerfile")];
        assert_eq!(verdict, "harmless", "{name}: {}", run.told());
        assert!(text.contains(line), "{name}: no `{line}` in\n{text}");
    }
    assert!(text.contains("rule: floating-image"), "{text}");
    // What an earlier stage installs for itself alone.
    assert!(
        !text.contains("hatchling") && !text.contains("requirements-build"),
        "{text}"
    );
}

#[test]
fn what_is_written_is_clean_and_the_next_run_is_quiet() {
    let root = originals();
    let before = root.tree();
    let run = root.run(&["adopt", "--write"]);
    assert!(root.exists("services.yaml"), "{}", run.told());
    let after = root.tree();
    for (path, node) in &before {
        assert_eq!(after.get(path), Some(node), "{path} stays as it is");
    }
    let check = root.check();
    assert_eq!(check.status, 0, "{}", check.told());
    let again = root.run(&["adopt", "--write"]);
    assert!(!again.told().contains("harmless  "), "{}", again.told());
    assert!(!again.told().contains("already exists"), "{}", again.told());
    assert_eq!(root.tree(), after);
    let one = root.run(&["adopt", "services/flat"]);
    assert!(one.stdout.starts_with("nothing to adopt"), "{}", one.told());
}

/// The lines of a text, each of which stands in another text, in order.
fn assert_kept(before: &str, after: &str) {
    let mut lines = after.lines();
    for line in before.lines() {
        assert!(lines.any(|kept| kept == line), "no `{line}` in\n{after}");
    }
}

#[test]
fn a_declaration_that_is_there_is_extended_part_by_part() {
    let root = originals();
    let paths = [
        "services/flat",
        "services/one-platform",
        "services/lost-lock",
        "",
    ];
    for path in paths {
        let before = if root.exists("services.yaml") {
            root.text("services.yaml")
        } else {
            String::new()
        };
        let tree = root.tree();
        let run = root.run(
            &[
                &["adopt", "--write"],
                &[path][..usize::from(!path.is_empty())],
            ]
            .concat(),
        );
        assert!(
            run.stdout.contains("written: services.yaml"),
            "{path}: {}",
            run.told()
        );
        assert_kept(&before, &root.text("services.yaml"));
        for (path, node) in root.tree() {
            let is_new = path == "services.yaml" || !tree.contains_key(&path);
            assert!(is_new || tree[&path] == node, "{path}");
        }
        assert_eq!(
            root.check().status,
            0,
            "{path}: {}",
            root.run(&["check"]).told()
        );
    }
    let whole = originals();
    whole.run(&["adopt", "--write"]);
    let generated = |root: &Root| -> Vec<String> {
        let mut files = root.files();
        files.retain(|path| path.starts_with("generated/"));
        files
    };
    assert_eq!(generated(&root), generated(&whole));
    let after = root.tree();
    let again = root.run(&["adopt", "--write"]);
    assert!(!again.stdout.contains("written"), "{}", again.told());
    assert_eq!(root.tree(), after);
}

const OWN: &str = "\
# ours
registry: registry.example # the mirror
owner: acme
python: \"3.12\"
defaults: { user: 1234 }
outputs: { compose: {} }
kinds:
  python: { role: worker }
services:
  # bills
  api: { kind: python, source: billing, cmd: python -m billing }
  web: { source: web, port: 8000 } # the front
policy:
  rules: {}
";

#[test]
fn a_persons_declaration_keeps_its_text_and_names_that_are_taken_get_a_number() {
    let root = Root::empty();
    root.write("billing/main.py", "");
    root.write("web/main.py", "");
    for (folder, tag) in [("api", "3.12"), ("web", "3.12-slim"), ("jobs", "3.11")] {
        root.write(&format!("{folder}/main.py"), "");
        root.write(
            &format!("{folder}/Dockerfile"),
            format!(
                "FROM python:{tag}\nWORKDIR /app\nCOPY main.py .\nRUN useradd -u 1000 me\nUSER me\n\
                 EXPOSE 8000\nCMD [\"python\", \"main.py\"]\n"
            ),
        );
    }
    root.write("services.yaml", OWN);
    assert_eq!(
        root.run(&["generate"]).status,
        0,
        "{}",
        root.run(&["check"]).told()
    );
    root.edit("generated/web/Dockerfile", "EXPOSE", "# by hand\nEXPOSE");
    let (before, shown) = (root.tree(), root.run(&["adopt"]));
    assert!(shown.stdout.contains("+   api-2:"), "{}", shown.told());
    assert_eq!(root.tree(), before);
    let run = root.run(&["adopt", "--write"]);
    assert!(!run.stdout.contains("different  "), "{}", run.told());
    let after = root.text("services.yaml");
    assert_kept(OWN, &after);
    for part in ["  api-2:\n", "  jobs:\n", "reference: python"] {
        assert!(after.contains(part), "{part}: {after}");
    }
    assert!(!after.contains("web-2"), "{after}");
    let left = root.check().drifts();
    assert_eq!(
        left.keys().collect::<Vec<_>>(),
        ["generated/web/Dockerfile"],
        "{after}"
    );
    assert!(root.text("compose.yaml").contains("api-2"));
    let after = root.tree();
    let again = root.run(&["adopt", "--write"]);
    assert!(
        again
            .stdout
            .starts_with("nothing to adopt: services.yaml declares 4 images"),
        "{}",
        again.told()
    );
    assert_eq!(root.tree(), after);
}

#[test]
fn a_declaration_with_errors_is_not_added_to() {
    let root = originals();
    root.write("services.yaml", "registry: r.example\nservices: {}\n");
    let run = root.run(&["adopt", "--write"]);
    assert_eq!(run.status, 2, "{}", run.told());
    assert!(
        run.stderr.contains("services.yaml has errors"),
        "{}",
        run.told()
    );
    assert!(root.text("services.yaml").ends_with("services: {}\n"));
    assert!(!root.exists("generated"));
}

#[test]
fn a_file_in_the_way_leaves_everything_as_it_was() {
    let root = Root::empty();
    root.write(
        "api/Dockerfile",
        "FROM python:3.12-slim\nCOPY main.py /m.py\nCMD [\"python\", \"/m.py\"]\n",
    );
    root.write("api/main.py", "");
    root.write("generated/api/Dockerfile", "mine\n");
    let run = root.run(&["adopt", "--write", "api"]);
    assert_eq!(run.status, 2, "{}", run.told());
    assert_eq!(root.text("generated/api/Dockerfile"), "mine\n");
    assert!(!root.exists("services.yaml"));
}

#[test]
fn strangers_files_are_read_within_bounds_and_printed_inert() {
    let root = Root::empty();
    root.write("a/Dockerfile", [0xff, 0xfe, 0x00]);
    root.write("b/main.py", "");
    root.link("b/Dockerfile", "/etc/passwd");
    root.write(
        "c/Dockerfile",
        "FROM python:3.12-slim\nLABEL a=\"\u{1b}[31m::error::x\"\nRUN touch '\u{1b}]0;x'\n\
         CMD [\"python\"]\n",
    );
    root.write("compose.yaml", "a: &a [*a]\n");
    root.write("d/Dockerfile", "FROM");
    let run = root.run(&["adopt"]);
    assert!(!run.told().contains('\u{1b}'), "{}", run.told());
    assert!(!run.told().contains("root:"), "{}", run.told());
    for named in ["/etc", "../x"] {
        let run = root.run(&["adopt", named]);
        assert_eq!(run.status, 2, "{}", run.told());
    }
    let empty = Root::empty().run(&["adopt"]);
    assert_eq!(
        (empty.status, empty.stdout.as_str()),
        (0, "nothing to adopt: no Dockerfile was found\n")
    );
}

#[test]
fn an_argument_of_the_builder_has_no_default_that_would_hide_it() {
    let root = originals();
    root.run(&["adopt", "--write"]);
    let text = root.text("generated/builder-arguments/Dockerfile");
    assert!(text.contains("\nARG TARGETARCH\n"), "{text}");
}

#[test]
fn a_file_that_a_step_reads_is_not_only_there_to_be_installed() {
    let root = Root::empty();
    root.write("main.py", "");
    root.write("requirements.txt", "anyio==4.3.0\n");
    let original = |copied: &str| {
        format!(
            "FROM python:3.12-slim\nWORKDIR /srv\nCOPY {copied} ./\nRUN sort requirements.txt \
             > sorted.txt\nCMD [\"python\", \"main.py\"]\n"
        )
    };
    root.write("a.Dockerfile", original("main.py requirements.txt"));
    root.write("b.Dockerfile", original("main.py"));
    let run = root.run(&["diff", "a.Dockerfile", "b.Dockerfile"]);
    let told = run.told();
    assert!(
        told.contains("no longer has /srv/requirements.txt"),
        "{told}"
    );
    assert!(!told.contains("install-files-gone"), "{told}");
}

/// What `adopt` says of one service, whose image below sets a working folder: the declaration, its
/// notes, and the verdict.
fn below(instructions: &str) -> (String, Vec<String>, String) {
    let root = Root::empty();
    for path in ["main.py", "settings.toml", "x.sh", "sources/a.py"] {
        root.write(&format!("a/{path}"), "x = 1\n");
    }
    let text = format!("FROM apache/airflow:3.0.1\n{instructions}CMD [\"python\", \"/main.py\"]\n");
    root.write("a/Dockerfile", text);
    let run = root.run(&["adopt", "--format", "json"]);
    let told = run.json();
    let image = &told["images"][0];
    let notes = image["notes"].as_array().unwrap().iter();
    let notes = notes
        .map(|note| note.as_str().unwrap().to_owned())
        .collect();
    let declaration = told["declaration"].as_str().unwrap().to_owned();
    let verdict = image["verdict"].as_str().unwrap().to_owned();
    assert!(!declaration.contains("WORKDIR}"), "{declaration}");
    (declaration, notes, verdict)
}

#[test]
fn what_no_field_reaches_in_a_workdir_below_is_told() {
    let folder = "the working folder that apache/airflow:3.0.1 sets, which no field names beside another WORKDIR";
    for (instructions, note) in [
        ("WORKDIR sub\n", "WORKDIR is `sub` in "),
        (
            "COPY a/settings.toml ./\nWORKDIR /srv/app\nCOPY a/main.py ./\n",
            "a/settings.toml is copied to `settings.toml` in ",
        ),
        (
            "COPY a/sources ./sources\nWORKDIR /srv/app\nCOPY a/main.py ./\n",
            "a/sources is copied to `sources` in ",
        ),
        (
            "COPY --from=busybox:1.37 /bin/busybox ./y\nWORKDIR /srv\n",
            "/bin/busybox of busybox:1.37 is copied to `y` in ",
        ),
        (
            "RUN mkdir data && chmod 777 data\nWORKDIR /srv\n",
            "the build prepares `data` in ",
        ),
        ("RUN ./x.sh\nWORKDIR /srv\n", "`./x.sh` runs in "),
    ] {
        let (declaration, notes, verdict) = below(instructions);
        let note = format!("{note}{folder}");
        assert!(notes.contains(&note), "{note}: {notes:#?}\n{declaration}");
        assert_eq!(verdict, "different", "{instructions}: {declaration}");
    }
    let instructions = "COPY --from=busybox:1.37 /bin/busybox ./y\nCOPY a/settings.toml ./\n";
    let (declaration, notes, _) = below(instructions);
    for said in ["workdir: inherit", "to: \"y\"", "to: settings.toml"] {
        assert!(declaration.contains(said), "{said}: {declaration}");
    }
    assert!(notes.iter().all(|note| !note.contains(folder)), "{notes:?}");
}

#[test]
fn of_two_mounts_of_wheels_the_one_that_is_installed_is_proposed() {
    let root = Root::empty();
    root.write("a/main.py", "x = 1\n");
    root.write("a/requirements.txt", "fast-api==0.110\n");
    for (folder, said, unsaid) in [
        ("/wa", "install: a/requirements.txt", "anyio"),
        ("/wb", "pip: [\"anyio==4.3.0\"]", "install:"),
    ] {
        let text = format!(
            "FROM python:3.12-slim AS one\nCOPY a/requirements.txt .\nRUN pip wheel -w /wheels -r requirements.txt\n\
             FROM python:3.12-slim AS two\nRUN pip wheel -w /wheels anyio==4.3.0\n\
             FROM python:3.12-slim\n\
             RUN --mount=type=bind,from=one,source=/wheels,target=/wa \
             --mount=type=bind,from=two,source=/wheels,target=/wb pip install {folder}/*.whl\n\
             WORKDIR /app\nCOPY a/main.py ./\nCMD [\"python\", \"main.py\"]\n"
        );
        root.write("a/Dockerfile", text);
        let told = root.run(&["adopt", "--format", "json"]).json();
        let declaration = told["declaration"].as_str().unwrap();
        assert!(declaration.contains(said), "{said}: {declaration}");
        assert!(!declaration.contains(unsaid), "{unsaid}: {declaration}");
        assert_eq!(told["images"][0]["verdict"], "harmless", "{told:#}");
    }
}
