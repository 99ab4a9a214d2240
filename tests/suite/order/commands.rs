//! The commands that a check prints: one line each, however many files they are about, and typed
//! they do what is said and no more.

use super::{commands, dockerfile, edit, plain, typed};
use crate::support::{MINIMAL, Root};

#[test]
fn edits_of_two_hundred_files_are_discarded_by_one_short_command() {
    for edited in [1, 5, 6, 10, 200] {
        let root = Root::generated(&plain(edited + 2));
        let fresh = root.tree();
        edit(&root, 0..edited);
        let commands = commands(&root);
        assert_eq!(commands.len(), 1, "{commands:?}");
        assert!(
            commands[0].starts_with("dockwright generate --overwrite ")
                && commands[0].len() < 200 + 5,
            "{commands:?}"
        );
        let is_by_folder = commands[0].ends_with(" generated/");
        assert_eq!(is_by_folder, edited == 200, "{commands:?}");
        assert_eq!(
            commands[0].contains("Dockerfile"),
            edited <= 5,
            "{commands:?}"
        );
        let run = typed(&root, &commands[0]);
        assert_eq!(run.status, 0, "{}", run.told());
        assert_eq!(root.check().status, 0);
        assert!(!root.text(&dockerfile(0)).contains("RUN true"));
        assert_eq!(root.tree().len(), fresh.len());
    }
}

#[test]
fn the_folders_of_every_layout_are_named_and_sources_beside_stay() {
    let layouts = [
        (
            "services: 'apps/{module}', bases: 'docker/{name}', requirements: 'docker/{set}.txt'",
            "apps/",
        ),
        (
            "services: 'deploy/live/{name}', bases: 'deploy/{name}', requirements: \
             'deploy/{set}.txt'",
            "deploy/live/",
        ),
        (
            "services: '{name}', bases: 'docker/{name}', requirements: 'docker/{set}.txt'",
            ".",
        ),
    ];
    for (layout, word) in layouts {
        let root = Root::new(&format!("{}layout: {{ {layout} }}\n", plain(20)));
        assert_eq!(
            root.run(&["generate"]).status,
            0,
            "{}",
            root.run(&["check"]).told()
        );
        let files: Vec<String> = root
            .files()
            .into_iter()
            .filter(|path| path.ends_with("/Dockerfile"))
            .collect();
        for path in files.iter().filter(|path| path.contains("svc")) {
            root.write(path, root.text(path) + "RUN true\n");
        }
        for source in [
            "apps/svc_000/main.py",
            "svc-000/main.py",
            "deploy/live/main.py",
        ] {
            root.write(source, "app = None\n");
        }
        let commands = commands(&root);
        assert_eq!(
            commands[0],
            format!("dockwright generate --overwrite {word}"),
            "{commands:?}"
        );
        typed(&root, &commands[0]);
        assert!(
            files
                .iter()
                .all(|path| !root.text(path).contains("RUN true")),
            "{layout}"
        );
        for source in [
            "apps/svc_000/main.py",
            "svc-000/main.py",
            "deploy/live/main.py",
        ] {
            assert_eq!(root.text(source), "app = None\n");
        }
    }
}

#[test]
fn an_image_or_a_folder_gives_up_its_own_files_and_no_others() {
    for word in [
        "svc-001",
        "generated/svc-001",
        "generated/svc-001/",
        "./generated/svc-001",
    ] {
        let root = Root::generated(&plain(3));
        let fresh = root.bytes(&dockerfile(1));
        root.write(
            "generated/svc-001/old/Dockerfile",
            sealed_elsewhere(&root, "generated/svc-001/old/Dockerfile"),
        );
        root.write("generated/svc-001/notes.txt", "mine\n");
        root.write("generated/svc-0010/notes.txt", "mine\n");
        edit(&root, 0..3);
        let before = root.tree();
        let run = root.run(&["generate", "--overwrite", word]);
        assert_eq!(
            (run.status, root.bytes(&dockerfile(1))),
            (1, fresh),
            "{}",
            run.told()
        );
        assert!(
            !root.exists("generated/svc-001/old"),
            "{word}: {}",
            run.told()
        );
        let after = root.tree();
        let is_touched =
            |path: &&String| !path.starts_with("generated/svc-001/") || path.ends_with("notes.txt");
        for path in before.keys().filter(is_touched) {
            assert_eq!(before.get(path), after.get(path), "{word}: {path}");
        }
    }
}

/// A file that was generated for a path, and edited since.
fn sealed_elsewhere(root: &Root, path: &str) -> String {
    let text = root.text(&dockerfile(0)).replace(&dockerfile(0), path);
    text + "RUN true\n"
}

#[test]
fn edited_files_of_a_service_that_left_are_deleted_where_their_folder_is_named() {
    let root = Root::generated(&plain(12));
    edit(&root, [2, 9]);
    root.write("services.yaml", plain(9));
    assert_eq!(root.run(&["generate"]).status, 1);
    assert_eq!(root.check().drifts().len(), 2);
    let run = root.run(&["generate", "--overwrite", "generated/svc-009"]);
    assert!(
        !root.exists("generated/svc-009") && root.text(&dockerfile(2)).contains("RUN true"),
        "{}",
        run.told()
    );
    assert_eq!(root.check().drifts().len(), 1);
}

#[test]
fn many_edited_files_that_nothing_declares_go_by_one_command_with_their_folder() {
    let root = Root::generated(&plain(60));
    edit(&root, 30..60);
    root.write("services.yaml", plain(30));
    root.run(&["generate", "--prune"]);
    let commands = commands(&root);
    assert_eq!(commands, ["dockwright generate --overwrite generated/"]);
    assert_eq!(typed(&root, &commands[0]).status, 0);
    assert_eq!(root.check().status, 0);
}

#[test]
fn rm_is_proposed_for_ten_files_and_of_more_the_folder_is_named_in_words() {
    for (strays, is_typed) in [(1, true), (10, true), (11, false), (300, false)] {
        let root = Root::generated(MINIMAL);
        for number in 0..strays {
            root.write(&format!("generated/svc-a/old/{number}.txt"), "mine\n");
        }
        let commands = commands(&root);
        let run = root.run(&["check"]);
        assert_eq!(
            commands.iter().any(|command| command.starts_with("rm ")),
            is_typed,
            "{}",
            run.told()
        );
        assert!(
            !commands.iter().any(|command| command.contains("rm -r")),
            "{commands:?}"
        );
        let words = format!(
            "look into generated/svc-a/old/: services.yaml does not declare {strays} files there"
        );
        assert_eq!(run.stdout.contains(&words), !is_typed, "{}", run.told());
    }
}

#[test]
fn a_check_of_a_part_names_no_folder_that_it_has_not_looked_at() {
    let root = Root::generated(&plain(40));
    edit(&root, 0..40);
    let names: Vec<String> = (0..20).map(|number| format!("svc-{number:03}")).collect();
    let mut arguments = vec!["check", "--format", "json", "--only"];
    arguments.extend(names.iter().map(String::as_str));
    let run = root.run(&arguments);
    // The first one takes the edits into services.yaml.
    let command = run.json()["commands"][1]["command"]
        .as_str()
        .unwrap()
        .to_owned();
    typed(&root, &command);
    assert!(
        !root.text(&dockerfile(19)).contains("RUN true")
            && root.text(&dockerfile(20)).contains("RUN true")
    );
}
