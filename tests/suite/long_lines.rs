//! Lines that are longer than `BuildKit` reads, and other text that it refuses: told before
//! anything is built.

use crate::support::{MINIMAL, Root, overlaid};

/// The longest line that `BuildKit` reads.
const LIMIT: usize = 65_535;

/// The only diagnostic of a check, with its line and column in services.yaml.
fn refused(declaration: &str) -> (String, u64, u64, String) {
    let root = Root::new(declaration);
    let run = root.check();
    assert_eq!(
        run.status,
        1,
        "{}",
        &run.told()[..2_000.min(run.told().len())]
    );
    let report = run.json();
    let found = &report["diagnostics"][0];
    assert_eq!(report["diagnostics"].as_array().unwrap().len(), 1);
    assert_eq!(root.run(&["generate"]).status, 1);
    assert!(!root.exists("generated"));
    let number = |field: &str| found[field].as_u64().unwrap();
    (
        found["code"].as_str().unwrap().to_owned(),
        number("line"),
        number("column"),
        found["message"].as_str().unwrap().to_owned(),
    )
}

/// The longest line of a service's Dockerfile.
fn longest_line(root: &Root) -> usize {
    root.text("generated/svc-a/Dockerfile")
        .lines()
        .map(str::len)
        .max()
        .unwrap()
}

/// Words of 4,000 bytes that make `CMD [...]` so long, in all.
fn words(bytes: usize) -> Vec<String> {
    let mut room = bytes - "CMD []".len();
    let mut words = Vec::new();
    while room > 0 {
        let separator = if words.is_empty() { 0 } else { 2 };
        let length = (room - separator - 2).min(4_000);
        // The last two share what is left, so that none is shorter than its quotes.
        let left = room - separator - 2 - length;
        let length = if left > 0 && left < 10 {
            length - 10
        } else {
            length
        };
        words.push("x".repeat(length));
        room -= separator + 2 + length;
    }
    words
}

#[test]
fn a_command_is_as_long_as_buildkit_reads_and_no_longer() {
    for owner in [
        "services: { svc-a: { cmd: CMD } }",
        "kinds: { web: { cmd: CMD } }",
    ] {
        let declared = |words: &[String]| {
            overlaid(
                MINIMAL,
                &owner.replace("CMD", &format!("[{}]", words.join(", "))),
                3,
            )
        };
        let root = Root::generated(&declared(&words(LIMIT)));
        assert_eq!(longest_line(&root), LIMIT, "{owner}");
        let long = declared(&words(LIMIT + 1));
        let (code, line, column, message) = refused(&long);
        assert_eq!(code, "invalid-value");
        assert!(
            message.contains("65536 bytes") && message.contains("at most 65535"),
            "{message}"
        );
        let place = long
            .lines()
            .nth(usize::try_from(line).unwrap() - 1)
            .unwrap();
        assert!(place.trim_start().starts_with("- x"), "{line}:{column}");
    }
}

#[test]
fn quotes_and_backslashes_count_as_they_are_written() {
    let word = "\\\"".repeat(2_000);
    let declared = |count: usize| {
        let words = vec![format!("'{word}'"); count].join(", ");
        overlaid(
            MINIMAL,
            &format!("services: {{ svc-a: {{ cmd: [{words}] }} }}"),
            3,
        )
    };
    let root = Root::generated(&declared(8));
    assert!(longest_line(&root) > 64_000 && longest_line(&root) <= LIMIT);
    assert_eq!(refused(&declared(9)).0, "invalid-value");
}

#[test]
fn a_hook_s_lines_are_as_long_as_buildkit_reads_and_no_longer() {
    let shapes: [fn(String) -> Vec<String>; 5] = [
        |text| vec![format!("RUN {}", &text[4..])],
        |text| vec![format!("#{}", &text[1..]), "RUN true".to_owned()],
        |text| {
            vec![
                "RUN true \\".to_owned(),
                format!("{} \\", &text[2..]),
                " && true".to_owned(),
            ]
        },
        |text| vec!["RUN <<EOF".to_owned(), text, "EOF".to_owned()],
        |text| vec![format!("ENV A={}", &text[6..])],
    ];
    let points = [
        "builder",
        "before_apt",
        "after_apt",
        "after_pip",
        "after_copy",
    ];
    for (at, shape) in shapes.into_iter().enumerate() {
        let declared = |bytes: usize, entry: &str| {
            let lines = shape("x".repeat(bytes)).join("\n");
            let hooks = serde_json::json!({ points[at]: [lines] });
            overlaid(MINIMAL, &entry.replace("HOOKS", &hooks.to_string()), 3)
        };
        let root = Root::generated(&declared(LIMIT, "services: { svc-a: { hooks: HOOKS } }"));
        assert_eq!(longest_line(&root), LIMIT, "{}", points[at]);
        for entry in [
            "services: { svc-a: { hooks: HOOKS } }",
            "kinds: { web: { hooks: HOOKS } }",
            "bases: { base-runtime: { hooks: HOOKS } }",
        ] {
            let (code, line, _, message) = refused(&declared(LIMIT + 1, entry));
            assert_eq!(code, "hook-breaks-dockerfile");
            assert!(
                line > 1 && message.contains("a line of 65536 bytes"),
                "{message}"
            );
        }
    }
    let continued = overlaid(
        MINIMAL,
        &format!(
            "services: {{ svc-a: {{ hooks: {{ after_apt: [{}] }} }} }}",
            serde_json::json!(format!("RUN {}true", "true && \\\n".repeat(9_000)))
        ),
        3,
    );
    Root::generated(&continued);
}

