//! Edits of services.yaml change their own bytes alone, over thousands of ways to write the same
//! file.
//!
//! The texts come from a fixed pseudo-random sequence: comments anywhere, three quote styles, flow
//! and block mappings and lists, LF and CRLF, indents of one to four, block scalars, anchors, empty
//! lines, with and without a final newline. The judges of what a text means are the YAML loader
//! without our schema and, where it is installed, `PyYAML`, which knows YAML 1.1.

use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use dockwright::edit::declaration::{
    EditError, NewService, add_service, set_base_fingerprint, set_base_version, set_image_digest,
    set_python,
};
use serde_json::{Value, json};

use crate::support::{Dice, cases_of, has};

/// A services.yaml in the making.
struct Page {
    dice: Dice,
    text: String,
    end: &'static str,
    step: usize,
}

impl Page {
    fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed.wrapping_mul(0x5851_f42d_4c95_7f2d));
        let end = if dice.once_in(3) { "\r\n" } else { "\n" };
        let step = dice.below(4) + 1;
        Self {
            dice,
            text: String::new(),
            end,
            step,
        }
    }

    /// A line with perhaps a comment behind and perhaps comments or empty lines below.
    fn line(&mut self, level: usize, content: &str) {
        let margin = " ".repeat(level * self.step);
        let comment = if self.dice.once_in(6) {
            self.dice.pick(&[" # why: x", "   # { [ \"", " #"])
        } else {
            ""
        };
        write!(self.text, "{margin}{content}{comment}{}", self.end).unwrap();
        while self.dice.once_in(9) {
            let filler = self
                .dice
                .pick(&["", "# note", "  # deeper: [", "        # 'deepest"]);
            write!(self.text, "{filler}{}", self.end).unwrap();
        }
    }

    fn quoted(&mut self, value: &str) -> String {
        match self.dice.below(4) {
            0 => format!("'{value}'"),
            1 => format!("\"{value}\""),
            _ if value.starts_with(|first: char| first.is_ascii_digit()) => format!("\"{value}\""),
            _ => value.to_owned(),
        }
    }

    fn flow_service(&mut self, port: u64) -> String {
        let kind = self.quoted("web");
        let fields = match self.dice.below(4) {
            0 => format!("kind: {kind}, port: {port}"),
            1 => format!("kind: {kind}, pip: [httpx, 'orjson>=3'], port: {port}"),
            2 => format!("port: {port}, kind: {kind}, env: {{ A: \"#x\" }}"),
            _ => format!("kind: {kind}"),
        };
        if self.dice.once_in(3) {
            format!("{{{fields}}}")
        } else {
            format!("{{ {fields} }}")
        }
    }

    fn block_service(&mut self, port: u64) {
        let kind = self.quoted("web");
        self.line(2, &format!("kind: {kind}"));
        if self.dice.once_in(3) {
            self.line(2, "pip:");
            self.line(3, "- httpx");
            self.line(3, "- \"orjson\"");
        }
        self.line(2, &format!("port: {port}"));
        if self.dice.once_in(4) {
            // Comments below would become part of the block scalar, so these lines are written
            // bare.
            let margin = |level: usize| " ".repeat(level * self.step);
            let head = self.dice.pick(&["|", "|-", ">", "|+"]);
            let (hooks, point, body, end) = (margin(2), margin(3), margin(5), self.end);
            write!(
                self.text,
                "{hooks}hooks:{end}{point}after_apt:{end}{point}- {head}{end}"
            )
            .unwrap();
            write!(
                self.text,
                "{body}RUN true # no comment{end}{body}RUN false{end}"
            )
            .unwrap();
            for _ in 0..self.dice.below(3) {
                self.text += end;
            }
        }
    }

    fn names(&mut self) -> Vec<&'static str> {
        let mut names = vec!["svc-a", "svc-k", "svc-p", "svc-x"];
        names.truncate(self.dice.below(4) + 1);
        if self.dice.once_in(2) {
            names.reverse();
        }
        names
    }

    fn services(&mut self) {
        let names = self.names();
        match self.dice.below(6) {
            0 => {
                let entries: Vec<String> = names
                    .iter()
                    .map(|name| format!("{name}: {}", self.flow_service(8000)))
                    .collect();
                self.line(0, &format!("services: {{ {} }}", entries.join(", ")));
            }
            1 => {
                let entries: Vec<String> = names
                    .iter()
                    .map(|name| format!("{name}: {}", self.flow_service(8000)))
                    .collect();
                let margin = " ".repeat(self.step);
                let comma = if self.dice.once_in(2) { "," } else { "" };
                let joined = entries.join(&format!(",{}{margin}", self.end));
                let end = self.end;
                write!(
                    self.text,
                    "services: {{{end}{margin}{joined}{comma} # last{end}}}{end}"
                )
                .unwrap();
            }
            2 if self.dice.once_in(3) => self.line(0, "services:"),
            _ => {
                let anchor = if self.dice.once_in(20) { " &all" } else { "" };
                self.line(0, &format!("services:{anchor}"));
                for name in names {
                    if self.dice.once_in(3) {
                        let flow = self.flow_service(8001);
                        self.line(1, &format!("{name}: {flow}"));
                    } else {
                        let key = self.quoted(name);
                        self.line(1, &format!("{key}:"));
                        self.block_service(8002);
                    }
                }
            }
        }
    }

    fn bases(&mut self) {
        let version = self.quoted("v1.0.1");
        let version = if self.dice.once_in(25) {
            format!("&v {version}")
        } else {
            version
        };
        let fingerprint = if self.dice.once_in(2) {
            self.quoted("v1.0.0@0011223344556677")
        } else {
            String::new()
        };
        match self.dice.below(3) {
            0 if fingerprint.is_empty() => {
                self.line(0, &format!("bases: {{ base-a: {{version: {version}}} }}"));
            }
            1 => {
                self.line(0, "bases:");
                let field = if fingerprint.is_empty() {
                    String::new()
                } else {
                    format!("fingerprint: {fingerprint}, ")
                };
                self.line(
                    1,
                    &format!("base-a: {{ version: {version}, {field}requirements: [] }}"),
                );
            }
            _ => {
                self.line(0, "bases:");
                self.line(1, "base-a:");
                self.line(2, &format!("version: {version}"));
                if !fingerprint.is_empty() {
                    self.line(2, &format!("fingerprint: {fingerprint}"));
                }
                self.line(2, "env: { A: b }");
            }
        }
    }

    fn images(&mut self) {
        let digest = self.quoted(&format!("sha256:{}", "0".repeat(64)));
        let tag = self.quoted("v1");
        match self.dice.below(6) {
            0 => self.line(
                0,
                &format!("images: {{ tools: {{reference: x/t, tag: {tag}}} }}"),
            ),
            1 => {
                self.line(0, "images:");
                self.line(
                    1,
                    &format!("tools: {{ reference: x/t, tag: {tag}, digest: {digest} }}"),
                );
            }
            2 => {
                self.line(0, "images:");
                self.line(1, "tools:");
                self.line(2, "reference: x/t");
                self.line(2, &format!("tag: {tag}"));
                self.line(1, "python-slim:");
                self.line(2, "reference: m.example/python");
                if self.dice.once_in(2) {
                    self.line(2, "digests:");
                    self.line(3, &format!("3.12-slim: {digest}"));
                }
            }
            3 => self.line(
                0,
                &format!(
                    "images: {{ python-slim: {{ reference: m, digests: {{ '3.11-slim': \
                 {digest} }} }} }}"
                ),
            ),
            _ => {}
        }
    }

    /// The whole text, its sections in one of several orders.
    fn finish(mut self) -> String {
        self.line(0, "registry: registry.example.com");
        let python = self.quoted("3.12");
        let services_first = self.dice.once_in(2);
        if services_first {
            self.services();
        }
        self.line(0, &format!("python: {python}"));
        self.bases();
        self.line(0, "kinds: { web: { template: multi-stage-slim } }");
        if !services_first {
            self.services();
        }
        self.images();
        if self.dice.once_in(3) {
            self.text.truncate(self.text.trim_end().len());
        }
        self.text
    }
}

