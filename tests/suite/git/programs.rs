//! Every way in which a repository, its configuration or the environment could start a program
//! through us.

use std::fs;

use super::{assert_nothing_started, commit, git, marker, planned};
use crate::support::{EVERY_TEMPLATE, PROGRAM, Root, Run};

const SINCE: [&str; 5] = ["plan", "--changed-since", "HEAD", "--format", "json"];

/// A fleet below `folder` in a repository with one commit, and a changed file of one service.
fn fleet(folder: &str) -> Root {
    let root = Root::empty();
    let at = |name: &str| {
        if folder.is_empty() {
            name.to_owned()
        } else {
            format!("{folder}/{name}")
        }
    };
    root.write(&at("services.yaml"), EVERY_TEMPLATE);
    root.write(&at("services/svc_a/main.py"), "1\n");
    let generated = root.run(&["generate", "--file", &at("services.yaml")]);
    assert_eq!(generated.status, 0, "{}", generated.told());
    git(&root, &["init", "-q"]);
    commit(&root);
    root
}

/// Touches every tracked file, so that nothing is known by stat(2) and git would have to compare
/// all of them.
fn touch_everything(root: &Root) {
    for path in root.files() {
        if !root.path().join(&path).is_symlink() {
            let bytes = root.bytes(&path);
            root.write(&path, bytes);
        }
    }
}

/// Both commands that ask what changed; each must end well or with an error, and start nothing.
fn assert_inert(root: &Root, file: &str, environment: &[(&str, &str)], case: &str) -> Run {
    let _ = fs::remove_file(root.path().join("started"));
    let plan = [SINCE.as_slice(), &["--file", file]].concat();
    let build = [
        "build",
        "--changed-since",
        "HEAD",
        "--dry-run",
        "--with",
        "buildx",
        "--file",
        file,
    ];
    let run = root.run_in(environment, &plan);
    assert_nothing_started(root, case);
    let second = root.run_in(environment, &build);
    assert_nothing_started(root, case);
    assert!(
        [0, 1, 2].contains(&run.status) && [0, 1, 2].contains(&second.status),
        "{case}: {}",
        run.told()
    );
    run
}

#[test]
fn a_repository_made_of_checked_in_files_configures_nothing() {
    let root = fleet("fleet");
    let evil = marker(&root, "evil");
    root.write(".gitattributes", "* filter=x diff=x ident\n");
    root.write("fleet/HEAD", "ref: refs/heads/main\n");
    let config = format!(
        "[core]\n\trepositoryformatversion = 0\n\tbare = false\n\tworktree = ..\n\tfsmonitor = {evil}\n\thooksPath = ..\n\
         [filter \"x\"]\n\tclean = {evil}\n\tprocess = {evil}\n\trequired\n[diff \"x\"]\n\ttextconv = {evil}\n"
    );
    root.write("fleet/config", config);
    root.write("fleet/objects/info/alternates", "../../.git/objects\n");
    root.write("fleet/refs/.keep", "");
    commit(&root);
    let clone = Root::empty();
    git(&clone, &["clone", "-q", root.path().as_str(), "."]);
    touch_everything(&clone);
    let _ = fs::remove_file(root.path().join("started"));
    let run = assert_inert(&clone, "fleet/services.yaml", &[], "an embedded repository");
    assert_nothing_started(&root, "an embedded repository");
    assert!(planned(&run).is_empty(), "{}", run.told());
    // The proof that the bait works: git itself takes it.
    let inside = clone.git(&["-C", "fleet", "status"]);
    assert!(root.exists("started"), "{}", inside.told());
}

/// Settings that name a program.
const SETTINGS: [&str; 32] = [
    "filter.x.clean",
    "filter.x.smudge",
    "filter.x.process",
    "core.fsmonitor",
    "core.pager",
    "pager.diff",
    "pager.ls-tree",
    "pager.rev-parse",
    "core.editor",
    "core.sshCommand",
    "core.askPass",
    "core.gitProxy",
    "core.alternateRefsCommand",
    "diff.external",
    "diff.x.command",
    "diff.x.textconv",
    "merge.x.driver",
    "credential.helper",
    "gpg.program",
    "sequence.editor",
    "uploadpack.packObjectsHook",
    "interactive.diffFilter",
    "trace2.normalTarget",
    "submodule.sub.update",
    "alias.rev-parse",
    "alias.ls-tree",
    "remote.origin.uploadpack",
    "remote.origin.vcs",
    "url.x.insteadOf",
    "browser.x.cmd",
    "difftool.x.cmd",
    "tar.x.command",
];

