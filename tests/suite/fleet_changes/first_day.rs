//! From an empty folder to a fleet that answers, with templates of its own.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::process::Command;
use std::time::Duration;

use super::Repository;
use crate::support::has;

#[test]
fn an_empty_folder_becomes_a_fleet() {
    let fleet = Repository::empty();
    fleet.succeeds(&["init"]);
    assert!(
        fleet
            .read("services.yaml")
            .contains("source: \"apps/{module}\"")
    );
    assert!(
        fleet
            .read(".gitattributes")
            .contains("/generated/** text eol=lf")
    );
    fleet.succeeds(&["generate"]);
    assert!(fleet.succeeds(&["check"]).starts_with("up to date:"));
    assert!(
        fleet
            .status(2, &["init"])
            .contains("services.yaml already exists")
    );
    fleet.succeeds(&["new", "svc-b", "--kind", "non-ml"]);
    assert!(fleet.path("apps/svc_b/main.py").is_file());
    fleet.succeeds(&["bump", "base-runtime", "--patch"]);
    let told = fleet.succeeds(&["check"]);
    assert!(
        told.contains("apps/svc_example not found") && told.contains("\nup to date:"),
        "{told}"
    );
}

#[test]
fn an_ejected_template_renders_as_before() {
    let fleet = Repository::own_fleet();
    assert!(
        fleet
            .status(2, &["eject", "labels"])
            .contains("add a line such as `templates:")
    );
    fleet.edit(
        "services.yaml",
        "shared:",
        "templates: docker/templates\nshared:",
    );
    assert!(
        fleet
            .status(2, &["eject", "on-base"])
            .contains("base/on-base.Dockerfile.j2 or service/on-base.Dockerfile.j2")
    );
    fleet.succeeds(&["eject", "labels"]);
    fleet.succeeds(&["eject", "service/multi-stage-slim.Dockerfile.j2"]);
    assert!(fleet.path("docker/templates/partials/labels.j2").is_file());
    assert!(fleet.succeeds(&["check"]).starts_with("up to date:"));
    assert!(
        fleet
            .status(2, &["eject", "labels"])
            .contains("already exists")
    );
}

#[test]
fn the_skeletons_answer_their_health_path() {
    if !has(&["python3", "uvicorn", "fastapi"]) {
        return;
    }
    for (name, requirements, port) in [("svc-fast", "[base]", 18_217), ("svc-bare", "[]", 18_218)] {
        let fleet = Repository::own_fleet();
        fleet.edit(
            "services.yaml",
            "requirements: [base]\n\nservices",
            &format!("requirements: {requirements}\n\nservices"),
        );
        fleet.succeeds(&["new", name, "--kind", "non-ml", "--port", &port.to_string()]);
        let app = format!("apps.{}.main:app", name.replace('-', "_"));
        let arguments = [
            "-m",
            "uvicorn",
            &app,
            "--port",
            &port.to_string(),
            "--log-level",
            "warning",
        ];
        let mut server = Command::new("python3")
            .args(arguments)
            .current_dir(fleet.folder.path())
            .spawn()
            .unwrap();
        let answer = ask(port);
        server.kill().unwrap();
        server.wait().unwrap();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    }
}

/// The answer of the health path, once the server is up.
fn ask(port: u16) -> String {
    for _ in 0..200 {
        std::thread::sleep(Duration::from_millis(100));
        let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)) else {
            continue;
        };
        stream
            .write_all(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        return answer;
    }
    "no answer".to_owned()
}
