//! A fleet that the first version generated, under this one: docs/upgrade.md says what to run.

use camino::Utf8Path;

use crate::support::{Root, repository};

/// The command of docs/upgrade.md, with the names of this fleet's bases.
const COMMAND: [&str; 4] = ["generate", "--amend-base", "base-runtime", "base-ml"];

/// The fleet of the first version, as it was committed.
fn first_version() -> Root {
    let root = Root::empty();
    let folder = repository().join("tests/fixtures/first-version");
    let mut folders = vec![folder.clone()];
    while let Some(next) = folders.pop() {
        for entry in next.read_dir_utf8().unwrap().flatten() {
            let path = entry.path().to_owned();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name: &Utf8Path = path.strip_prefix(&folder).unwrap();
                root.write(name.as_str(), std::fs::read(&path).unwrap());
            }
        }
    }
    root
}

#[test]
fn one_command_takes_a_fleet_of_the_first_version_to_this_one() {
    let root = first_version();
    let before = root.run(&["check"]);
    assert_eq!(before.status, 1, "{}", before.told());
    let told = before.told();
    assert!(told.contains("base-changed-without-bump"), "{told}");
    assert!(!told.contains("edited by hand"), "{told}");
    let settled = root.run(&COMMAND);
    assert_eq!(settled.status, 0, "{}", settled.told());
    let after = root.check();
    assert_eq!(after.status, 0, "{}", after.told());
    let page = std::fs::read_to_string(repository().join("docs/upgrade.md")).unwrap();
    assert!(
        page.contains(&format!("dockwright {}", COMMAND.join(" "))),
        "{page}"
    );
}

#[test]
fn a_hand_edit_of_the_first_version_survives_the_upgrade() {
    let root = first_version();
    root.edit("generated/svc-ocr/Dockerfile", "EXPOSE 8000", "EXPOSE 8001");
    let settled = root.run(&COMMAND);
    assert_eq!(settled.status, 1, "{}", settled.told());
    assert!(
        root.text("generated/svc-ocr/Dockerfile")
            .contains("EXPOSE 8001")
    );
}

#[test]
fn templates_of_one_s_own_are_told_what_replaces_a_removed_name() {
    for (name, text, instead) in [
        (
            "service/multi-stage-slim.Dockerfile.j2",
            "{% extends \"builtin/service/multi-stage-slim.Dockerfile.j2\" %}\n\
             {% block source %}\n{% endblock %}\n",
            "fill the block `copy`",
        ),
        (
            "partials/source-stage.j2",
            "FROM x AS source\n",
            "fill the block `copy`",
        ),
        (
            "partials/user.j2",
            "RUN touch -d @{{ epoch }} /app\n",
            "partials/venv-stage.j2",
        ),
    ] {
        let root = first_version();
        let declared = root.text("services.yaml");
        root.write("services.yaml", format!("templates: own\n{declared}"));
        root.write(&format!("own/{name}"), text);
        let run = root.check();
        assert_eq!(run.status, 2, "{}", run.told());
        let told = run.told();
        assert!(
            told.contains("was removed") && told.contains(instead),
            "{told}"
        );
        assert!(told.contains(&format!("own/{name}")), "{told}");
    }
}
