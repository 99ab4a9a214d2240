//! The same change in many files is told once, with what is behind it.

use std::fs;

use crate::support::{Root, Run, repository};

/// Our own fleet in a folder of its own, generated.
fn our_fleet() -> Root {
    let root = Root::generated(&fs::read_to_string(repository().join("services.yaml")).unwrap());
    // Templates of a fleet's own win by name; a copy of a built-in one changes nothing.
    root.edit(
        "services.yaml",
        "owner: harkon\n",
        "owner: harkon\ntemplates: own\n",
    );
    let template = "service/service.Dockerfile.j2";
    root.write(
        &format!("own/{template}"),
        fs::read(repository().join("templates").join(template)).unwrap(),
    );
    assert_eq!(root.check().status, 0);
    root
}

/// The changes that a check tells, each with the paths it stands in.
fn changes(run: &Run) -> Vec<(serde_json::Value, Vec<String>)> {
    let places = |change: &serde_json::Value| {
        change["places"]
            .as_array()
            .unwrap()
            .iter()
            .map(|place| place["path"].as_str().unwrap().to_owned())
            .collect()
    };
    run.json()["changes"]
        .as_array()
        .unwrap()
        .iter()
        .map(|change| (change.clone(), places(change)))
        .collect()
}

#[test]
fn edit_of_a_template_is_one_change_over_eleven_slim_services() {
    let root = our_fleet();
    let template = "service/multi-stage-slim.Dockerfile.j2";
    let text = fs::read_to_string(repository().join("templates").join(template)).unwrap();
    let edited = text.replace(
        "COPY --from=builder /opt/ /opt/",
        "COPY --from=builder /opt/venv/ /opt/venv/",
    );
    root.write(&format!("own/{template}"), &edited);
    let run = root.check();
    let changes = changes(&run);
    assert_eq!(
        (run.drifts().len(), changes.len()),
        (11, 1),
        "{}",
        run.told()
    );
    let (change, places) = &changes[0];
    assert_eq!(*places, run.drifts().into_keys().collect::<Vec<_>>());
    assert_eq!(
        change["removed"],
        serde_json::json!(["COPY --from=builder /opt/ /opt/"])
    );
    let line = edited
        .lines()
        .position(|line| line.starts_with("COPY"))
        .unwrap()
        + 1;
    assert_eq!(
        change["behind"][0],
        format!("template own/{template}:{line}")
    );
    let text = root.run(&["check"]).stdout;
    assert_eq!(
        text.matches("- COPY --from=builder /opt/ /opt/").count(),
        1,
        "{text}"
    );
    assert!(text.contains("the same in 11 places:"), "{text}");
    assert!(places.iter().all(|path| text.contains(path)), "{text}");
}

#[test]
fn trace_of_a_changed_port_names_its_line_and_that_of_the_template() {
    let root = our_fleet();
    let declaration = root.text("services.yaml");
    let at = declaration
        .lines()
        .position(|line| line == "  svc-kg:")
        .unwrap();
    let lines: Vec<String> = declaration.lines().map(str::to_owned).collect();
    let port = at
        + lines[at..]
            .iter()
            .position(|line| line == "    port: 8000")
            .unwrap();
    let mut moved = lines;
    moved[port] = "    port: 8123".to_owned();
    root.write("services.yaml", moved.join("\n") + "\n");
    let run = root.check();
    assert_eq!(
        run.drifts().into_keys().collect::<Vec<_>>(),
        ["generated/svc-kg/Dockerfile"]
    );
    let template = root.text("own/service/service.Dockerfile.j2");
    let expose = template
        .lines()
        .position(|line| line.starts_with("EXPOSE"))
        .unwrap()
        + 1;
    let (change, _) = changes(&run)
        .into_iter()
        .find(|(change, _)| change["added"][0] == "EXPOSE 8123")
        .unwrap();
    let behind: Vec<&str> = change["behind"]
        .as_array()
        .unwrap()
        .iter()
        .map(|line| line.as_str().unwrap())
        .collect();
    assert_eq!(
        behind[0],
        format!("template own/service/service.Dockerfile.j2:{expose}")
    );
    let declared = format!(
        "declared services.yaml:{}:11 services.svc-kg.port",
        port + 1
    );
    assert!(behind.contains(&declared.as_str()), "{behind:?}");
    assert!(root.run(&["check"]).stdout.contains(&declared));
}

#[test]
fn bump_of_a_base_is_one_change_a_version() {
    let root = our_fleet();
    // Without fingerprints: with them, a version that is changed by hand is an error.
    let text = root.text("services.yaml");
    let fields = text.split(", fingerprint: ").enumerate();
    let text: String = fields
        .map(|(number, part)| {
            if number == 0 {
                part
            } else {
                &part[part.find(',').unwrap()..]
            }
        })
        .collect();
    let text = text.replacen("version: v1.0.1", "version: v1.0.2", 1);
    root.write("services.yaml", text);
    let run = root.check();
    let changes = changes(&run);
    let arguments: Vec<_> = changes
        .iter()
        .filter(|(change, _)| change["added"][0] == "ARG BASE_VERSION=v1.0.2")
        .collect();
    assert_eq!(arguments.len(), 1, "{}", run.told());
    assert_eq!(arguments[0].1, ["generated/base-ml/Dockerfile"]);
    let text = root.text("services.yaml");
    let (line, content) = text
        .lines()
        .enumerate()
        .find(|(_, line)| line.contains("version: v1.0.2"))
        .unwrap();
    let column = content.find("v1.0.2").unwrap() + 1;
    let declared = format!(
        "declared services.yaml:{}:{column} bases.base-runtime.version",
        line + 1
    );
    assert_eq!(arguments[0].0["behind"][1], declared);
}