#[test]
fn no_setting_of_the_repository_starts_its_program() {
    for setting in SETTINGS {
        let root = fleet("");
        let evil = marker(&root, ".git/evil");
        root.write(".gitattributes", "* filter=x diff=x merge=x\n");
        commit(&root);
        let value = if setting.starts_with("alias") {
            format!("!{evil}")
        } else {
            evil
        };
        git(&root, &["config", setting, &value]);
        git(&root, &["config", "filter.x.required", "true"]);
        touch_everything(&root);
        root.write("services/svc_a/main.py", "2\n");
        let run = assert_inert(&root, "services.yaml", &[], setting);
        assert_eq!(run.status, 0, "{setting}: {}", run.told());
    }
}

#[test]
fn settings_that_are_included_start_nothing() {
    let including = [
        "[include]\n\tpath = ../evil.conf\n",
        "[includeIf \"gitdir:**\"]\n\tpath = ../evil.conf\n",
    ];
    for include in including {
        let root = fleet("");
        let evil = marker(&root, ".git/evil");
        root.write(
            "evil.conf",
            format!("[filter \"x\"]\n\tclean = {evil}\n[core]\n\tfsmonitor = {evil}\n"),
        );
        root.write(".gitattributes", "* filter=x\n");
        let config = root.text(".git/config") + include;
        commit(&root);
        root.write(".git/config", config);
        touch_everything(&root);
        assert_eq!(assert_inert(&root, "services.yaml", &[], include).status, 0);
    }
    // A work tree may have settings of its own.
    let root = fleet("");
    let evil = marker(&root, ".git/evil");
    root.write(".gitattributes", "* filter=x\n");
    commit(&root);
    git(&root, &["config", "core.repositoryFormatVersion", "1"]);
    git(&root, &["config", "extensions.worktreeConfig", "true"]);
    root.write(
        ".git/config.worktree",
        format!("[filter \"x\"]\n\tclean = {evil}\n"),
    );
    touch_everything(&root);
    assert_eq!(
        assert_inert(&root, "services.yaml", &[], "config.worktree").status,
        0
    );
}

#[test]
fn no_hook_runs() {
    let root = fleet("");
    let hooks = [
        "post-index-change",
        "fsmonitor-watchman",
        "reference-transaction",
        "post-checkout",
        "pre-auto-gc",
    ];
    for hook in hooks {
        marker(&root, &format!(".git/hooks/{hook}"));
    }
    touch_everything(&root);
    assert_eq!(assert_inert(&root, "services.yaml", &[], "hooks").status, 0);
}

#[test]
fn nothing_is_fetched_for_an_object_that_is_missing() {
    let remotes = [
        "ext::EVIL",
        "ssh://h.example/x",
        "evil::x",
        "file:///nowhere",
    ];
    for remote in remotes {
        let root = fleet("");
        let evil = marker(&root, ".git/evil");
        let settings = [
            ("core.repositoryFormatVersion", "1"),
            ("extensions.partialClone", "origin"),
            ("remote.origin.promisor", "true"),
            ("remote.origin.partialCloneFilter", "tree:0"),
            ("protocol.ext.allow", "always"),
            ("protocol.allow", "always"),
        ];
        for (name, value) in settings {
            git(&root, &["config", name, value]);
        }
        git(
            &root,
            &[
                "config",
                "remote.origin.url",
                &remote.replace("EVIL", &evil),
            ],
        );
        git(&root, &["config", "core.sshCommand", &evil]);
        marker(&root, "bin/git-remote-evil");
        let tree = git(&root, &["rev-parse", "HEAD:services"]);
        let tree = tree.trim_end();
        fs::remove_file(
            root.path()
                .join(format!(".git/objects/{}/{}", &tree[..2], &tree[2..])),
        )
        .unwrap();
        let path = format!(
            "{}:{}",
            std::env::var("PATH").unwrap(),
            root.path().join("bin")
        );
        let run = assert_inert(&root, "services.yaml", &[("PATH", &path)], remote);
        assert_eq!(run.status, 2, "a tree is missing: {}", run.told());
        assert!(run.stderr.contains("git ls-tree"), "{}", run.told());
    }
}

