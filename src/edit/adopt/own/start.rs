//! What a generated Dockerfile starts, listens on and asks for its health.

use super::text::{Piece, between, words};
use crate::edit::adopt::fold::Fields;
use crate::edit::adopt::node::Node;
use crate::edit::adopt::running::{RETRIES, TIMES, literal};
use crate::edit::adopt::uvicorn::{GRACEFUL, uvicorn};
use crate::values::canonical_duration;

/// How much longer the container may take to stop.
const MARGIN: u64 = 2;
/// The status that answers the probe unless another is declared.
const STATUS: &str = "c.getresponse().status";

/// What an image starts, as its last instructions say it.
#[derive(Debug, Default)]
pub(super) struct Start {
    port: Option<u64>,
    ports: Vec<Node>,
    volumes: Vec<String>,
    signal: Option<String>,
    health: Option<Vec<(String, Node)>>,
    entrypoint: Option<Vec<String>>,
    command: Option<Vec<String>>,
}

impl Start {
    /// Takes an instruction; `false` where it is none of these.
    pub(super) fn take(&mut self, piece: &Piece<'_>) -> bool {
        let json = || serde_json::from_str::<Vec<String>>(&piece.line).ok();
        match piece.keyword.as_str() {
            "EXPOSE" => self.expose(&piece.words()),
            "VOLUME" => self.volumes = json().unwrap_or_else(Vec::new),
            "STOPSIGNAL" => self.signal = Some(piece.line.clone()),
            "HEALTHCHECK" => self.health = health(&piece.line),
            "ENTRYPOINT" => self.entrypoint = json(),
            "CMD" => self.command = json(),
            _ => return false,
        }
        true
    }

    fn expose(&mut self, words: &[&str]) {
        for (at, word) in words.iter().enumerate() {
            match word.parse() {
                Ok(number) if at == 0 => self.port = Some(number),
                Ok(number) => self.ports.push(Node::Number(number)),
                Err(_) => self.ports.push(Node::text(*word)),
            }
        }
    }

    /// The volumes.
    pub(super) fn volumes(&self) -> &[String] {
        &self.volumes
    }

    /// The fields of a service. `is_foreign`: the image below may start something by itself;
    /// `application`: what uvicorn is given unless it is said.
    pub(super) fn fields(&self, fields: &mut Fields, is_foreign: bool, application: Option<&str>) {
        let mut say = |field: &'static str, node: Option<Node>| {
            fields.extend(node.map(|node| (field, node)));
        };
        let texts = |list: &[String]| Node::List(list.iter().map(Node::text).collect());
        say("port", self.port.map(Node::Number));
        let ports = self.ports.clone();
        say("ports", (!ports.is_empty()).then_some(Node::List(ports)));
        let volumes = &self.volumes;
        say("volumes", (!volumes.is_empty()).then(|| texts(volumes)));
        say("stop_signal", self.signal.as_ref().map(Node::text));
        say("healthcheck", Some(self.health()));
        let entrypoint = match &self.entrypoint {
            Some(words) if words.is_empty() && is_foreign => None,
            Some(words) => Some(command(words)),
            None if is_foreign || self.command.is_none() => Some(Node::text("inherit")),
            None => None,
        };
        say("entrypoint", entrypoint);
        let uvicorn = self.command.as_deref().and_then(uvicorn);
        if let Some((application_said, grace)) = uvicorn {
            let is_usual = Some(application_said) == application;
            say("app", (!is_usual).then(|| Node::text(application_said)));
            let grace = (grace != GRACEFUL).then(|| format!("{}s", grace.saturating_add(MARGIN)));
            say("stop_grace_period", grace.map(Node::Text));
        } else {
            say("cmd", self.command.as_deref().map(command));
        }
    }
}

impl Start {
    /// The value of `healthcheck`.
    fn health(&self) -> Node {
        let Some(said) = &self.health else {
            return Node::text("none");
        };
        let own_port = self.port.map(Node::Number);
        let is_said =
            |(name, node): &&(String, Node)| name != "port" || Some(node) != own_port.as_ref();
        let said: Vec<(String, Node)> = said.iter().filter(is_said).cloned().collect();
        match said.as_slice() {
            [(name, path)] if name == "path" => path.clone(),
            _ => Node::Map(said),
        }
    }
}

