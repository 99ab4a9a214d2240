//! `required_version`: a declaration that is for other versions stops every command before anything
//! in it is called wrong.

use crate::support::{MINIMAL, Root};

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn requiring(range: &str) -> String {
    format!("required_version: \"{range}\"\n{MINIMAL}")
}

#[test]
fn another_version_stops_before_anything_else_and_names_both() {
    let declared = requiring(">=99.1,<100") + "field_of_the_future: 1\n";
    let root = Root::new(&declared);
    let before = root.tree();
    for command in [
        &["check"][..],
        &["check", "--format", "json"],
        &["generate"],
        &["list"],
        &["plan"],
        &["build", "--all"],
        &["lock"],
        &["bump", "--changed"],
        &["eject", "service/service"],
        &["new", "svc-b", "--kind", "web"],
    ] {
        let run = root.run(command);
        assert_eq!(run.status, 2, "{command:?} {}", run.told());
        let told = format!("services.yaml is for dockwright >=99.1,<100, and this is {VERSION}; ");
        assert!(run.stderr.contains(&told), "{command:?} {}", run.told());
        assert!(
            !run.told().contains("field_of_the_future"),
            "{}",
            run.told()
        );
    }
    assert_eq!(root.tree(), before);
}

#[test]
fn a_version_in_the_range_renders_as_without_one() {
    let plain = Root::generated(MINIMAL);
    let declared = Root::generated(&requiring(&format!("=={VERSION}")));
    for path in plain.files() {
        if path != "services.yaml" {
            assert_eq!(plain.text(&path), declared.text(&path), "{path}");
        }
    }
}

#[test]
fn what_is_not_a_range_is_an_error_with_its_place() {
    for range in ["^0.2", "latest", ">=0.2 <0.4"] {
        let run = Root::new(&requiring(range)).check();
        assert_eq!(run.codes(), ["invalid-value"], "{range} {}", run.told());
        assert_eq!(run.json()["diagnostics"][0]["line"], 1, "{}", run.told());
    }
}

#[test]
fn init_writes_the_range_of_its_own_version() {
    let root = Root::empty();
    assert_eq!(root.run(&["init"]).status, 0);
    let text = root.text("services.yaml");
    assert!(text.contains("\nrequired_version: \">="), "{text}");
    let run = root.run(&["generate"]);
    assert_eq!(run.status, 0, "{}", run.told());
}
