//! Which file of the repository is at which path of the image.

use dockwright::dockerfile::meaning::{Meaning, Origin};

use super::{Told, read, read_as, whole};

fn files(meaning: &Meaning) -> Vec<String> {
    let row = |(path, origin): (&String, &Origin)| match origin {
        Origin::Repository(source) => format!("{path} {source}"),
        Origin::Image {
            reference,
            path: other,
        } => format!("{path} {reference}:{other}"),
        Origin::Made(other) => format!("{path} made {other}"),
        Origin::Inline(text) => format!("{path} inline {text:?}"),
        Origin::Url(url) => format!("{path} {url}"),
    };
    meaning.files.iter().map(row).collect()
}

#[test]
fn copies_land_where_docker_puts_them() {
    for (instructions, expected) in [
        ("COPY start.sh /s", &["/s start.sh"][..]),
        ("COPY start.sh /s/", &["/s/start.sh"]),
        ("WORKDIR /w\nCOPY start.sh .", &["/w/start.sh"]),
        ("WORKDIR /w\nCOPY start.sh /w", &["/w/start.sh"]),
        ("COPY start.sh ../s", &["/s start.sh"]),
        (
            "COPY web /w",
            &["/w/dist.js web/dist.js", "/w/package.json web/package.json"],
        ),
        (
            "COPY web/ start.sh /w/",
            &[
                "/w/dist.js web/dist.js",
                "/w/package.json web/package.json",
                "/w/start.sh start.sh",
            ],
        ),
        ("COPY web/*.js /w/", &["/w/dist.js web/dist.js"]),
        (
            "COPY --parents web/dist.js /w/",
            &["/w/web/dist.js web/dist.js"],
        ),
        ("COPY --exclude=*.json web /w/", &["/w/dist.js web/dist.js"]),
        (
            "ADD https://h.example/a.bin /b/",
            &["/b/a.bin https://h.example/a.bin"],
        ),
        ("COPY <<E /t\na\nE", &["/t inline \"a\\n\""]),
        (
            "COPY --from=redis:7 /bin/redis /r/",
            &["/r/redis redis:7:/bin/redis"],
        ),
        ("ENV D=/d\nCOPY start.sh $D/x", &["/d/x start.sh"]),
        ("COPY start.sh /s\nRUN mv /s /t", &["/t start.sh"]),
        ("COPY start.sh /s\nRUN rm /s", &[]),
    ] {
        let shown: Vec<String> = expected
            .iter()
            .map(ToString::to_string)
            .map(|row| {
                if row.contains(' ') {
                    row
                } else {
                    format!("{row} {}", row.rsplit('/').next().unwrap())
                }
            })
            .collect();
        assert_eq!(files(&read(instructions)), shown, "{instructions}");
    }
}

#[test]
fn what_the_ignore_file_leaves_out_is_not_copied() {
    let told = Told {
        ignore: "*\n!app\n**/*.csv\n",
        ..Told::default()
    };
    let found = read_as("FROM a\nCOPY . /x\n", &told).unwrap();
    assert_eq!(files(&found), ["/x/app/main.py app/main.py"]);
}

#[test]
fn a_context_is_a_folder_of_the_tree() {
    let told = Told {
        context: "services/api",
        ..Told::default()
    };
    let found = read_as("FROM a\nCOPY . /x\nCOPY ../../start.sh /y\n", &told).unwrap();
    assert_eq!(
        files(&found),
        [
            "/x/main.py services/api/main.py",
            "/x/requirements.txt services/api/requirements.txt",
            "/y services/api/start.sh"
        ]
    );
    assert_eq!(found.missing[0].path, "services/api/start.sh");
}

#[test]
fn files_are_followed_through_stages() {
    let text = "FROM a AS one\nWORKDIR /s\nCOPY app ./app\nRUN make\nFROM a AS two\nCOPY --from=one /s /t\nFROM a\nCOPY --from=1 /t/app /u/\nCOPY --from=one /s/built /u/built\n";
    let found = whole(text);
    assert_eq!(
        files(&found),
        [
            "/u/built made /s/built",
            "/u/data/a.csv app/data/a.csv",
            "/u/main.py app/main.py"
        ]
    );
    assert_eq!(super::steps(&found), ["make"]);
}

#[test]
fn a_missing_source_is_told_with_its_line() {
    let found = read("COPY app/x.py /x\nCOPY nothing* /y");
    let rows: Vec<_> = found
        .missing
        .iter()
        .map(|one| (one.line, one.path.as_str()))
        .collect();
    assert_eq!(rows, [(2, "app/x.py"), (3, "nothing*")]);
}
