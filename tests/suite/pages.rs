//! What README and the pages of docs say is what the program does.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use crate::support::{PROGRAM, Root, repository};

pub(crate) fn page(path: &str) -> String {
    fs::read_to_string(repository().join(path)).expect(path)
}

/// The fenced blocks of a page in a language.
pub(crate) fn blocks(page: &str, language: &str) -> Vec<String> {
    let fence = format!("```{language}\n");
    let starts = page.split(&fence).skip(1);
    starts
        .filter_map(|rest| rest.split("\n```").next())
        .map(|block| format!("{block}\n"))
        .collect()
}

/// Compares a page that the program makes with the committed one, or writes it where snapshots are
/// updated.
fn assert_committed(path: &str, made: &str, command: &str) {
    let path = repository().join(path);
    if std::env::var("INSTA_UPDATE").is_ok_and(|mode| mode == "always") {
        fs::write(&path, made).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == made,
        "{path} is out of date; {command} writes it"
    );
}

#[test]
fn the_tour_prints_what_the_page_says() {
    let folder = tempfile::tempdir().expect("a folder");
    let tour = page("docs/start.md");
    fs::create_dir(folder.path().join("tour.in")).expect("the tour's folder");
    let declaration = &blocks(&tour, "yaml")[0];
    fs::write(folder.path().join("tour.in/services.yaml"), declaration).expect("services.yaml");
    fs::write(folder.path().join("tour.md"), tour).expect("the tour");
    trycmd::TestCases::new()
        .register_bin("dockwright", Path::new(PROGRAM))
        .register_bin("sed", Path::new("/bin/sed"))
        .case(folder.path().join("tour.md"))
        .run();
}

#[test]
fn the_readme_starts_with_the_two_commands_and_is_short() {
    let readme = page("README.md");
    let found = blocks(&readme, "sh");
    assert_eq!(found[0], "cargo run --release -- check\n");
    assert_eq!(found[1], "cargo test\n");
    assert!(readme.lines().count() <= 120);
}

/// Colors of the picture with enough contrast for small text, in place of those of old terminals.
const COLORS: [(&str, &str); 6] = [
    ("#AAAAAA", "#D5DAE1"),
    ("#000000", "#15191F"),
    ("#00AA00", "#56D364"),
    ("#AA0000", "#FF7B72"),
    ("#AA5500", "#E3B341"),
    ("opacity: 0.4", "opacity: 0.75"),
];

/// The picture of the README: what `check` prints where the tour has two files that drifted.
#[test]
fn the_picture_shows_what_check_prints() {
    let root = Root::generated(&blocks(&page("docs/start.md"), "yaml")[0]);
    root.edit("services.yaml", "pip: [asyncpg]", "pip: [asyncpg, httpx]");
    root.edit(
        "generated/svc-search/Dockerfile",
        "WORKDIR /app\n",
        "WORKDIR /app\nRUN pip install debugpy\n",
    );
    let check = root.run(&["check", "--color", "always"]);
    assert_eq!(check.status, 1, "{}", check.told());
    let shown = format!("$ \u{1b}[1mdockwright check\u{1b}[0m\n{}", check.stdout);
    let mut picture = anstyle_svg::Term::new().render_svg(&shown);
    for (plain, readable) in COLORS {
        picture = picture.replace(plain, readable);
    }
    assert_committed(
        "docs/check.svg",
        &format!("{}\n", picture.trim_end()),
        "`INSTA_UPDATE=always cargo test the_picture_shows`",
    );
}

#[test]
fn the_page_of_commands_is_the_help_of_every_command() {
    let made = Root::empty().run(&["man", "--markdown"]).stdout;
    assert_committed(
        "docs/commands.md",
        &made,
        "`dockwright man --markdown > docs/commands.md`",
    );
}

/// Whoever copies a declaration from a page gets no error: it is complete, and its fields exist.
#[test]
fn declarations_in_pages_have_no_errors() {
    let pages = ["README.md".to_owned()].into_iter().chain(how_to());
    let mut tried = 0;
    for path in pages {
        for declaration in blocks(&page(&path), "yaml") {
            if !declaration.starts_with("registry:") {
                continue;
            }
            let root = Root::new(&declaration);
            let run = root.run(&["generate"]);
            assert_eq!(run.status, 0, "{path}:\n{declaration}\n{}", run.told());
            tried += 1;
        }
    }
    assert!(tried > 8, "{tried}");
}

/// The pages that show how to do something.
pub(crate) fn how_to() -> impl Iterator<Item = String> {
    let folder = fs::read_dir(repository().join("docs/how-to")).unwrap();
    let mut names: Vec<String> = folder
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names.into_iter().map(|name| format!("docs/how-to/{name}"))
}

/// The first column of the table below a heading, word by word in `code`.
fn first_column(page: &str, heading: &str) -> Vec<String> {
    let table = page.split(heading).nth(1).expect(heading);
    let rows = table.lines().skip_while(|line| !line.starts_with('|'));
    let rows = rows.skip(2).take_while(|line| line.starts_with('|'));
    let cells = rows.map(|row| row.split('|').nth(1).unwrap().to_owned());
    cells
        .flat_map(|cell| cell.split(',').map(str::to_owned).collect::<Vec<_>>())
        .map(|word| word.trim().trim_matches('`').to_owned())
        .collect()
}

