//! The health check: what asks, whom, and how often.

use super::super::Instruction;
use super::super::lexer::Variables;
use super::model::Launch;

/// A health check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// What is asked; nothing where the check is switched off (`HEALTHCHECK NONE`).
    pub probe: Option<Probe>,
    /// The command that asks, as it is written; nothing where the check is switched off.
    pub(crate) launch: Option<Launch>,
    /// How often, and how long an answer may take.
    pub timing: Timing,
}

/// What a health check asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Probe {
    /// A request over HTTP.
    Http {
        /// The host; this machine by any of its names is `127.0.0.1`.
        host: String,
        /// The port, where it is a number.
        port: String,
        /// The path, which begins with a slash.
        path: String,
        /// The program that queries registries.
        tool: ProbeTool,
    },
    /// A command.
    Command(Launch),
}

/// The program that asks over HTTP.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProbeTool {
    /// curl
    Curl,
    /// wget
    Wget,
    /// Python's own library or a package
    Python,
}

/// Times in milliseconds, with Docker's defaults where none is said
/// (`DefaultProbeInterval` and its like in moby's `daemon/health.go`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timing {
    /// From one check to the next.
    pub interval_ms: u64,
    /// For an answer.
    pub timeout_ms: u64,
    /// In which failures do not count.
    pub start_period_ms: u64,
    /// From one check to the next in that time.
    pub start_interval_ms: u64,
    /// Failures in a row before the image counts as unhealthy.
    pub retries: u64,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            interval_ms: 30_000,
            timeout_ms: 30_000,
            start_period_ms: 0,
            start_interval_ms: 5_000,
            retries: 3,
        }
    }
}

impl Health {
    /// Reads a `HEALTHCHECK`; nothing where `BuildKit` refuses it.
    ///
    /// `BuildKit` fills in no variables; a shell form finds the image's when it runs.
    pub(super) fn read(instruction: &Instruction, variables: &dyn Variables) -> Option<Self> {
        let values = instruction.values()?;
        let (kind, command) = values.split_first()?;
        if kind.eq_ignore_ascii_case("NONE") {
            return Some(Self {
                probe: None,
                launch: None,
                timing: Timing::default(),
            });
        }
        let launch = match instruction.exec_form() {
            Some(words) => Launch::Exec(words),
            None => Launch::Shell(command.first()?.clone()),
        };
        let asked = http(&launch, variables);
        let probe = asked.unwrap_or_else(|| Probe::Command(launch.clone()));
        Some(Self {
            probe: Some(probe),
            launch: Some(launch),
            timing: Timing::read(&instruction.flags())?,
        })
    }
}

impl Timing {
    fn read(flags: &[String]) -> Option<Self> {
        let mut timing = Self::default();
        for flag in flags {
            let (name, value) = flag.split_once('=')?;
            let place = match name {
                "--interval" => &mut timing.interval_ms,
                "--timeout" => &mut timing.timeout_ms,
                "--start-period" => &mut timing.start_period_ms,
                "--start-interval" => &mut timing.start_interval_ms,
                "--retries" => {
                    // No retries stand for the default.
                    let retries: u64 = value.parse().ok()?;
                    timing.retries = if retries == 0 {
                        timing.retries
                    } else {
                        retries
                    };
                    continue;
                }
                _ => return None,
            };
            // So does a time of nothing; the start period's default is nothing.
            let milliseconds = milliseconds(value)?;
            if milliseconds > 0 {
                *place = milliseconds;
            }
        }
        Some(timing)
    }
}

/// A duration as Go writes it (`time.ParseDuration`): `1m30s`, `0.5s`.
fn milliseconds(text: &str) -> Option<u64> {
    let mut total = 0.0_f64;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|part: char| !(part.is_ascii_digit() || part == '.'))?;
        let (number, behind) = rest.split_at(end);
        let unit = behind.find(|part: char| part.is_ascii_digit() || part == '.');
        let (unit, behind) = behind.split_at(unit.unwrap_or(behind.len()));
        let factor = match unit {
            "ns" => 0.000_001,
            "us" | "µs" => 0.001,
            "ms" => 1.0,
            "s" => 1_000.0,
            "m" => 60_000.0,
            "h" => 3_600_000.0,
            _ => return None,
        };
        total += number.parse::<f64>().ok()? * factor;
        rest = behind;
    }
    let is_duration = !text.is_empty() && total.is_finite() && (0.0..1e15).contains(&total);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is between 0 and 1e15"
    )]
    is_duration.then_some(total.round() as u64)
}

