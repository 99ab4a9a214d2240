//! What the judge says of two Dockerfiles.

use std::collections::BTreeSet;

use dockwright::dockerfile::judge::{HARMLESS_RULES, Likeness, Verdict, judge};

use super::{differences, read, whole};

/// Each with what the second text does otherwise; the name of a rule behind what is harmless.
const TABLE: [(&str, &str, &[&str]); 37] = [
    ("CMD python a.py", "CMD python a.py", &[]),
    (
        "",
        "RUN useradd -u 10001 app\nUSER app",
        &["runs as app (10001) instead of root (non-root)"],
    ),
    (
        "RUN useradd app\nUSER app",
        "",
        &["runs as root instead of app (1000)"],
    ),
    (
        "USER 1000",
        "USER 10001",
        &["runs as 10001 instead of 1000 (uid-changed)"],
    ),
    ("RUN useradd -u 5 a\nUSER a", "USER 5:5", &[]),
    (
        "COPY app /app\nRUN useradd a && chown -R a /app\nUSER a",
        "COPY app /app\nRUN useradd a\nUSER a",
        &["can no longer write to /app (code-read-only)"],
    ),
    (
        "RUN useradd a && mkdir /data && chown a /data\nUSER a",
        "RUN useradd a && mkdir /data\nUSER a",
        &["can no longer write to /data"],
    ),
    ("RUN mkdir /data", "", &["no longer makes /data"]),
    (
        "RUN apt-get install -y gcc libpq-dev",
        "",
        &["no longer has apt gcc libpq-dev (build-tool-gone)"],
    ),
    (
        "RUN apt-get install -y libpq5",
        "",
        &["no longer has apt libpq5"],
    ),
    ("", "RUN apt-get install -y libpq5", &["adds apt libpq5"]),
    (
        "RUN pip install poetry",
        "",
        &["no longer has poetry (build-tool-gone)"],
    ),
    (
        "RUN pip install a==1 b",
        "RUN pip install a==2 c",
        &[
            "installs pip a==2 instead of pip a==1",
            "adds pip c",
            "no longer has pip b",
        ],
    ),
    (
        "COPY app/main.py /app/",
        "COPY app /app",
        &["adds /app/data/a.csv (more-files)"],
    ),
    (
        "COPY app/main.py /app/",
        "COPY app /app\nCOPY start.sh /",
        &["adds /app/data/a.csv (more-files)", "adds /start.sh"],
    ),
    (
        "COPY . /app",
        "COPY app /app/app\nCOPY lib/lib /app/lib/lib\nCOPY requirements /app/requirements\nCOPY services /app/services\nCOPY web /app/web\nCOPY start.sh /app/",
        &[
            "no longer has /app/.env (ignored-files)",
            "no longer has /app/lib/pyproject.toml, /app/poetry.lock, /app/pyproject.toml and 2 more (install-files-gone)",
        ],
    ),
    (
        "COPY app/main.py /a",
        "COPY start.sh /a",
        &["has another origin for /a"],
    ),
    ("", "EXPOSE 80", &["declares port 80/tcp (port-declared)"]),
    (
        "EXPOSE 80",
        "EXPOSE 81",
        &[
            "declares port 81/tcp (port-declared)",
            "no longer declares port 80/tcp",
        ],
    ),
    (
        "LABEL a=b",
        "LABEL c=d org.opencontainers.image.title=x",
        &[
            "sets the label c",
            "sets the label org.opencontainers.image.title (image-labels)",
            "no longer sets the label a (labels-gone)",
        ],
    ),
    (
        "HEALTHCHECK CMD curl -f http://localhost:80/x || exit 1",
        "HEALTHCHECK CMD [\"python\", \"-c\", \"import urllib.request as r; r.urlopen('http://127.0.0.1:80/x')\"]",
        &["checks its health with Python (python-probe)"],
    ),
    (
        "HEALTHCHECK --interval=5s CMD a",
        "HEALTHCHECK CMD a",
        &[
            "checks its health every 30s (timeout 30s, start period 0s, 3 retries) instead of every 5s (timeout 30s, start period 0s, 3 retries)",
        ],
    ),
    ("HEALTHCHECK NONE", "", &[]),
    ("", "HEALTHCHECK CMD a", &["adds a health check"]),
    (
        "CMD python a.py",
        "CMD [\"python\", \"a.py\"]",
        &["starts its command without a shell (exec-form)"],
    ),
    (
        "CMD [\"a\"]",
        "CMD [\"b\"]",
        &["has the command b instead of a"],
    ),
    (
        "CMD exec python a.py $A",
        "CMD [\"sh\", \"-c\", \"python a.py $A\"]",
        &[],
    ),
    ("", "CMD [\"python3\"]", &[]),
    (
        "CMD [\"uv\", \"run\", \"--frozen\", \"gunicorn\", \"a:b\"]",
        "CMD [\"gunicorn\", \"a:b\"]",
        &["starts its command without what only finds the environment (runner-gone)"],
    ),
    (
        "ENV PYTHONUNBUFFERED=true",
        "ENV PYTHONUNBUFFERED=1 GUNICORN_CMD_ARGS=--worker-tmp-dir=/dev/shm",
        &["sets ENV GUNICORN_CMD_ARGS (worker-heartbeats)"],
    ),
    (
        "ENV PATH=/root/.local/bin:$PATH",
        "",
        &["no longer sets ENV PATH (build-variables)"],
    ),
    (
        "ENV PATH=/opt/tool/bin:$PATH",
        "",
        &["no longer sets ENV PATH"],
    ),
    ("ENV A=1", "ENV A=2", &["sets ENV A to another value"]),
    (
        "ENV PIP_X=1",
        "ENV PYTHONUNBUFFERED=1 SECRET=x",
        &[
            "sets ENV PYTHONUNBUFFERED (python-switches)",
            "sets ENV SECRET",
            "no longer sets ENV PIP_X (build-variables)",
        ],
    ),
    (
        "WORKDIR /srv",
        "WORKDIR /srv\nENV PYTHONPATH=/srv",
        &["sets ENV PYTHONPATH (python-path)"],
    ),
    (
        "RUN make a\nRUN make b",
        "RUN make b\nRUN make a",
        &["runs its steps in another order"],
    ),
    (
        "RUN make a",
        "RUN make b",
        &["runs one more step: make b", "no longer runs: make a"],
    ),
];

