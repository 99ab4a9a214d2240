//! Options of every command: where it works, how it looks, how much it says; what shells complete.

use std::process::Stdio;

use crate::support::{PROGRAM, Root};

const FLEET: &str = "\
registry: registry.example
owner: acme
python: \"3.12\"
bases:
  base-web: { from: python-slim, version: v1.0.0 }
kinds:
  web: { base: base-web, app: \"app:app\", port: 8000 }
services:
  svc-one: { kind: web }
  svc-two: { kind: web }
";

#[test]
fn the_declaration_is_found_above_up_to_the_top_of_the_work_tree() {
    let root = Root::generated(FLEET);
    root.write("services/one/main.py", "");
    let run = |arguments: &[&str]| {
        let script = format!("cd services/one && {PROGRAM} {}", arguments.join(" "));
        crate::support::Run::of(&root.command("sh", &["-c", &script]).output().unwrap())
    };

    // Without a repository, a file above can be anyone's.
    let outside = run(&["check"]);
    assert_eq!(outside.status, 2, "{}", outside.told());

    root.write(".git/HEAD", "ref: refs/heads/main\n");
    let found = run(&["check"]);
    assert_eq!(
        (found.status, found.stderr.as_str()),
        (0, ""),
        "{}",
        found.told()
    );

    root.remove("generated/svc-one/Dockerfile");
    let written = run(&["generate"]);
    assert_eq!(written.status, 0, "{}", written.told());
    assert_eq!(written.stderr, "using ../../services.yaml\n");
    assert!(root.exists("generated/svc-one/Dockerfile"));

    // A file that was asked for is the one, wherever it is.
    let named = run(&["check", "--file", "services.yaml"]);
    assert_eq!(named.status, 2, "{}", named.told());

    // The top of the work tree ends the search.
    root.write("services/.git", "gitdir: elsewhere\n");
    assert_eq!(run(&["check"]).status, 2);
}

#[test]
fn a_command_works_in_the_folder_that_is_given() {
    let root = Root::generated(FLEET);
    let folder = root.path().as_str();
    let from = |arguments: &[&str]| root.command(PROGRAM, arguments).current_dir("/").output();
    for arguments in [["-C", folder, "check"], ["check", "--directory", folder]] {
        assert!(from(&arguments).unwrap().status.success());
    }
    let missing = root.run(&["-C", "no-such-folder", "check"]);
    assert_eq!(missing.status, 2);
    assert!(
        missing
            .stderr
            .starts_with("error: cannot enter the folder no-such-folder: "),
        "{}",
        missing.stderr
    );
}

#[test]
fn colors_follow_the_option_then_the_environment() {
    let root = Root::new(FLEET);
    let is_colored = |environment: &[(&str, &str)], arguments: &[&str]| {
        let run = root.run_in(environment, arguments);
        format!("{}{}", run.stdout, run.stderr).contains('\u{1b}')
    };
    assert!(!is_colored(&[], &["check"]));
    assert!(is_colored(&[], &["check", "--color", "always"]));
    assert!(is_colored(&[("FORCE_COLOR", "1")], &["check"]));
    assert!(!is_colored(&[("FORCE_COLOR", "0")], &["check"]));
    assert!(!is_colored(
        &[("FORCE_COLOR", "1"), ("NO_COLOR", "1")],
        &["check"]
    ));
    assert!(!is_colored(
        &[("FORCE_COLOR", "1")],
        &["check", "--color=never"]
    ));
    assert!(is_colored(
        &[("NO_COLOR", "1")],
        &["check", "--color=always"]
    ));
    // A command line that is none has its colors too.
    assert!(is_colored(&[], &["--color=always", "chekc"]));
    assert!(!is_colored(
        &[("CLICOLOR_FORCE", "1")],
        &["--color", "never", "chekc"]
    ));
}

#[test]
fn quiet_says_nothing_where_nothing_is_wrong_and_everything_else() {
    let root = Root::generated(FLEET);
    let quiet = root.run(&["check", "--quiet"]);
    assert_eq!(
        (quiet.status, quiet.told().as_str()),
        (0, root.run(&["-q", "check"]).told().as_str())
    );
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    // What was asked for is no news.
    assert_eq!(root.run(&["-q", "list"]).stdout, root.run(&["list"]).stdout);
    assert_eq!(
        root.run(&["-q", "check", "--format", "json"]).stdout,
        root.run(&["check", "--format", "json"]).stdout
    );
    root.remove("generated/svc-one/Dockerfile");
    assert_eq!(
        root.run(&["-q", "check"]).stdout,
        root.run(&["check"]).stdout
    );
    let written = root.run(&["-q", "generate"]);
    assert_eq!((written.status, written.stdout.as_str()), (0, ""));
    assert!(root.exists("generated/svc-one/Dockerfile"));
}

#[test]
fn every_command_has_its_manual_page() {
    let root = Root::empty();
    let help = root.run(&["--help"]).stdout;
    let (_, commands) = help.split_once("\nCommands:\n").unwrap();
    let (commands, _) = commands.split_once("\n\n").unwrap();
    let names = commands.lines().filter_map(|line| {
        let line = line.strip_prefix("  ")?;
        line.split(' ').next().filter(|name| !name.is_empty())
    });
    let mut count = 0;
    for name in names {
        let page = root.run(&["man", name]);
        assert_eq!(page.status, 0, "{}", page.told());
        assert!(
            page.stdout.contains(&format!(".TH dockwright-{name} 1")),
            "{name}: {}",
            page.stdout
        );
        count += 1;
    }
    assert!(count > 15, "{help}");
    let unknown = root.run(&["man", "chekc"]);
    assert_eq!(unknown.status, 2);
    assert!(
        unknown.stderr.contains("did you mean `check`?"),
        "{}",
        unknown.stderr
    );
}

#[test]
fn a_shell_completes_the_names_of_the_fleet() {
    let root = Root::new(FLEET);
    let candidates = |words: &[&str]| {
        let words = [&["--", "dockwright"], words].concat();
        let run = root.run_in(&[("DOCKWRIGHT_COMPLETE", "fish")], &words);
        assert_eq!(run.status, 0, "{}", run.told());
        let names = run
            .stdout
            .lines()
            .map(|line| line.split('\t').next().unwrap().to_owned());
        names.collect::<Vec<String>>()
    };
    assert_eq!(
        candidates(&["check", "--only", "svc"]),
        ["svc-one", "svc-two"]
    );
    assert_eq!(candidates(&["new", "x", "--kind", ""]), ["web"]);
    assert_eq!(candidates(&["bump", "ba"]), ["base-web"]);
    assert_eq!(
        candidates(&["eject", "base/on"]),
        ["base/on-base.Dockerfile.j2"]
    );
    assert_eq!(candidates(&["explain", "no-serv"]), ["no-services"]);
    // Names that a shell or a terminal would take for more are left out; a broken file has none.
    root.write("services.yaml", FLEET.replace("svc-one", "\"svc-$(id)\""));
    assert_eq!(candidates(&["check", "--only", "svc"]), ["svc-two"]);
    root.write("services.yaml", "services: [");
    assert_eq!(
        candidates(&["check", "--only", "svc"]),
        Vec::<String>::new()
    );
}

/// The script as bash runs it: loaded, and asked for what a person typed.
#[test]
fn the_script_for_bash_completes() {
    let root = Root::new(FLEET);
    let folder = std::path::Path::new(PROGRAM).parent().unwrap();
    let script = format!(
        "PATH={}:$PATH; source <(dockwright completions bash); \
         COMP_WORDS=(dockwright plan --only svc-t); COMP_CWORD=3; COMP_TYPE=9; \
         _clap_complete_dockwright dockwright svc-t --only; echo \"${{COMPREPLY[@]}}\"",
        folder.display()
    );
    let output = root
        .command("bash", &["-c", &script])
        .stderr(Stdio::piped())
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&output.stdout).trim(),
        "svc-two",
        "{output:?}"
    );
}