/// The request that a command makes.
fn http(launch: &Launch, variables: &dyn Variables) -> Option<Probe> {
    let words = request_words(launch, variables)?;
    let program = words.first()?.rsplit('/').next()?;
    let tool = match program {
        "curl" => ProbeTool::Curl,
        "wget" => ProbeTool::Wget,
        python if python.starts_with("python") => ProbeTool::Python,
        _ => return None,
    };
    if tool == ProbeTool::Python {
        let at = words.iter().position(|word| word == "-c")?;
        return in_python(words.get(at + 1)?);
    }
    let mut urls = words.iter().skip(1).filter(|word| is_url(word));
    let url = urls.next()?;
    let asks_more = urls.next().is_some()
        || words.iter().any(|word| {
            matches!(
                word.as_str(),
                "-X" | "-d" | "-H" | "--data" | "--header" | "--request" | "--unix-socket"
            )
        });
    if asks_more {
        return None;
    }
    request(url, tool)
}

/// The words of the one command that asks: alone, or with `|| exit 1` behind it.
fn request_words(launch: &Launch, variables: &dyn Variables) -> Option<Vec<String>> {
    let text = match launch {
        Launch::Exec(words) => match words.as_slice() {
            [shell, flag, script] if is_shell(shell) && flag == "-c" => script,
            _ => return Some(words.clone()),
        },
        Launch::Shell(text) => text,
    };
    super::shell::guarded_words(text, variables)
}

fn is_shell(word: &str) -> bool {
    matches!(word, "sh" | "bash" | "/bin/sh" | "/bin/bash")
}

fn is_url(word: &str) -> bool {
    let is_address = |word: &str| {
        ["localhost", "127.0.0.1", "0.0.0.0"]
            .iter()
            .any(|host| word.starts_with(host))
    };
    word.starts_with("http://") || is_address(word)
}

fn request(url: &str, tool: ProbeTool) -> Option<Probe> {
    let location = url.strip_prefix("http://").unwrap_or(url);
    let end = location.find('/').unwrap_or(location.len());
    let (authority, path) = location.split_at(end);
    let (host, port) = authority.rsplit_once(':').unwrap_or((authority, "80"));
    if host.contains(['[', ']', '@']) {
        return None;
    }
    let host = if matches!(host, "localhost" | "0.0.0.0") {
        "127.0.0.1"
    } else {
        host
    };
    let path = if path.is_empty() { "/" } else { path };
    Some(Probe::Http {
        host: host.to_owned(),
        port: port.to_owned(),
        path: path.to_owned(),
        tool,
    })
}

/// The request of a Python one-liner: a URL in quotes, or `HTTPConnection(host, port)` with
/// `request('GET', path)`.
fn in_python(script: &str) -> Option<Probe> {
    let literals = literals(script);
    if let Some(url) = literals
        .iter()
        .find(|literal| literal.starts_with("http://"))
    {
        let asks = [
            "urlopen",
            "requests.get",
            "httpx.get",
            "urllib.request.urlopen",
            "session.get",
        ];
        let is_plain = asks.iter().any(|word| script.contains(word));
        return if is_plain {
            request(url, ProbeTool::Python)
        } else {
            None
        };
    }
    if names_more(script) {
        return None;
    }
    let (_, rest) = script.split_once("HTTPConnection(")?;
    let (arguments, rest) = rest.split_once(')')?;
    let mut arguments = arguments
        .split(',')
        .map(|argument| argument.trim().trim_matches(['"', '\'']));
    let (host, port) = (arguments.next()?, arguments.next()?);
    let (_, rest) = rest.split_once(".request(")?;
    let path = rest.split(['\'', '"']).find(|part| part.starts_with('/'))?;
    request(&format!("{host}:{port}{path}"), ProbeTool::Python)
}