/// The names of the fields of a struct in a source file.
fn struct_fields(path: &str, name: &str) -> BTreeSet<String> {
    let source = page(path);
    let body = source.split(&format!("struct {name}<'a> {{\n")).nth(1);
    let body = body.expect(name).split("\n}\n").next().unwrap();
    let fields = body.lines().filter_map(|line| line.trim().split_once(": "));
    let fields = fields.filter(|(name, _)| !name.starts_with("//"));
    fields.map(|(name, _)| name.to_owned()).collect()
}

/// Whoever writes a template finds every variable that it is given, and no other.
#[test]
fn the_table_of_variables_is_what_templates_are_given() {
    let path = "src/render/context/dockerfile.rs";
    let given = struct_fields(path, "DockerfileContext");
    assert!(given.contains("healthcheck"), "{given:?}");
    let listed = first_column(
        &page("docs/templates.md"),
        "\n## Variables of a Dockerfile template\n",
    );
    let listed: BTreeSet<String> = listed
        .iter()
        .filter_map(|name| name.split('.').next())
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect();
    assert_eq!(listed, given);
}

#[test]
fn the_list_of_blocks_is_what_templates_have() {
    let folders = ["templates/service", "templates/base"];
    let mut declared = BTreeSet::new();
    for folder in folders {
        for entry in fs::read_dir(repository().join(folder)).unwrap() {
            let text = fs::read_to_string(entry.unwrap().path()).unwrap();
            let blocks = text.split("{% block ").skip(1);
            declared.extend(blocks.map(|rest| rest.split(' ').next().unwrap().to_owned()));
        }
    }
    let page = page("docs/templates.md");
    let sentence = page.split("The blocks of a Dockerfile, in order: ").nth(1);
    let sentence = sentence.unwrap().split(". ").next().unwrap();
    let listed: BTreeSet<String> = sentence
        .split('`')
        .skip(1)
        .step_by(2)
        .map(str::to_owned)
        .collect();
    assert_eq!(listed, declared);
}

#[test]
fn the_table_of_exit_statuses_lists_what_runs_end_with() {
    let listed = first_column(&page("docs/drift.md"), "\n## Exit status\n");
    let root = Root::generated(crate::support::MINIMAL);
    let mut seen = vec![root.run(&["check"]).status.to_string()];
    root.remove("generated/svc-a/Dockerfile");
    seen.push(root.run(&["check"]).status.to_string());
    seen.push(root.run(&["check", "--no-such-option"]).status.to_string());
    assert_eq!(listed, seen);
}

/// The example of a plan is what `plan` prints for that change in this repository.
#[test]
fn the_page_of_builders_shows_what_plan_prints() {
    let block = &blocks(&page("docs/builders.md"), "console")[0];
    let (_, shown) = block.split_once('\n').unwrap();
    let own = page("services.yaml");
    let root = Root::new(&own);
    assert_eq!(root.run(&["generate"]).status, 0);
    let mut command = root.command(PROGRAM, &["plan", "--changed-files", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let list = b"apps/svc_ocr/main.py\n";
    child.stdin.take().unwrap().write_all(list).unwrap();
    let output = child.wait_with_output().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert_eq!(printed.trim_end(), shown.trim_end());
}

/// What a page names in `code` and calls a command is one.
#[test]
fn commands_that_pages_name_exist() {
    let help = Root::empty().run(&["man", "--markdown"]).stdout;
    let pages = [
        "README.md",
        "docs/start.md",
        "docs/concepts.md",
        "docs/drift.md",
        "docs/why.md",
    ];
    for path in pages.map(str::to_owned).into_iter().chain(how_to()) {
        for rest in page(&path).split("`dockwright ").skip(1) {
            let name = rest.split([' ', '`', '\n']).next().unwrap();
            assert!(
                name.chars().any(char::is_uppercase)
                    || help.contains(&format!("## dockwright {name}\n")),
                "{path} names `dockwright {name}`"
            );
        }
    }
}

#[test]
fn llms_txt_lists_the_pages_of_the_site_and_no_other() {
    let listed = page("docs/llms.txt");
    let links: Vec<&str> = listed
        .lines()
        .filter_map(|line| line.strip_prefix("- [")?.split_once("]("))
        .filter_map(|(_, rest)| Some(rest.split_once(')')?.0))
        .collect();
    let site = page("mkdocs.yml");
    let (_, nav) = site.split_once("\nnav:\n").unwrap();
    let pages: Vec<&str> = nav
        .lines()
        .filter_map(|line| line.rsplit_once(": "))
        .map(|(_, path)| path)
        .filter(|path| Path::new(path).extension().is_some_and(|end| end == "md"))
        .collect();
    assert_eq!(links, pages);
    for path in links {
        // `scripts/site.py` takes these from the root of the repository.
        let file = match path.strip_prefix("project/") {
            Some(name) => format!("{}.md", name.trim_end_matches(".md").to_uppercase()),
            None => format!("docs/{path}"),
        };
        assert!(repository().join(&file).exists(), "{file}");
    }
}
