//! What a pull request could bring to keep `check` busy, to fill its memory, to crash it or to
//! speak through its log.
//!
//! Times are generous bounds against endless runs, not measurements; what is deterministic (how
//! many lines are printed, which status) is asserted exactly.

use std::fmt::Write as _;
use std::fs::{self, File};
use std::os::unix::net::UnixListener;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use crate::support::{MINIMAL, PROGRAM, Root, Run};

/// Far more than any of these takes even in a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);

/// Runs dockwright and ends it where it does not end by itself.
fn run(root: &Root, arguments: &[&str]) -> Run {
    run_with(root, arguments, &[])
}

fn run_with(root: &Root, arguments: &[&str], variables: &[(&str, &str)]) -> Run {
    let output = |name: &str| File::create(root.path().with_extension(name)).unwrap();
    let mut command = root.command(PROGRAM, arguments);
    command
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .stdout(output("out"))
        .stderr(output("err"));
    let mut child = command.spawn().unwrap();
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().unwrap() {
            break status.code().unwrap_or(-1);
        }
        if start.elapsed() > PATIENCE {
            child.kill().unwrap();
            child.wait().unwrap();
            panic!("{arguments:?} does not end");
        }
        thread::sleep(Duration::from_millis(5));
    };
    let read = |name: &str| {
        let path = root.path().with_extension(name);
        let text = String::from_utf8(fs::read(&path).unwrap()).unwrap();
        fs::remove_file(path).unwrap();
        text
    };
    Run {
        status,
        stdout: read("out"),
        stderr: read("err"),
    }
}

/// Lines of services of which each is wrong in the same way.
fn services(count: usize, body: &str) -> String {
    (0..count).fold(MINIMAL.to_owned(), |mut text, number| {
        let _ = writeln!(
            text,
            "  s{number}: {}",
            body.replace('#', &number.to_string())
        );
        text
    })
}

#[test]
fn a_million_mistakes_end_quickly_and_the_gravest_are_shown() {
    let one_line = format!(
        "{MINIMAL}  svc-b: {{ {} }}\n",
        (0..5_000).fold(String::new(), |text, n| text + &format!("z{n}: 1, "))
    );
    let declarations = [
        ("duplicate-key", "a: 1\n".repeat(50_000)),
        ("duplicate-key", format!("# é\n{}", "a: 1\n".repeat(50_000))),
        (
            "unknown-field",
            format!(
                "{MINIMAL}{}",
                (0..5_000).fold(String::new(), |text, n| text + &format!("z{n}: 1\n"))
            ),
        ),
        ("unknown-field", one_line),
        ("unknown-kind", services(3_000, "{ kind: nope# }")),
        ("wrong-type", services(5_000, "[kind]")),
        ("nesting-too-deep", "[".repeat(100_000)),
        (
            "nesting-too-deep",
            (0..1000).fold(String::new(), |text, depth| {
                text + &" ".repeat(depth) + "a:\n"
            }),
        ),
    ];
    for (code, declaration) in declarations {
        let root = Root::new(&declaration);
        let told = run(&root, &["check"]);
        assert_eq!(told.status, 1, "{code}: {}", told.stderr);
        assert!(
            told.stdout.contains(&format!("error[{code}]")),
            "{}",
            told.stdout
        );
        assert!(
            told.stdout.matches("error[").count() <= 1500,
            "{code}: {}",
            told.stdout.matches("error[").count()
        );
        assert!(
            told.stdout.len() < 2_000_000,
            "{code}: {} bytes",
            told.stdout.len()
        );
    }
}

#[test]
fn a_hostile_file_of_any_size_is_shown_in_a_few_lines() {
    let lines = (0..20_000).fold(String::new(), |text, number| {
        text + &format!("RUN {number}\n")
    });
    let files: [(&str, Vec<u8>); 6] = [
        ("1 MiB without a line end", vec![b'x'; 1 << 20]),
        (
            "binary",
            (0..1_u32 << 20)
                .map(|at| (at.wrapping_mul(2_654_435_761) >> 24) as u8)
                .collect(),
        ),
        ("20,000 lines", lines.into_bytes()),
        ("100,000 lines", b"x\n".repeat(100_000)),
        (
            "as many lines as are compared one by one",
            (0..9_900)
                .fold(String::new(), |text, n| text + &format!("{n}\n"))
                .into_bytes(),
        ),
        ("CR LF alone", b"\r\n".repeat(50_000)),
    ];
    for (what, bytes) in files {
        let root = Root::generated(MINIMAL);
        // Below its seal, or it would not be shown at all.
        let header = root
            .text("generated/svc-a/Dockerfile")
            .lines()
            .take(2)
            .fold(String::new(), |text, line| text + line + "\n");
        root.write(
            "generated/svc-a/Dockerfile",
            [header.into_bytes(), bytes].concat(),
        );
        for arguments in [&["check"][..], &["generate"]] {
            let told = run(&root, arguments);
            assert_eq!(told.status, 1, "{what}: {}", told.stderr);
            assert!(
                told.stdout.lines().count() < 200,
                "{what}: {} lines",
                told.stdout.lines().count()
            );
            assert!(
                told.stdout.lines().all(|line| line.chars().count() < 5_100),
                "{what}"
            );
        }
    }
    let root = Root::generated(MINIMAL);
    root.write(
        "generated/svc-a/Dockerfile",
        root.text("generated/svc-a/Dockerfile") + &"RUN x\n".repeat(20_000),
    );
    let told = run(&root, &["check"]).stdout;
    assert!(told.contains("more lines"), "{told}");
}

