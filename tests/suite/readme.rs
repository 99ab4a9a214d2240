//! The README's tour, run block by block.

use std::fs;
use std::path::Path;

const README: &str = include_str!("../../README.md");

/// The declaration that the tour starts from: the first yaml block.
fn declaration() -> &'static str {
    let start = README.find("```yaml\n").expect("a yaml block") + "```yaml\n".len();
    let end = README[start..].find("```").expect("its end");
    &README[start..start + end]
}

#[test]
fn the_tour_prints_what_the_readme_says() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("tour.in")).expect("the tour's folder");
    fs::write(folder.path().join("tour.in/services.yaml"), declaration()).expect("services.yaml");
    fs::write(folder.path().join("tour.md"), README).expect("the tour");
    trycmd::TestCases::new()
        .register_bin("dockwright", Path::new(env!("CARGO_BIN_EXE_dockwright")))
        .register_bin("sed", Path::new("/bin/sed"))
        .case(folder.path().join("tour.md"))
        .run();
}

#[test]
fn the_readme_starts_with_the_two_commands() {
    let blocks: Vec<&str> = README
        .split("```sh\n")
        .skip(1)
        .filter_map(|rest| rest.split("\n```").next())
        .collect();
    assert_eq!(blocks.first(), Some(&"cargo run --release -- check"));
    assert_eq!(blocks.get(1), Some(&"cargo test"));
}