#[test]
fn variables_of_the_environment_start_nothing() {
    let root = fleet("");
    let evil = marker(&root, ".git/evil");
    let other = fleet("");
    root.write("services/svc_a/main.py", "2\n");
    let names = [
        "GIT_EXTERNAL_DIFF",
        "GIT_PAGER",
        "GIT_EDITOR",
        "GIT_SSH",
        "GIT_SSH_COMMAND",
        "GIT_ASKPASS",
        "SSH_ASKPASS",
        "GIT_PROXY_COMMAND",
        "GIT_TRACE2",
        "PAGER",
    ];
    let mut environment: Vec<(&str, &str)> =
        names.iter().map(|name| (*name, evil.as_str())).collect();
    let (config, git_dir) = (
        format!("'core.fsmonitor'='{evil}'"),
        other.path().join(".git"),
    );
    let global = root.path().join(".git/global");
    root.write(
        ".git/global",
        format!("[core]\n\tfsmonitor = {evil}\n\tpager = {evil}\n"),
    );
    environment.extend([
        ("GIT_CONFIG_PARAMETERS", config.as_str()),
        ("GIT_CONFIG_COUNT", "1"),
        ("GIT_CONFIG_KEY_0", "core.fsmonitor"),
        ("GIT_CONFIG_VALUE_0", evil.as_str()),
        ("GIT_CONFIG_GLOBAL", global.as_str()),
        ("GIT_DIR", git_dir.as_str()),
        ("GIT_WORK_TREE", other.path().as_str()),
        ("GIT_INDEX_FILE", "/dev/null"),
        ("GIT_OBJECT_DIRECTORY", "/nowhere"),
        ("GIT_EXEC_PATH", root.path().as_str()),
        ("GIT_NAMESPACE", "x"),
    ]);
    let plain = root.run(&SINCE);
    let run = assert_inert(&root, "services.yaml", &environment, "variables");
    assert_eq!(
        (run.status, &run.stdout),
        (0, &plain.stdout),
        "{}",
        run.told()
    );
}

#[test]
fn no_git_of_the_repository_s_own_is_started() {
    let root = fleet("");
    for place in ["git", "bin/git", ".git/git", "node_modules/.bin/git"] {
        marker(&root, place);
    }
    let standard = std::env::var("PATH").unwrap();
    let root_path = root.path();
    for first in [
        "",
        ".",
        "bin",
        "./node_modules/.bin",
        root_path.as_str(),
        root_path.join("bin").as_str(),
    ] {
        let path = format!("{first}:{standard}");
        assert_eq!(
            assert_inert(&root, "services.yaml", &[("PATH", &path)], first).status,
            0,
            "{first:?}"
        );
    }
    let alone = assert_inert(&root, "services.yaml", &[("PATH", ".:bin")], "no other git");
    assert_eq!(alone.status, 2);
    assert!(alone.stderr.contains("cannot run git"), "{}", alone.told());
}

/// Every program that a run starts, by strace.
#[test]
fn git_is_the_one_program_that_a_plan_starts() {
    if !crate::support::has(&["strace"]) {
        return;
    }
    let root = fleet("");
    let evil = marker(&root, ".git/evil");
    root.write(".gitattributes", "* filter=x\n");
    git(&root, &["config", "filter.x.clean", &evil]);
    let arguments = [
        [
            "-f",
            "-qq",
            "-e",
            "trace=execve",
            "-o",
            ".git/trace",
            PROGRAM,
        ]
        .as_slice(),
        &SINCE,
    ]
    .concat();
    let output = root.command("strace", &arguments).output().unwrap();
    assert_eq!(Run::of(&output).status, 0, "{}", Run::of(&output).told());
    let trace = root.text(".git/trace");
    let started: Vec<&str> = trace
        .lines()
        .filter_map(|line| line.split_once("execve(\"")?.1.split('"').next())
        .collect();
    assert!(started.len() > 1, "{trace}");
    let allowed = |program: &&str| {
        *program == PROGRAM || (program.ends_with("/git") && program.starts_with('/'))
    };
    assert!(started.iter().all(allowed), "{trace}");
}