const OWN: &str = "registry: registry.example\nowner: acme\npython: \"3.12\"\ntemplates: own\n\
    services: { svc-a: { template: mine, port: 8000, env: { A: VALUE, B: VALUE, C: VALUE } } }\n";

fn own_template(name: &str, text: &str) -> Root {
    let root = Root::new(&OWN.replace("VALUE", &"v".repeat(4_000)));
    root.write(
        "own/service/mine.Dockerfile.j2",
        "FROM {{ from }}\nCMD {{ command }}\n",
    );
    root.write(&format!("own/{name}"), text);
    root
}

/// What own templates print that no builder reads, with its line and words of the message.
const UNREADABLE: [(&str, u32, &str); 10] = [
    ("FROM {{ from }}\n# note\nRNU true\n", 3, "`RNU`"),
    ("FROM {{ from }}\nRUN <<EOF\ntrue\n", 2, "heredoc"),
    ("FROM {{ from }}\nCOPY --form=x a b\n", 2, "--form"),
    ("FROM {{ from }}\nCOPY a\n", 2, "COPY without"),
    ("FROM {{ from }}\nENV A\n", 2, "ENV"),
    ("FROM {{ from }}\nRUN [\"a\", 1]\n", 2, "RUN"),
    ("FROM {{ from }}\nONBUILD ONBUILD RUN a\n", 2, "ONBUILD"),
    ("# escape=`\nFROM {{ from }}\nRUN a `\n b\n", 1, "`escape`"),
    ("FROM {{ from }}\nRUN a\u{0}b\n", 2, "U+0000"),
    (
        "FROM {{ from }}\nRUN {% for a in range(9) %}{% for variable in env %}\
         {{ variable.value }}{% endfor %}{% endfor %}\n",
        2,
        "bytes; BuildKit reads lines of at most 65535",
    ),
];

const MINE: &str = "service/mine.Dockerfile.j2";

#[test]
fn a_template_of_the_fleet_s_own_is_told_with_its_line() {
    for (text, line, words) in UNREADABLE {
        let place = format!("own/{MINE}:{line}");
        assert_refused_at(&own_template(MINE, text), &place, words);
    }
}

#[test]
fn a_long_line_of_an_own_template_is_told_with_its_place() {
    let long = format!("FROM {{{{ from }}}}\n\nRUN true {}\n", "x".repeat(70_000));
    let root = own_template(MINE, &long);
    assert_refused_at(&root, &format!("own/{MINE}:3"), "a line of 70009 bytes");
    let ignore = "image/Dockerfile.dockerignore.j2";
    let root = own_template(ignore, &format!("*\n!{}\n", "x".repeat(70_000)));
    assert_refused_at(&root, &format!("own/{ignore}:2"), "a line of 70001 bytes");
}

#[test]
fn what_an_included_template_prints_is_told_with_its_line() {
    let root = own_template(MINE, "FROM {{ from }}\n{% include 'x.j2' %}\n");
    root.write("own/x.j2", "RUN true\nCOPY in-x.j2\n");
    assert_refused_at(&root, "own/x.j2:2", "COPY without");
}

fn assert_refused_at(root: &Root, place: &str, words: &str) {
    let run = root.run(&["check"]);
    assert_eq!(run.status, 2, "{words}: {}", run.told().len());
    let beginning = run.stderr.get(..2_000).unwrap_or(&run.stderr);
    assert!(run.stderr.contains(place), "{words}: {beginning}");
    assert!(run.stderr.contains(words), "{words}: {beginning}");
    assert!(run.stderr.contains("generated/svc-a/Dockerfile"));
    assert_eq!(root.run(&["generate"]).status, 2);
    assert!(!root.exists("generated"));
}

#[test]
fn hooks_that_the_builder_refuses_are_refused() {
    for line in [
        "ONBUILD ONBUILD USER root",
        "ONBUILD MAINTAINER me",
        "ONBUILD",
        "COPY --form=builder /a /b",
        "RUN --mont=type=cache true",
        "COPY a",
        "ADD a",
        "ENV",
        "ENV a=\"b",
        "LABEL",
        "ARG",
        "EXPOSE",
        "VOLUME",
        "WORKDIR",
        "STOPSIGNAL",
        "SHELL bash -c",
        "HEALTHCHECK FOO",
        "HEALTHCHECK CMD",
        "HEALTHCHECK --intervall=1s CMD a",
        "WORKDIR --x /a",
        "RUN <<EOF",
        "RUN a \\",
        "RNU a",
        "USER root",
        "ONBUILD USER root",
        "ONBUILD FROM a",
        "ONBUILD COPY a",
    ] {
        let hooks = serde_json::json!({ "after_apt": [line] });
        let (code, ..) = refused(&overlaid(
            MINIMAL,
            &format!("services: {{ svc-a: {{ hooks: {hooks} }} }}"),
            3,
        ));
        assert_eq!(code, "hook-breaks-dockerfile", "{line}");
    }
}