/// Whether a script sends headers of its own, or counts other answers than 200: such a request is
/// more than its host, port and path.
fn names_more(script: &str) -> bool {
    ["headers=", " not in ", "// 100"]
        .iter()
        .any(|word| script.contains(word))
        || script.contains("status != ") && !script.contains("status != 200")
}

/// The texts between quotes of a script.
fn literals(script: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut rest = script;
    while let Some(start) = rest.find(['"', '\'']) {
        let quote = rest.get(start..=start).unwrap_or_default();
        let inside = rest.get(start + 1..).unwrap_or_default();
        let Some((literal, after)) = inside.split_once(quote) else {
            break;
        };
        found.push(literal);
        rest = after;
    }
    found
}

impl Health {
    /// The command that asks, where no request over HTTP to a known port says it.
    pub(crate) fn command(&self) -> Option<&Launch> {
        match self.probe.as_ref()? {
            Probe::Command(launch) => Some(launch),
            Probe::Http { port, .. } if port.parse::<u16>().is_err() => self.launch.as_ref(),
            Probe::Http { .. } => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::super::{Segment, segment};
    use super::*;

    fn health(line: &str) -> Option<Health> {
        let text = format!("FROM a\n{line}\n");
        let segments = segment(&text);
        let instruction = segments
            .iter()
            .filter_map(Segment::instruction)
            .nth(1)
            .cloned();
        Health::read(
            &instruction.unwrap(),
            &BTreeMap::from([("P".to_owned(), "8000".to_owned())]),
        )
    }

    #[test]
    fn requests_over_http_are_known_whoever_asks() {
        for (command, tool) in [
            (
                "CMD curl -f http://localhost:8000/healthz || exit 1",
                ProbeTool::Curl,
            ),
            (
                "CMD [\"curl\", \"-fsS\", \"http://127.0.0.1:8000/healthz\"]",
                ProbeTool::Curl,
            ),
            (
                "CMD wget -qO- localhost:$P/healthz > /dev/null || exit 1",
                ProbeTool::Wget,
            ),
            (
                "CMD [\"sh\", \"-c\", \"curl -f http://0.0.0.0:8000/healthz || exit 1\"]",
                ProbeTool::Curl,
            ),
            (
                "CMD python -c \"import urllib.request; urllib.request.urlopen('http://localhost:8000/healthz')\" || exit 1",
                ProbeTool::Python,
            ),
            (
                "CMD [\"python\", \"-c\", \"import http.client as h; c = h.HTTPConnection('127.0.0.1', 8000, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)\"]",
                ProbeTool::Python,
            ),
        ] {
            let found = health(&format!("HEALTHCHECK {command}")).unwrap();
            let expected = Probe::Http {
                host: "127.0.0.1".to_owned(),
                port: "8000".to_owned(),
                path: "/healthz".to_owned(),
                tool,
            };
            assert_eq!(found.probe, Some(expected), "{command}");
        }
    }

    #[test]
    fn anything_else_stays_a_command() {
        for command in [
            "CMD pg_isready",
            "CMD curl -X POST http://localhost/",
            "CMD python check.py",
        ] {
            let found = health(&format!("HEALTHCHECK {command}")).unwrap();
            assert!(matches!(found.probe, Some(Probe::Command(_))), "{command}");
        }
        assert_eq!(health("HEALTHCHECK NONE").unwrap().probe, None);
    }

    #[test]
    fn times_are_dockers_where_none_is_said() {
        let timing = health("HEALTHCHECK CMD a").unwrap().timing;
        assert_eq!(timing, Timing::default());
        let timing = health(
            "HEALTHCHECK --interval=1m30s --timeout=0.5s --start-period=0s --retries=0 CMD a",
        );
        let expected = Timing {
            interval_ms: 90_000,
            timeout_ms: 500,
            ..Timing::default()
        };
        assert_eq!(timing.unwrap().timing, expected);
        assert_eq!(health("HEALTHCHECK --interval=1 CMD a"), None);
    }
}