#[test]
fn a_forged_seal_cannot_have_a_file_read_again_and_again() {
    let root = Root::generated(MINIMAL);
    root.write(
        "other.yaml",
        format!("registry: x\nservices: {{}}\nx:\n{}", "- a\n".repeat(2_000)),
    );
    for number in 0..200 {
        let named = format!("{}other.yaml", "./".repeat(number + 1));
        root.write(
            &format!("generated/stray{number}"),
            format!("# dockwright-seal: sha256:00 {named} generated/stray{number}\n"),
        );
    }
    let told = run(&root, &["check", "--format", "json"]);
    assert_eq!(
        (told.status, told.drifts().len()),
        (1, 200),
        "no other spelling of a declaration's name hides a stray"
    );
    for number in 0..200 {
        root.write(
            &format!("generated/stray{number}"),
            format!("# dockwright-seal: sha256:00 other{number}.yaml generated/x\n"),
        );
        fs::hard_link(
            root.path().join("other.yaml"),
            root.path().join(format!("other{number}.yaml")),
        )
        .unwrap();
    }
    // Each of them could declare a fleet, so their files are left to them; what counts is that the
    // run ends.
    assert_eq!(run(&root, &["check"]).status, 0);
}

const OWN: &str = "registry: registry.example\nowner: acme\npython: \"3.12\"\ntemplates: own\n\
    services: { svc-a: { template: mine, port: 8000 } }\n";

fn with_template(text: &str) -> Root {
    let root = Root::new(OWN);
    root.write("own/service/mine.Dockerfile.j2", text);
    root
}

#[test]
fn a_template_cannot_overflow_the_stack() {
    let deep = |operator: &str, end: &str| {
        let room = 255_000 - 100;
        format!(
            "FROM x\n{{{{ {}{end} }}}}\n",
            operator.repeat(room / operator.len())
        )
    };
    for text in [
        deep("-", "1"),
        deep("not ", "1"),
        deep("1+", "1"),
        deep("1~", "1"),
        format!("FROM x\n{{{{ 'x'{} }}}}\n", "|e".repeat(120_000)),
        format!("FROM x\n{{{{ x{} }}}}\n", ".a".repeat(120_000)),
        format!("FROM x\n{{{{ x{} }}}}\n", "[1]".repeat(80_000)),
        format!(
            "FROM x\n{{% if 0 %}}{}{{% endif %}}\n",
            "{% elif 0 %}".repeat(20_000)
        ),
        format!("FROM x\n{}", "{% if 1 %}".repeat(25_000)),
        format!(
            "FROM x\n{{{{ {}1{} }}}}",
            "(".repeat(100_000),
            ")".repeat(100_000)
        ),
        "FROM x\n{% macro f(n) %}{{ f(n) }}{% endmacro %}{{ f(1) }}\n".to_owned(),
        "{% include \"service/mine.Dockerfile.j2\" %}".to_owned(),
    ] {
        let told = run(&with_template(&text), &["check"]);
        assert!(
            matches!(told.status, 1 | 2),
            "{}…: {}",
            &text[..40],
            told.told()
        );
    }
}

#[test]
fn a_template_that_fills_the_memory_is_stopped_and_named() {
    let doubled = format!(
        "{{% set x = 'xxxxxxxx' %}}{}",
        "{% set x = x ~ x %}".repeat(40)
    );
    {
        let told = run(&with_template(&format!("FROM x\n{doubled}\n")), &["check"]);
        assert_eq!(told.status, 2, "{}", told.told());
        let named = "service/mine.Dockerfile.j2 took more than 1 GiB of memory; the run ends here";
        assert!(told.stderr.contains(named), "{}", told.told());
    }
    let told = run(
        &with_template("FROM x\n{% set x = 'x' * 10000000000 %}\n"),
        &["check"],
    );
    assert_eq!(told.status, 2, "{}", told.told());
}

#[test]
fn too_large_a_template_or_too_many_are_refused() {
    let told = run(&with_template(&"#".repeat(257 * 1024)), &["check"]);
    assert_eq!(told.status, 2, "{}", told.told());
    assert!(
        told.stderr
            .contains("own/service/mine.Dockerfile.j2: it is longer than 262144 bytes"),
        "{}",
        told.told()
    );
    let root = with_template("FROM x\n");
    for number in 0..40 {
        root.write(&format!("own/more{number}.j2"), "#".repeat(250 * 1024));
    }
    let told = run(&root, &["check"]);
    assert_eq!(
        (told.status, told.stderr.contains("exceed 8 MiB")),
        (2, true),
        "{}",
        told.told()
    );
}

