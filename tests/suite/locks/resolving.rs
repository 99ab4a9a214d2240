//! What is resolved, in which order, and what is made of it.

use super::{FLEET, Locking, found};

#[test]
fn locks_are_written_bases_first_and_everything_installs_from_them() {
    let locking = Locking::settled(FLEET);
    let files: Vec<String> = locking
        .root
        .files()
        .into_iter()
        .filter(|path| path.starts_with("locks/"))
        .collect();
    assert_eq!(
        files,
        [
            "locks/base-high.txt",
            "locks/base-low.txt",
            "locks/svc-alone.txt",
            "locks/svc-high.txt"
        ]
    );
    let pins = |name: &str| -> Vec<String> {
        let text = locking.root.text(&format!("locks/{name}.txt"));
        text.lines()
            .filter(|line| line.contains("=="))
            .map(|line| line.trim_end_matches(" \\").to_owned())
            .collect()
    };
    assert_eq!(
        pins("base-low"),
        ["anyio==7.0", "fastapi==7.0", "starlette==7.0"]
    );
    assert_eq!(
        pins("base-high"),
        ["numpy==7.0"],
        "what the base below has is not repeated"
    );
    assert_eq!(
        pins("svc-high"),
        ["rdflib==7.0"],
        "neither anyio of a base nor what other platforms alone need"
    );
    let requirements = locking.root.text("generated/svc-high/requirements.txt");
    assert!(
        requirements.contains("\n--require-hashes\nrdflib==7.0 \\\n    --hash=sha256:"),
        "{requirements}"
    );
    let constraints = locking.root.text("generated/base-high/constraints.txt");
    assert!(
        constraints.ends_with("\nanyio==7.0\nfastapi==7.0\nnumpy==7.0\nstarlette==7.0\n"),
        "{constraints}"
    );
}

#[test]
fn a_fresh_lock_is_left_alone_and_asks_nobody() {
    let locking = Locking::settled(FLEET);
    let (before, asked) = (locking.root.tree(), locking.asked());
    let run = locking.run(&["lock"]);
    assert_eq!(
        (run.status, locking.asked()),
        (0, asked.clone()),
        "{}",
        run.told()
    );
    assert!(
        run.stdout
            .lines()
            .skip(1)
            .all(|line| line.ends_with("fresh")),
        "{}",
        run.told()
    );
    assert_eq!(locking.root.tree(), before);
    assert!(
        locking
            .run(&["lock", "--image", "svc-high", "--upgrade"])
            .status
            == 0
    );
    assert_eq!(
        locking.asked().len(),
        asked.len() + 1,
        "bases keep their fresh locks"
    );
}

#[test]
fn one_image_is_locked_with_the_bases_below_it() {
    let locking = Locking::new(FLEET);
    let run = locking.run(&["lock", "--image", "svc-high"]);
    assert_eq!(run.status, 0, "{}", run.told());
    let images: Vec<&str> = run
        .stdout
        .lines()
        .skip(1)
        .take(3)
        .map(|line| line.split(' ').next().unwrap())
        .collect();
    assert_eq!(images, ["base-low", "base-high", "svc-high"]);
    assert!(!locking.root.exists("locks/svc-alone.txt"));
    assert!(
        run.stdout.contains("dockwright lock\n"),
        "svc-alone is still to do: {}",
        run.told()
    );
}

#[test]
fn versions_are_kept_until_an_upgrade_is_asked_for() {
    let locking = Locking::settled(FLEET);
    locking.root.edit(
        "services.yaml",
        "      - rdflib>=7\n",
        "      - rdflib>=7\n      - httpx\n",
    );
    assert_eq!(locking.run_for("8.0", &["lock"]).status, 0);
    let lock = locking.root.text("locks/svc-high.txt");
    assert!(
        lock.contains("rdflib==7.0 ") && lock.contains("httpx==8.0 "),
        "{lock}"
    );
    let run = locking.run_for("8.0", &["lock", "--upgrade"]);
    assert!(
        run.stdout.contains("1 package: 1 of another version"),
        "{}",
        run.told()
    );
    let lock = locking.root.text("locks/svc-high.txt");
    assert!(
        lock.contains("rdflib==8.0 ") && lock.contains("httpx==8.0 "),
        "{lock}"
    );
}

#[test]
fn the_resolver_is_asked_for_what_is_declared_and_nothing_else() {
    let declaration = FLEET.replace(
        "    pip:\n",
        "    index_urls: [\"https://one.example/simple\", \"https://two.example/simple\"]\n    \
         pip:\n",
    );
    let locking = Locking::new(&declaration.replace(
        "locks: locks\n",
        "locks: locks\nplatforms: [linux/amd64, linux/arm64]\n",
    ));
    assert_eq!(locking.run(&["lock"]).status, 0);
    let last = locking.asked().pop().unwrap();
    for wanted in [
        "--universal",
        "--generate-hashes",
        "--python-version 3.12",
        "--only-binary :all:",
        "--default-index https://one.example/simple --index https://two.example/simple",
    ] {
        assert!(last.contains(wanted), "{wanted}: {last}");
    }
    assert!(
        !locking
            .asked()
            .iter()
            .any(|line| line.starts_with("UV_CONSTRAINT=")),
        "the environment has no say"
    );
    let lock = locking.root.text("locks/svc-high.txt");
    assert!(
        lock.contains("\nonly-arm==7.0 ; platform_machine == \"aarch64\" \\\n"),
        "{lock}"
    );
    assert!(!lock.contains("only-windows"), "{lock}");
}