/// What an edit is to do, on values.
struct Edit {
    result: Result<String, EditError>,
    change: fn(&mut Value),
}

const DIGEST: &str = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn pin_python(value: &mut Value) {
    if value["images"]["python-slim"].is_null() {
        value["images"]["python-slim"] = json!({ "reference": "python", "tag": "{python}-slim" });
    }
    value["images"]["python-slim"]["digests"]["3.12-slim"] = json!(DIGEST);
}

/// The edits of `pin`: the image that may be built in, and another one where it is declared.
fn pins(text: &str) -> Vec<Edit> {
    let set = |image, tag| set_image_digest(text, image, tag, DIGEST, "python");
    let tools = text.contains("tools:").then(|| Edit {
        result: set("tools", "v1"),
        change: |value| value["images"]["tools"]["digest"] = json!(DIGEST),
    });
    let python = Edit {
        result: set("python-slim", "3.12-slim"),
        change: pin_python,
    };
    std::iter::once(python).chain(tools).collect()
}

fn edits(text: &str) -> [Edit; 5] {
    let service = |name: &str| NewService {
        name: name.to_owned(),
        kind: Some("web".to_owned()),
        apt: vec!["libpq5".to_owned()],
        pip: vec![
            "stripe>=9; python_version > \"3.9\"".to_owned(),
            "yes".to_owned(),
        ],
        port: Some(8017),
        ..NewService::default()
    };
    [
        Edit {
            result: set_python(text, "3.13"),
            change: |value| value["python"] = json!("3.13"),
        },
        Edit {
            result: set_base_version(text, "base-a", "v1.0.2"),
            change: |value| value["bases"]["base-a"]["version"] = json!("v1.0.2"),
        },
        Edit {
            result: set_base_fingerprint(text, "base-a", "v1.0.2@8899aabbccddeeff"),
            change: |value| {
                value["bases"]["base-a"]["fingerprint"] = json!("v1.0.2@8899aabbccddeeff");
            },
        },
        Edit {
            result: add_service(text, &service("svc-m")),
            change: |value| value["services"]["svc-m"] = added(),
        },
        Edit {
            result: add_service(text, &service("aaa")),
            change: |value| value["services"]["aaa"] = added(),
        },
    ]
}