/// What differs is traced by rendering again with marks, which a template can tell from the first
/// time.
#[test]
fn a_template_that_waits_for_the_trace_is_stopped_too() {
    let slow = format!(
        "{{% set x = 'abcdefgh' %}}{}{{% for i in range(90000) %}}{{% if x|replace('a', 'b') == i \
         %}}{{% endif %}}{{% endfor %}}",
        "{% set x = x ~ x %}".repeat(18)
    );
    let root = with_template("FROM x\nUSER 1\n");
    assert_eq!(run(&root, &["generate"]).status, 0);
    let text = format!("FROM x\n{{% if name|length > 12 %}}{slow}{{% endif %}}\nUSER 2\n");
    root.write("own/service/mine.Dockerfile.j2", text);
    let told = run(&root, &["check"]);
    assert_eq!(told.status, 2, "{}", told.told());
    assert!(
        told.stderr
            .contains("service/mine.Dockerfile.j2 was still being rendered after 10 s"),
        "{}",
        told.told()
    );
}

/// Puts something that is no file in place of a path.
fn special(root: &Root, path: &str, kind: &str) -> Option<UnixListener> {
    let at = root.path().join(path);
    fs::remove_file(&at).unwrap();
    match kind {
        "pipe" => {
            rustix::fs::mkfifoat(rustix::fs::CWD, at.as_std_path(), 0o644.into()).unwrap();
            None
        }
        "socket" => {
            // A socket's address is short, the path of a folder for tests may not be.
            let bound = at.with_file_name("s");
            let socket = UnixListener::bind(&bound).unwrap();
            fs::rename(bound, at).unwrap();
            Some(socket)
        }
        "folder" => {
            fs::create_dir(at).unwrap();
            None
        }
        _ => {
            File::create(at).unwrap().set_len(1 << 40).unwrap();
            None
        }
    }
}

#[test]
fn what_is_no_file_neither_blocks_nor_passes() {
    for kind in ["pipe", "socket", "folder", "a file of a tebibyte"] {
        let root = Root::generated(MINIMAL);
        let _socket = special(&root, "generated/svc-a/Dockerfile", kind);
        let told = run(&root, &["check", "--format", "json"]);
        assert_eq!(told.status, 1, "{kind}: {}", told.told());
        assert_eq!(
            told.drifts()["generated/svc-a/Dockerfile"],
            "not-a-file",
            "{kind}"
        );
        assert_eq!(run(&root, &["generate"]).status, 1);

        let root = Root::generated(MINIMAL);
        let _socket = special(&root, "services.yaml", kind);
        let told = run(&root, &["check"]);
        assert_eq!(
            (told.status, told.stdout.as_str()),
            (2, ""),
            "{kind}: {}",
            told.told()
        );

        let root = with_template("FROM x\n");
        let _socket = special(&root, "own/service/mine.Dockerfile.j2", kind);
        let status = run(&root, &["check"]).status;
        assert!(
            status == 2 || (kind == "folder" && status == 1),
            "{kind}: {status}"
        );
    }
}

#[test]
fn a_deep_or_wide_tree_of_strays_ends() {
    let root = Root::generated(MINIMAL);
    let mut deep = root.path().join("generated");
    for _ in 0..100 {
        deep.push("d");
    }
    fs::create_dir_all(&deep).unwrap();
    fs::write(deep.join("stray"), "x").unwrap();
    for number in 0..3000 {
        root.write(&format!("generated/wide/{number}"), "x");
    }
    let told = run(&root, &["check"]);
    assert_eq!(told.status, 1, "{}", told.stderr);
    assert!(
        told.stdout.contains("… 2980 more"),
        "{}",
        told.stdout.get(..2000).unwrap_or_default()
    );
}

/// `check` runs no git, and nothing that git reads can turn it.
#[test]
fn variables_and_files_of_git_change_nothing() {
    let root = Root::generated(MINIMAL);
    root.write(
        ".git/config",
        "[core]\n\tfsmonitor = touch hacked\n\tworktree = /\n[alias]\n\tcheck = !touch hacked\n",
    );
    root.write(".gitattributes", "* filter=evil diff=evil\n");
    root.write("git", "#!/bin/sh\ntouch hacked\n");
    root.set_mode("git", 0o755);
    let here = root.path().as_str();
    let variables = [
        ("GIT_DIR", "/"),
        ("GIT_WORK_TREE", "/"),
        ("GIT_EXTERNAL_DIFF", "touch hacked"),
        ("GIT_CONFIG_COUNT", "x"),
        ("PATH", here),
        ("LD_LIBRARY_PATH", here),
        ("RUST_BACKTRACE", "full"),
        ("PAGER", "touch hacked"),
    ];
    for arguments in [
        &["check"][..],
        &["check", "--format", "json"],
        &["list"],
        &["generate"],
    ] {
        let told = run_with(&root, arguments, &variables);
        assert_eq!(told.status, 0, "{}", told.told());
        assert!(!root.exists("hacked"), "{arguments:?}");
    }
}
