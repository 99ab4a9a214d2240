//! Candidates from what two Dockerfiles mean: packages, requirements, variables, the account, the
//! command, ports, steps.

use super::target::{Candidate, DERIVED, Entry, Target};
use crate::dockerfile::meaning::{Health, Install, Launch, Meaning, Probe, User, WORKDIR_BELOW};
use crate::edit::adopt::health_field;
use crate::values::canonical_duration;
use crate::yaml::{NewValue, scalar};

/// A field and its new value, or a list and an item, or a list and what goes.
enum Wish {
    Set(Vec<String>, NewValue),
    /// The same with a value as a flow has it.
    Write(&'static str, String),
    Add(&'static str, String),
    Drop(&'static str, String),
}

pub(super) fn candidates(target: &Target<'_>, entry: &Entry) -> Vec<Candidate> {
    let Some([rendered, edited]) = target.meanings() else {
        return Vec::new();
    };
    let wishes = wishes(rendered, edited);
    let made = wishes.iter().filter_map(|wish| {
        let text = match wish {
            Wish::Set(field, value) => {
                let field: Vec<&str> = field.iter().map(String::as_str).collect();
                entry.text.with_field(&entry.keys(&field), value)
            }
            Wish::Write(field, value) => entry.text.with_written(&entry.keys(&[*field]), value),
            Wish::Add(field, item) => entry.text.with_item(&entry.keys(&[*field]), item),
            Wish::Drop(field, item) => {
                let is_it = |value: &str| value == item;
                entry.text.without_item(&entry.keys(&[*field]), &is_it)
            }
        };
        entry.candidate(text)
    });
    made.collect()
}

fn wishes(rendered: &Meaning, edited: &Meaning) -> Vec<Wish> {
    let mut wishes = Vec::new();
    for package in edited.packages.difference(&rendered.packages) {
        wishes.push(Wish::Add("apt", scalar(package)));
    }
    for package in rendered.packages.difference(&edited.packages) {
        wishes.push(Wish::Drop("apt", package.clone()));
    }
    for install in edited.installs.difference(&rendered.installs) {
        if let Install::Package(requirement) = install {
            wishes.push(Wish::Add("pip", scalar(requirement)));
        }
    }
    for install in rendered.installs.difference(&edited.installs) {
        if let Install::Package(requirement) = install {
            wishes.push(Wish::Drop("pip", requirement.clone()));
        }
    }
    for (field, old, new) in [
        ("env", &rendered.env, &edited.env),
        ("labels", &rendered.labels, &edited.labels),
    ] {
        let is_own = |key: &str| !DERIVED.iter().any(|derived| key.starts_with(derived));
        let changed = new
            .iter()
            .filter(|(key, value)| old.get(*key) != Some(value) && is_own(key));
        wishes.extend(changed.map(|(key, value)| {
            let path = vec![field.to_owned(), key.clone()];
            Wish::Set(path, NewValue::Text(value.clone()))
        }));
    }
    running(rendered, edited, &mut wishes);
    health(rendered, edited, &mut wishes);
    wishes
}

fn running(rendered: &Meaning, edited: &Meaning, wishes: &mut Vec<Wish>) {
    let set = |field: &str, value: NewValue| Wish::Set(vec![field.to_owned()], value);
    let text = |text: &str| NewValue::Text(text.to_owned());
    if let Some(account) = account(&edited.user).filter(|_| rendered.user != edited.user) {
        wishes.push(set("user", NewValue::Text(account)));
    }
    let ports = |one: &Meaning, other: &Meaning| -> Vec<u64> {
        let more = one.ports.difference(&other.ports);
        let number = |port: &String| port.strip_suffix("/tcp")?.parse().ok();
        more.filter_map(number).collect()
    };
    let more = ports(edited, rendered);
    if let ([port], 1) = (more.as_slice(), ports(rendered, edited).len()) {
        wishes.push(set("port", NewValue::Number(*port)));
    }
    for port in more {
        wishes.push(Wish::Add("ports", port.to_string()));
    }
    for (field, old, new) in [
        ("cmd", &rendered.command, &edited.command),
        ("entrypoint", &rendered.entrypoint, &edited.entrypoint),
    ] {
        match new {
            Some(Launch::Exec(words)) if old != new => {
                wishes.push(set(field, NewValue::List(words.clone())));
            }
            Some(Launch::Shell(line)) if old != new => wishes.push(set(field, text(line))),
            _ => {}
        }
    }
    if let Some(signal) = edited
        .stop_signal
        .as_ref()
        .filter(|_| rendered.stop_signal != edited.stop_signal)
    {
        wishes.push(set("stop_signal", text(signal)));
    }
    if rendered.workdir != edited.workdir {
        let is_below = edited.workdir == WORKDIR_BELOW;
        let named = edited.in_fields(&edited.workdir);
        if let Some(folder) = if is_below { Some("inherit") } else { named } {
            wishes.push(set("workdir", text(folder)));
        }
    }
    for volume in edited.volumes.difference(&rendered.volumes) {
        wishes.push(Wish::Add("volumes", scalar(volume)));
    }
    let known = |key: &str| rendered.steps.iter().any(|step| step.key == key);
    for step in edited.steps.iter().filter(|step| !known(&step.key)) {
        let line = step.text.strip_prefix("RUN ").unwrap_or(&step.text);
        wishes.push(Wish::Add("run", scalar(line)));
        let after = format!("{{ run: {}, after: source }}", scalar(line));
        wishes.push(Wish::Add("run", after));
    }
}

/// What the health check does otherwise.
fn health(rendered: &Meaning, edited: &Meaning, wishes: &mut Vec<Wish>) {
    let (Some(one), Some(other)) = (&rendered.health, &edited.health) else {
        return;
    };
    if other.probe.is_none() {
        let off = NewValue::Text("none".to_owned());
        return wishes.push(Wish::Set(vec!["healthcheck".to_owned()], off));
    }
    let (old, new) = (one.timing, other.timing);
    let set = |field: &str, value: NewValue| {
        Wish::Set(vec!["healthcheck".to_owned(), field.to_owned()], value)
    };
    for (field, old, new) in [
        ("interval", old.interval_ms, new.interval_ms),
        ("timeout", old.timeout_ms, new.timeout_ms),
    ] {
        if old != new {
            wishes.push(set(field, NewValue::Text(canonical_duration(new))));
        }
    }
    if old.retries != new.retries {
        wishes.push(set("retries", NewValue::Number(new.retries)));
    }
    if let Some(path) = probed(other).filter(|path| probed(one) != Some(path)) {
        let whole = vec!["healthcheck".to_owned()];
        wishes.push(set("path", NewValue::Text(path.to_owned())));
        wishes.push(Wish::Set(whole, NewValue::Text(path.to_owned())));
    }
    // Several things at once, and what has no wish of its own.
    if one != other {
        let whole = health_field(edited);
        wishes.extend(whole.map(|value| Wish::Write("healthcheck", value)));
    }
}

/// The path that a health check asks over HTTP.
fn probed(health: &Health) -> Option<&str> {
    match &health.probe {
        Some(Probe::Http { path, .. }) => Some(path),
        _ => None,
    }
}

/// An account as `user` names it; nothing where it has neither a number nor a name.
fn account(user: &User) -> Option<String> {
    if user.is_root() {
        return Some("root".to_owned());
    }
    let name = user.uid.map(|uid| uid.to_string()).or(user.name.clone())?;
    Some(match &user.group {
        Some(group) => format!("{name}:{group}"),
        None => name,
    })
}