#[test]
fn a_failed_resolve_leaves_the_old_lock_and_says_why_in_plain_words() {
    let locking = Locking::settled(FLEET);
    locking.root.edit(
        "services.yaml",
        "    - numpy\n",
        "    - numpy\n    - impossible\n",
    );
    locking.root.edit(
        "services.yaml",
        "  base: [fastapi]\n",
        "  base: [fastapi, redis]\n",
    );
    let (high, service) = (
        locking.root.bytes("locks/base-high.txt"),
        locking.root.bytes("locks/svc-high.txt"),
    );
    let run = locking.run(&["lock"]);
    assert_eq!(run.status, 2, "{}", run.told());
    assert!(
        run.stdout.contains("impossible is not to be had"),
        "{}",
        run.told()
    );
    assert!(
        !run.stdout.contains("##[") && !run.stdout.contains('\u{1b}'),
        "{}",
        run.told()
    );
    assert!(
        run.stdout
            .contains("svc-high   locks/svc-high.txt   not resolved, since base-high was not"),
        "{}",
        run.told()
    );
    assert_eq!(
        (
            locking.root.bytes("locks/base-high.txt"),
            locking.root.bytes("locks/svc-high.txt")
        ),
        (high, service)
    );
    for done in ["base-low", "svc-alone"] {
        assert!(
            locking
                .root
                .text(&format!("locks/{done}.txt"))
                .contains("redis==7.0"),
            "{done} was resolved all the same"
        );
    }
}

#[test]
fn an_answer_that_does_not_fit_makes_no_lock() {
    let locking = Locking::new(&FLEET.replace("rdflib>=7", "rdflib>=9"));
    let run = locking.run(&["lock", "--image", "svc-high"]);
    assert_eq!(run.status, 2, "{}", run.told());
    assert!(
        run.stdout
            .contains("it has `rdflib==7.0`, but `rdflib>=9` is required"),
        "{}",
        run.told()
    );
    assert!(!locking.root.exists("locks/svc-high.txt"));
}

#[test]
fn an_answer_without_hashes_makes_no_lock() {
    let locking = Locking::new(FLEET);
    locking.program("uv", "#!/bin/sh\necho 'fastapi==1.0' > lock.txt\n");
    let run = locking.run(&["lock", "--image", "svc-alone"]);
    assert_eq!(run.status, 2, "{}", run.told());
    assert!(
        run.stdout.contains("`fastapi==1.0` has no hash"),
        "{}",
        run.told()
    );
    assert!(!locking.root.exists("locks/svc-alone.txt"));
}

#[test]
fn without_uv_pip_resolves_for_its_own_platform_and_for_no_other() {
    let report = r#"{"install": [{"metadata": {"name": "FastAPI", "version": "2.0", "requires_dist": []}, "requested": true,
        "download_info": {"url": "https://h.example/f.whl", "archive_info": {"hashes": {"sha256": "HASH"}}}}]}"#;
    let report = report.replace("HASH", &"b".repeat(64));
    let python = format!(
        "#!/bin/sh\ncase \"$*\" in\n*'import sys'*) echo '3.12 linux x86_64' ;;\n*) cat > \
         report.json <<'EOF'\n{report}\nEOF\n;; esac\n"
    );
    let locking = Locking::new(FLEET);
    locking.program("python3.12", &python);
    let run = locking.run(&["lock", "--with", "pip", "--image", "svc-alone"]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert!(
        locking
            .root
            .text("locks/svc-alone.txt")
            .contains("fastapi==2.0 \\\n    --hash=sha256:bbbb")
    );
    locking.root.edit(
        "services.yaml",
        "locks: locks\n",
        "locks: locks\nplatforms: [linux/amd64, linux/arm64]\n",
    );
    let run = locking.run(&["lock", "--with", "pip", "--image", "svc-alone"]);
    assert_eq!(run.status, 2, "{}", run.told());
    assert!(
        run.stdout.contains("only for its own platform") && run.stdout.contains("pip install uv"),
        "{}",
        run.told()
    );
}

