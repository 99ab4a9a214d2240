//! What an image runs, as `cmd`, `entrypoint`, `port`, `ports` and `healthcheck`.

use super::node::Node;
use crate::dockerfile::meaning::{Health, Launch, Meaning, Probe, Timing};
use crate::dockerfile::runner::without_runner;
use crate::fleet::placeholder::PLACEHOLDERS;
use crate::values::canonical_duration;

/// The times of a health check unless it says others, in milliseconds.
pub(super) const TIMES: [(&str, u64); 3] = [
    ("interval", 30_000),
    ("timeout", 5_000),
    ("start_period", 20_000),
];
/// How often it may fail unless it says another number.
pub(super) const RETRIES: u64 = 3;

/// The options of a HEALTHCHECK with all of these, so that a declaration need not say them.
pub(crate) fn usual_times() -> String {
    let option = |(name, milliseconds): (&str, u64)| {
        format!("--{}={}s", name.replace('_', "-"), milliseconds / 1000)
    };
    let times = TIMES.map(option).join(" ");
    format!("{times} --retries={RETRIES}")
}

/// A command line; nothing where there is none.
pub(super) fn launch(launch: &Launch) -> Node {
    let words = match launch {
        Launch::Exec(words) => words.clone(),
        Launch::Shell(text) => launch
            .plain_words()
            .unwrap_or_else(|| vec!["sh".to_owned(), "-c".to_owned(), text.clone()]),
    };
    command(&without_runner(&words))
}

/// Words as one text where no quotes are needed, else as a list.
fn command(words: &[String]) -> Node {
    // Alone and without brackets, these stand for something else.
    if let [word] = words
        && ["inherit", "none"].contains(&word.as_str())
    {
        return Node::texts(words.to_vec());
    }
    if words.is_empty() {
        return Node::text("none");
    }
    let words: Vec<String> = words.iter().map(|word| literal(word)).collect();
    let is_plain = |word: &String| {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._/:=@,+%-".contains(c);
        !word.is_empty() && word.chars().all(allowed)
    };
    if words.iter().all(is_plain) {
        Node::text(words.join(" "))
    } else {
        Node::texts(words)
    }
}

/// A text in which no braces stand for anything.
pub(super) fn literal(text: &str) -> String {
    let mut text = text.to_owned();
    for word in PLACEHOLDERS {
        let (written, escaped) = (format!("{{{word}}}"), format!("{{{{{word}}}}}"));
        if text.contains(&written) && !text.contains(&format!("${written}")) {
            text = text.replace(&written, &escaped);
        }
    }
    text
}

/// The ports: the one that the program is reached at, and the others.
pub(super) fn ports(meaning: &Meaning) -> (Option<u64>, Vec<Node>) {
    let mut port = None;
    let mut others = Vec::new();
    let probed = probed_port(meaning);
    let numbers = || {
        let plain = meaning
            .ports
            .iter()
            .filter_map(|port| port.strip_suffix("/tcp"));
        plain
            .filter_map(|port| port.parse::<u64>().ok())
            .filter(|port| *port > 0)
    };
    let named = numbers().find(|number| Some(*number) == probed);
    let started = numbers().find(|number| starts_with(meaning, *number));
    port = port
        .or(named)
        .or(started)
        .or_else(|| numbers().next())
        .or(probed);
    for other in &meaning.ports {
        match other.strip_suffix("/tcp") {
            Some(number) if number.parse().ok() == port => {}
            Some(number) => match number.parse() {
                Ok(number) => others.push(Node::Number(number)),
                Err(_) => others.push(Node::text(number)),
            },
            None => others.push(Node::text(other)),
        }
    }
    (port, others)
}

fn starts_with(meaning: &Meaning, port: u64) -> bool {
    let text = match &meaning.command {
        Some(Launch::Exec(words)) => words.join(" "),
        Some(Launch::Shell(text)) => text.clone(),
        None => return false,
    };
    text.split(|character: char| !character.is_ascii_digit())
        .any(|word| word == port.to_string())
}

fn probed_port(meaning: &Meaning) -> Option<u64> {
    match meaning.health.as_ref()?.probe.as_ref()? {
        Probe::Http { port, .. } => port.parse().ok(),
        Probe::Command(_) => None,
    }
}

/// The health check, and whether it needs the port.
pub(super) fn health(health: Option<&Health>, port: Option<u64>) -> Option<Node> {
    let health = health?;
    let probe = health.probe.as_ref()?;
    let mut fields: Vec<(String, Node)> = Vec::new();
    let mut say = |name: &str, node: Node| fields.push((name.to_owned(), node));
    match (health.command(), probe) {
        (Some(asks), _) | (None, Probe::Command(asks)) => say("cmd", launch(asks)),
        (
            None,
            Probe::Http {
                host,
                port: asked,
                path,
                ..
            },
        ) => {
            say("path", Node::text(literal(path)));
            if host != "127.0.0.1" {
                say("host", Node::text(host));
            }
            let asked: Option<u64> = asked.parse().ok();
            if let Some(asked) = asked.filter(|asked| Some(*asked) != port) {
                say("port", Node::Number(asked));
            }
        }
    }
    let Timing {
        interval_ms,
        timeout_ms,
        start_period_ms,
        retries,
        ..
    } = health.timing;
    let times = [interval_ms, timeout_ms, start_period_ms];
    for ((name, usual), value) in TIMES.into_iter().zip(times) {
        if value != usual {
            say(name, Node::text(canonical_duration(value)));
        }
    }
    if retries != RETRIES {
        say("retries", Node::Number(retries));
    }
    Some(match fields.as_slice() {
        [(name, path)] if name == "path" => path.clone(),
        _ => Node::Map(fields),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_stay_text() {
        assert_eq!(literal("a {name} ${port} {x}"), "a {{name}} ${port} {x}");
        let shell = Launch::Shell("echo $A".to_owned());
        assert_eq!(launch(&shell).flow(), "[sh, -c, \"echo $A\"]");
        let plain = Launch::Shell("exec gunicorn -b :80 a:b".to_owned());
        assert_eq!(launch(&plain).flow(), "\"gunicorn -b :80 a:b\"");
    }

    #[test]
    fn no_word_and_words_that_stand_for_something_are_told_apart() {
        let exec =
            |words: &[&str]| launch(&Launch::Exec(words.iter().map(|&w| w.into()).collect()));
        assert_eq!(exec(&[]).flow(), "none");
        assert_eq!(exec(&["none"]).flow(), "[none]");
        assert_eq!(exec(&["inherit"]).flow(), "[inherit]");
    }
}