fn added() -> Value {
    json!({"kind": "web", "apt": ["libpq5"], "pip": ["stripe>=9; python_version > \"3.9\"", "yes"], "port": 8017})
}

fn load(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// Whether the bytes of the old text are all there, in order, but for one replaced value.
fn keeps_other_bytes(before: &str, after: &str, longest: usize) -> bool {
    let prefix = before
        .bytes()
        .zip(after.bytes())
        .take_while(|(old, new)| old == new)
        .count();
    let rest = (&before.as_bytes()[prefix..], &after.as_bytes()[prefix..]);
    let suffix = rest
        .0
        .iter()
        .rev()
        .zip(rest.1.iter().rev())
        .take_while(|(old, new)| old == new)
        .count();
    let replaced = rest.0.len() - suffix;
    // A comma may come before a comment that stays.
    replaced <= longest || (before.contains("# last") && replaced <= 40)
}

#[test]
fn every_edit_changes_its_own_bytes_alone_or_is_refused() {
    let mut judged: Vec<(String, Value)> = Vec::new();
    let (mut taken, mut refused) = (0, 0);
    for seed in 0..u64::from(cases_of(400, 2_000)) {
        let text = Page::new(seed).finish();
        let before = load(&text);
        for (number, edit) in edits(&text).into_iter().chain(pins(&text)).enumerate() {
            let Ok(after) = edit.result else {
                // A block scalar at the very end gains a line end with whatever follows it, so its
                // value would change.
                let ends_in_block_scalar = text.ends_with("RUN false");
                assert!(
                    text.contains('&') || ends_in_block_scalar,
                    "{number}: {:?}\n{text}",
                    edit.result
                );
                refused += 1;
                continue;
            };
            taken += 1;
            // The longest value that an edit replaces is a quoted fingerprint, or a quoted digest.
            let longest = if number < 5 { 26 } else { 73 };
            assert!(
                keeps_other_bytes(&text, &after, longest),
                "edit {number} of\n{text}\n---\n{after}"
            );
            assert_eq!(text.contains("\r\n"), after.contains("\r\n"));
            assert!(
                !text.contains("\r\n") || !after.replace("\r\n", "").contains('\n'),
                "line ends are mixed:\n{after}"
            );
            assert_eq!(
                text.ends_with('\n'),
                after.ends_with('\n'),
                "the final newline changed:\n{after}"
            );
            let mut expected = before.clone();
            (edit.change)(&mut expected);
            assert_eq!(
                load(&after),
                expected,
                "edit {number} of\n{text}\n---\n{after}"
            );
            judged.push((after, expected));
        }
    }
    assert!(refused * 25 < taken, "{refused} refused, {taken} taken");
    judge_by_pyyaml(&judged);
}

/// Holds each edited text against what `PyYAML` reads in it.
fn judge_by_pyyaml(judged: &[(String, Value)]) {
    let script = "import json, sys, yaml\nfor text in json.load(sys.stdin):\n    \
     print(json.dumps(yaml.load(text, Loader=getattr(yaml, 'CSafeLoader', yaml.SafeLoader))))\n";
    if !has(&["python3", "pyyaml"]) {
        return;
    }
    let mut child = Command::new("python3")
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let texts: Vec<&str> = judged.iter().map(|(text, _)| text.as_str()).collect();
    let mut input = child.stdin.take().unwrap();
    let all = serde_json::to_vec(&texts).unwrap();
    let writer = std::thread::spawn(move || input.write_all(&all));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    let lines: Vec<&str> = std::str::from_utf8(&output.stdout)
        .unwrap()
        .lines()
        .collect();
    assert_eq!(lines.len(), judged.len());
    for (line, (text, expected)) in lines.iter().zip(judged) {
        let read: Value = serde_json::from_str(line).unwrap();
        assert_eq!(&read, expected, "{text}");
    }
}

#[test]
fn the_fleet_of_this_repository_takes_every_edit_as_pure_lines() {
    let text = include_str!("../../services.yaml");
    let bumped = set_base_version(text, "base-ml", "v9.0.0").unwrap();
    let changed: Vec<_> = text
        .lines()
        .zip(bumped.lines())
        .filter(|(old, new)| old != new)
        .collect();
    assert_eq!(changed.len(), 1);
    let service = NewService {
        name: "svc-payments".to_owned(),
        kind: Some("non-ml".to_owned()),
        ..NewService::default()
    };
    let added = add_service(text, &service).unwrap();
    let after_the_last = text.find("\n# How strictly").unwrap();
    let (services, policy) = text.split_at(after_the_last);
    assert!(
        added == format!("{services}  svc-payments:\n    kind: non-ml\n{policy}"),
        "the entry is not alone, or not the last"
    );
}