/// A command line: the words as one text where no quotes are needed, else as a list.
fn command(words: &[String]) -> Node {
    if words.is_empty() {
        return Node::text("none");
    }
    let is_plain = |word: &String| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._/:=@,+%-".contains(c);
        !word.is_empty() && word.chars().all(allowed)
    };
    let is_word = ["inherit", "none"].contains(&words[0].as_str());
    if words.iter().all(is_plain) && !(is_word && words.len() == 1) {
        Node::text(words.join(" "))
    } else {
        Node::texts(words.iter().map(|word| literal(word)))
    }
}

/// The fields of a health check.
fn health(line: &str) -> Option<Vec<(String, Node)>> {
    let (options, probe) = line.split_once(" CMD ")?;
    let probe: Vec<String> = serde_json::from_str(probe.trim()).ok()?;
    let mut fields = match probe.as_slice() {
        [python, flag, script] if python == "python" && flag == "-c" => request(script),
        _ => None,
    };
    let own = fields.get_or_insert_with(|| vec![("cmd".to_owned(), command(&probe))]);
    for option in words(options) {
        let Some((name, value)) = option.trim_start_matches("--").split_once('=') else {
            continue;
        };
        let field = name.replace('-', "_");
        let mut times = TIMES.into_iter();
        let is_time = |(known, usual)| known == field && canonical_duration(usual) == value;
        if times.any(is_time) || field == "retries" && value == RETRIES.to_string() {
            continue;
        }
        let node = value
            .parse()
            .map_or_else(|_| Node::text(value), Node::Number);
        own.push((field, node));
    }
    fields
}

/// The fields of a request, where it is the program that templates print.
fn request(script: &str) -> Option<Vec<(String, Node)>> {
    let (port, rest) = script
        .strip_prefix("import http.client as h; c = h.HTTPConnection('127.0.0.1', ")?
        .split_once(", timeout=")?;
    let rest = rest.split_once("c.request('GET', '")?.1;
    let (path, rest) = rest.split_once('\'')?;
    let mut fields = vec![("path".to_owned(), Node::Text(literal(path)))];
    if let Some(host) = between(rest, "{'Host': '", "'}") {
        fields.push(("host".to_owned(), Node::text(host)));
    }
    fields.push(("port".to_owned(), Node::Number(port.parse().ok()?)));
    let statuses = statuses(rest.rsplit_once("; c.").map_or(rest, |(_, rest)| rest));
    if !statuses.is_empty() {
        fields.push(("status".to_owned(), Node::List(statuses)));
    }
    Some(fields)
}

/// The answers that count, from the end of the program; none for 200 alone.
fn statuses(answer: &str) -> Vec<Node> {
    let number = |text: &str| text.parse().map_or_else(|_| Node::text(text), Node::Number);
    let class = |text: &str| Node::Text(format!("{text}xx"));
    let list =
        |text: &str, of: &dyn Fn(&str) -> Node| -> Vec<Node> { text.split(", ").map(of).collect() };
    if let Some((single, classes)) = answer.split_once("] and s // 100 not in [") {
        let single = single.rsplit_once('[').map_or(single, |(_, list)| list);
        let classes = classes.split(']').next().unwrap_or(classes);
        return [list(single, &number), list(classes, &class)].concat();
    }
    for (start, end, of) in [
        (" // 100 not in (", "))", &class as &dyn Fn(&str) -> Node),
        (" // 100 != ", ")", &class),
        (" not in (", "))", &number),
        (" != ", ")", &number),
    ] {
        let found = between(answer, &format!("{STATUS}{start}"), end);
        if let Some(found) = found.filter(|found| *found != "200") {
            return list(found, of);
        }
    }
    Vec::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_told_by_how_they_are_compared() {
        for (answer, told) in [
            ("raise SystemExit(c.getresponse().status != 200)", "[]"),
            ("raise SystemExit(c.getresponse().status != 204)", "[204]"),
            (
                "raise SystemExit(c.getresponse().status not in (200, 204))",
                "[200, 204]",
            ),
            (
                "raise SystemExit(c.getresponse().status // 100 != 2)",
                "[\"2xx\"]",
            ),
            (
                "s = c.getresponse().status; \
                 raise SystemExit(s not in [200] and s // 100 not in [3])",
                "[200, \"3xx\"]",
            ),
        ] {
            assert_eq!(Node::List(statuses(answer)).flow(), told);
        }
    }
}