#[test]
fn a_fleet_without_locks_is_told_which_line_to_add() {
    let locking = Locking::new(&FLEET.replace("locks: locks\n", ""));
    let run = locking.run(&["lock"]);
    assert_eq!(run.status, 2);
    assert!(run.stderr.contains("set `locks: locks`"), "{}", run.told());
    let some = Locking::new(&FLEET.replace("locks: locks\n", "locks: { images: [svc-alone] }\n"));
    let run = some.run(&["lock", "--image", "svc-high"]);
    assert!(
        run.status == 2 && run.stderr.contains("`locks.images` does not name it"),
        "{}",
        run.told()
    );
    let run = some.run(&["lock", "--image", "svc-alon"]);
    assert!(
        run.status == 2 && run.stderr.contains("did you mean `svc-alone`?"),
        "{}",
        run.told()
    );
}

#[test]
fn packages_built_from_source_are_checked_where_they_are_downloaded() {
    let declaration = FLEET.replace("    pip:\n", "    apt_build: [gcc]\n    pip:\n");
    let locking = Locking::settled(&declaration);
    assert!(
        !locking.asked().pop().unwrap().contains("--only-binary"),
        "builds from source are allowed"
    );
    let dockerfile = locking.root.text("generated/svc-high/Dockerfile");
    let (builder, service) = dockerfile.rsplit_once("\nFROM ").unwrap();
    assert!(
        builder.contains("--wheel-dir /wheels --no-deps -r /tmp/requirements.txt"),
        "{dockerfile}"
    );
    assert!(
        service.contains("--no-index --no-deps /wheels/*.whl"),
        "{dockerfile}"
    );
    assert!(
        !service.contains("requirements.txt") && !dockerfile.contains("constraints.txt"),
        "{dockerfile}"
    );
}

#[test]
fn the_content_of_a_base_moves_with_its_lock() {
    let locking = Locking::settled(FLEET);
    let amend = locking.run(&["generate", "--amend-base", "base-low", "base-high"]);
    assert_eq!(amend.status, 0, "{}", amend.told());
    assert_eq!(
        locking
            .run_for("8.0", &["lock", "--image", "base-low", "--upgrade"])
            .status,
        0
    );
    let found = found(&locking.root.check());
    let codes: Vec<&str> = found.iter().map(|(code, ..)| code.as_str()).collect();
    assert!(
        codes.contains(&"base-changed-without-bump") && codes.contains(&"stale-lock"),
        "{found:?}"
    );
    let run = locking.run_for("8.0", &["lock"]);
    assert!(
        run.stdout.contains("dockwright bump --changed"),
        "{}",
        run.told()
    );
    assert_eq!(locking.run(&["bump", "--changed"]).status, 0);
    assert_eq!(
        locking.root.check().status,
        0,
        "{}",
        locking.root.check().told()
    );
}

#[test]
fn why_follows_the_locks_and_says_where_there_are_none() {
    let locking = Locking::settled(FLEET);
    let text = locking
        .run(&["why", "anyio", "--image", "svc-alone"])
        .stdout;
    assert!(
        text.contains("fastapi 7.0 → starlette 7.0 → anyio 7.0"),
        "{text}"
    );
    assert!(text.contains("from the locks)"), "{text}");
    let json = locking.run(&["why", "anyio", "--format", "json"]).json();
    assert_eq!(json["transitive"], true);
    let ways: Vec<(&str, usize)> = json["ways"]
        .as_array()
        .unwrap()
        .iter()
        .map(|way| {
            (
                way["image"].as_str().unwrap(),
                way["through"].as_array().unwrap().len(),
            )
        })
        .collect();
    assert_eq!(
        ways,
        [
            ("base-low", 3),
            ("base-high", 3),
            ("svc-alone", 3),
            ("svc-high", 3)
        ]
    );
    let some =
        Locking::settled(&FLEET.replace("locks: locks\n", "locks: { images: [svc-alone] }\n"));
    let text = some.run(&["why", "anyio"]).stdout;
    assert!(
        text.contains("base-low, base-high, svc-high have no lock, so only their entries count"),
        "{text}"
    );
}

#[test]
fn an_extra_index_is_no_danger_to_a_locked_image() {
    let indexes = "    index_urls: [\"https://one.example/simple\", \
     \"https://two.example/simple\"]\n    pip:\n";
    let declaration = FLEET.replace("    pip:\n", indexes);
    let unlocked = Locking::new(&declaration.replace("locks: locks\n", "locks: { images: [] }\n"));
    assert!(
        unlocked
            .root
            .check()
            .codes()
            .contains(&"dependency-confusion".to_owned())
    );
    assert_eq!(
        Locking::settled(&declaration).root.check().codes(),
        Vec::<String>::new()
    );
}

#[test]
fn a_new_service_is_made_first_and_locked_then() {
    let locking = Locking::settled(FLEET);
    let run = locking.run(&["new", "svc-new", "--kind", "web", "--port", "8001"]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert!(
        locking
            .root
            .text("generated/svc-new/requirements.txt")
            .contains("\n--require-hashes\n# the set base\nfastapi\n")
    );
    assert_eq!(
        locking.root.check().codes(),
        ["missing-lock", "missing-source"]
    );
    locking.settle();
}
