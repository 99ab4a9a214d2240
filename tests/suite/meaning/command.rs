//! `dockwright diff` as people type it.

use crate::support::Root;

/// A service by hand and by dockwright, and one that differs.
fn repository() -> Root {
    let root = Root::empty();
    root.write("services/api/main.py", "app = None\n");
    root.write("services/api/helper.py", "");
    root.write("services/api/requirements.txt", "fastapi\nuvicorn\n");
    root.write(
        "services/api/Dockerfile",
        "FROM python:3.12-slim\nWORKDIR /app\nRUN apt-get update && apt-get install -y curl gcc && rm -rf \
         /var/lib/apt/lists/*\nCOPY requirements.txt .\nRUN pip install -r requirements.txt\nCOPY main.py \
         helper.py ./\nENV MODE=fast TOKEN=hunter2\nEXPOSE 8000\nHEALTHCHECK CMD curl -f \
         http://localhost:8000/healthz || exit 1\nCMD uvicorn main:app --port 8000\n",
    );
    root.write(
        "docker/api.Dockerfile",
        "FROM python:3.12-slim AS builder\nRUN python -m venv /opt/venv\nRUN \
         --mount=type=bind,source=services/api/requirements.txt,target=/r.txt /opt/venv/bin/pip install -r \
         /r.txt\nFROM python:3.12-slim\nRUN useradd --uid 10001 app\nCOPY --from=builder /opt/venv \
         /opt/venv\nENV PATH=\"/opt/venv/bin:$PATH\" PYTHONUNBUFFERED=1 MODE=fast TOKEN=hunter2\nWORKDIR \
         /app\nCOPY services/api/main.py services/api/helper.py ./\nUSER 10001\nEXPOSE 8000\nHEALTHCHECK \
         CMD [\"python\", \"-c\", \"import urllib.request as r; \
         r.urlopen('http://127.0.0.1:8000/healthz')\"]\nCMD [\"uvicorn\", \"main:app\", \"--port\", \
         \"8000\"]\n",
    );
    root.write(
        "docker/other.Dockerfile",
        "FROM python:3.13-slim\nWORKDIR /srv\nRUN apt-get install -y tesseract-ocr\nRUN pip install \
         'fastapi>=0.100' uvicorn httpx\nCOPY services/api gone /srv/\nRUN python -m spacy download \
         en_core_web_sm && curl -sSfL https://models.example/download/a-rather-long-name.tar.gz | tar -xz \
         -C /srv/models\nENV MODE=slow TOKEN=other\nCMD [\"uvicorn\", \"main:app\"]\n",
    );
    root
}

#[test]
fn reports_on_two_dockerfiles_read_as_they_did() {
    for screen in crate::goldens::SCREENS {
        screen.assert_reports(
            &screen.of(repository()),
            &[
                (
                    "diff-same",
                    "diff services/api/Dockerfile services/api/Dockerfile",
                ),
                (
                    "diff-harmless",
                    "diff services/api/Dockerfile docker/api.Dockerfile",
                ),
                (
                    "diff-different",
                    "diff services/api/Dockerfile docker/other.Dockerfile",
                ),
                (
                    "diff-json",
                    "diff services/api/Dockerfile docker/other.Dockerfile --format json",
                ),
                (
                    "diff-denied",
                    "diff services/api/Dockerfile docker/api.Dockerfile --deny non-root",
                ),
                (
                    "diff-missing",
                    "diff services/api/Dockerfile services/api/main.py",
                ),
                (
                    "diff-no-rule",
                    "diff services/api/Dockerfile docker/api.Dockerfile --deny x",
                ),
            ],
        );
    }
}

#[test]
fn values_of_variables_are_not_printed_and_lines_fit_the_page() {
    let root = repository();
    for format in ["text", "json"] {
        let run = root.run(&[
            "diff",
            "services/api/Dockerfile",
            "docker/other.Dockerfile",
            "--format",
            format,
        ]);
        assert_eq!(run.status, 1);
        assert!(
            !run.told().contains("hunter2") && !run.told().contains("other.\""),
            "{}",
            run.told()
        );
        assert!(
            format == "json" || run.stdout.lines().all(|line| line.chars().count() <= 80),
            "{}",
            run.stdout
        );
    }
}

#[test]
fn contexts_targets_and_arguments_can_be_said() {
    let root = repository();
    root.write(
        "a/Dockerfile",
        "ARG V=1\nFROM a:$V AS one\nCOPY x /\nFROM b\n",
    );
    root.write("b/Dockerfile", "FROM a:2 AS one\nCOPY x /\nFROM c\n");
    root.write("c/x", "");
    let run = root.run(&[
        "diff",
        "a/Dockerfile",
        "b/Dockerfile",
        "--context",
        "c",
        "--target",
        "one",
        "--build-arg",
        "V=2",
    ]);
    assert_eq!(
        (run.status, run.stdout.lines().next()),
        (0, Some("same: a/Dockerfile → b/Dockerfile"))
    );
    let elsewhere = root.path().join("a/Dockerfile");
    let run = root.run(&["diff", elsewhere.as_str(), "b/Dockerfile"]);
    assert_eq!(run.status, 1, "{}", run.told());
}