#[test]
fn a_workdir_that_is_not_known_is_told_in_words() {
    let before = "FROM apache/airflow:3.0.1\nWORKDIR sub\nCOPY main.py ./\n";
    let after = "FROM apache/airflow:3.0.1\nWORKDIR /srv\n";
    let found = differences(before, after).join("\n");
    for said in [
        "works in /srv instead of <workdir of apache/airflow:3.0.1>/sub",
        "<workdir of apache/airflow:3.0.1>/sub/main.py",
    ] {
        assert!(found.contains(said), "{said}: {found}");
    }
    assert!(!found.contains("${WORKDIR}"), "{found}");
}

#[test]
fn differences_are_told_and_weighed() {
    for (before, after, expected) in TABLE {
        assert_eq!(
            differences(before, after),
            expected,
            "{before}\n->\n{after}"
        );
    }
}

#[test]
fn nothing_differs_from_itself() {
    for (before, after, _) in TABLE {
        assert!(differences(before, before).is_empty(), "{before}");
        assert!(differences(after, after).is_empty(), "{after}");
    }
}

#[test]
fn a_denied_rule_counts_as_different() {
    let (before, after) = (read(""), read("EXPOSE 80"));
    let found = judge(&before, &after, &BTreeSet::new());
    assert_eq!(Likeness::of(&found).word(), "harmless");
    let denied = judge(
        &before,
        &after,
        &BTreeSet::from(["port-declared".to_owned()]),
    );
    assert_eq!(Likeness::of(&denied).word(), "different");
    assert_eq!(Likeness::of(&[]).word(), "same");
}

#[test]
fn the_table_has_every_rule() {
    let mut told = BTreeSet::new();
    for (before, after, _) in TABLE {
        let found = judge(&read(before), &read(after), &BTreeSet::new());
        told.extend(found.iter().filter_map(|found| match found.verdict {
            Verdict::Harmless(rule) => Some(rule.id),
            Verdict::Different => None,
        }));
    }
    let missing: Vec<_> = HARMLESS_RULES
        .iter()
        .filter(|rule| !told.contains(rule.id))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}

/// What an image below may set and nobody here knows is not taken for nothing.
#[test]
fn what_the_image_below_sets_is_not_lost_silently() {
    let told = |below: &str, before: &str, after: &str| {
        let read = |lines: &str| whole(&format!("FROM {below}\n{lines}\n"));
        let found = judge(&read(before), &read(after), &BTreeSet::new());
        let wrong = found.iter().filter(|one| one.verdict == Verdict::Different);
        wrong.map(|one| one.text.clone()).collect::<Vec<_>>()
    };
    // What is started names nothing in the working folder.
    for command in [
        "CMD a",
        "CMD [\"python\", \"/srv/a.py\", \"--port\", \"1\"]",
    ] {
        let after = format!("WORKDIR /\n{command}");
        assert_eq!(told("acme/tool:1", command, &after), [""; 0], "{command}");
    }
    let workdir = ["works in / instead of the folder that acme/tool:1 may set"];
    for command in [
        "CMD [\"python\", \"a.py\"]",
        "CMD ./start",
        "CMD python -m a",
        "USER 5",
    ] {
        let after = format!("WORKDIR /\n{command}");
        assert_eq!(told("acme/tool:1", command, &after), workdir, "{command}");
    }
    for below in ["acme/python:3.12", "debian:12", "nvidia/cuda:12.1"] {
        let after = told(below, "CMD ./a", "WORKDIR /\nCMD ./a");
        assert_eq!(after, [""; 0], "{below}");
    }
    let said = told("acme/tool:1", "WORKDIR /\nCMD ./a", "WORKDIR /\nCMD ./a");
    assert_eq!(said, [""; 0]);
    let user = ["runs as 10001 instead of the account that apache/airflow:3 sets"];
    assert_eq!(
        told("apache/airflow:3", "WORKDIR /x", "WORKDIR /x\nUSER 10001"),
        user
    );
    let own = told(
        "apache/airflow:3",
        "WORKDIR /x\nUSER root",
        "WORKDIR /x\nUSER 10001",
    );
    assert_eq!(own, [""; 0]);
}
