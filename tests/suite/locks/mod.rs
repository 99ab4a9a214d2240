//! Locks: what is resolved, what moves when, and that nothing of a lock reaches a build unread. The
//! resolver is a shell script of ours, but for `arm` and `real`, where real ones judge.

mod arm;
mod hostile;
mod real;
mod resolving;
mod stale;

use crate::support::{Root, Run};

/// Two bases, a service on the upper one and one without a base.
pub(crate) const FLEET: &str = "\
registry: registry.example
owner: acme
python: \"3.12\"
locks: locks
requirements:
  base: [fastapi]
  more:
    - numpy
bases:
  base-low: { version: v1.0.0, requirements: [base] }
  base-high: { version: v1.0.0, from: base-low, requirements: [more] }
kinds:
  web: { template: multi-stage-slim, requirements: [base] }
  on-high: { template: runtime-on-base, base: base-high }
services:
  svc-alone:
    kind: web
    port: 8000
  svc-high:
    kind: on-high
    pip:
      - rdflib>=7
    port: 8000
";

/// A program in the place of uv. It pins every requirement to 7.0, fastapi brings starlette and
/// starlette brings anyio, rdflib brings anyio and a package for one architecture and one for
/// Windows alone; it keeps versions that it is given, and cannot resolve `impossible`.
const UV: &str = r#"#!/bin/sh
[ "$1" = --version ] && { echo "uv 0.0.0"; exit 0; }
echo "$*" >> "$LOG"
env | sort | grep -E '^(UV_CONSTRAINT|UV_INDEX_URL)=' >> "$LOG"
if grep -q impossible requirements.in; then
    printf 'no way:\n##[error]\033[31m impossible is not to be had\n' >&2
    exit 1
fi
pin() {
    version=$(sed -n "s/^$1==\([^ ;]*\).*/\1/p" lock.txt constraints.txt | head -n 1)
    printf '%s==%s%s \\\n    --hash=sha256:%s\n    # via %s\n' \
        "$1" "${version:-${VERSION:-7.0}}" "$3" "$(printf %s "$1$VERSION" | sha256sum | cut -c 1-64)" "$2"
}
sed 's/[^A-Za-z0-9._-].*//' requirements.in | sort -u | while read -r name; do
    pin "$name" "-c constraints.txt, -r requirements.in"
    case $name in
    fastapi) pin starlette fastapi; pin anyio starlette ;;
    rdflib)
        pin anyio "rdflib"
        pin only-arm rdflib " ; platform_machine == 'aarch64' and sys_platform == 'linux'"
        pin only-windows rdflib " ; sys_platform == 'win32'"
        ;;
    esac
done > answer
mv answer lock.txt
"#;

/// A fleet in a folder, and a folder of programs in front of PATH.
pub(crate) struct Locking {
    pub(crate) root: Root,
    programs: Root,
}

impl Locking {
    pub(crate) fn new(declaration: &str) -> Self {
        let locking = Self {
            root: Root::new(declaration),
            programs: Root::empty(),
        };
        locking.program("uv", UV);
        locking
    }

    pub(super) fn program(&self, name: &str, script: &str) {
        self.programs.write(name, script);
        self.programs.set_mode(name, 0o755);
    }

    /// Runs dockwright with our programs.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_for("7.0", arguments)
    }

    /// The same, with this version as the newest of everything.
    pub(super) fn run_for(&self, version: &str, arguments: &[&str]) -> Run {
        let path = format!("{}:/usr/bin:/bin", self.programs.path());
        let log = self.programs.path().join("log");
        self.root.run_in(
            &[
                ("PATH", &path),
                ("LOG", log.as_str()),
                ("VERSION", version),
                ("UV_CONSTRAINT", "x"),
            ],
            arguments,
        )
    }

    /// Locks and generates; both must succeed.
    pub(crate) fn settled(declaration: &str) -> Self {
        let locking = Self::new(declaration);
        locking.settle();
        locking
    }

    pub(super) fn settle(&self) {
        for command in ["lock", "generate"] {
            let run = self.run(&[command]);
            assert_eq!(run.status, 0, "{command}: {}", run.told());
        }
        assert_eq!(self.root.check().status, 0, "{}", self.root.check().told());
    }

    /// What the resolver was asked so far, a line a call.
    pub(super) fn asked(&self) -> Vec<String> {
        if self.programs.exists("log") {
            self.programs
                .text("log")
                .lines()
                .map(str::to_owned)
                .collect()
        } else {
            Vec::new()
        }
    }
}

/// The code, place and message of every diagnostic of `check`.
pub(super) fn found(run: &Run) -> Vec<(String, String, String)> {
    let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
    let report = run.json();
    let diagnostics = report["diagnostics"].as_array().unwrap().iter();
    let told = diagnostics.map(|one| {
        let place = format!("{}:{}", text(&one["file"]), one["line"]);
        (text(&one["code"]), place, text(&one["message"]))
    });
    told.collect()
}
