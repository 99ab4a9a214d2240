//! What runs: steps of the build, variables, the account, commands, ports, the health check.

use std::collections::BTreeMap;

use super::super::meaning::{Health, Launch, Meaning, Probe, ProbeTool, Timing, WORKDIR_BELOW};
use super::below::{inherits_account, needs_workdir_below};
use super::rules::{
    BUILD_VARIABLES, EXEC_FORM, HarmlessRule, IMAGE_LABELS, LABELS_GONE, NON_ROOT, PORT_DECLARED,
    PYTHON_PATH, PYTHON_PROBE, PYTHON_SWITCHES, RUNNER_GONE, UID_CHANGED, WORKER_HEARTBEATS,
};
use super::{Aspect, Found, some_of};
use crate::values::image_reference::is_python;

pub(super) fn steps(found: &mut Found<'_>, before: &Meaning, after: &Meaning) {
    let mut left: BTreeMap<&str, usize> = BTreeMap::new();
    for step in &before.steps {
        *left.entry(&step.key).or_default() += 1;
    }
    let mut is_changed = false;
    for step in &after.steps {
        let known = left.get_mut(step.key.as_str());
        if let Some(count) = known.filter(|count| **count > 0) {
            *count -= 1;
        } else {
            is_changed = true;
            found.different(Aspect::Steps, format!("runs one more step: {}", step.text));
        }
    }
    for step in &before.steps {
        if let Some(count) = left.get_mut(step.key.as_str()).filter(|count| **count > 0) {
            *count -= 1;
            is_changed = true;
            found.different(Aspect::Steps, format!("no longer runs: {}", step.text));
        }
    }
    let keys = |meaning: &Meaning| {
        meaning
            .steps
            .iter()
            .map(|step| step.key.clone())
            .collect::<Vec<_>>()
    };
    if !is_changed && keys(before) != keys(after) {
        found.different(Aspect::Steps, "runs its steps in another order".to_owned());
    }
}

pub(super) fn env(found: &mut Found<'_>, before: &Meaning, after: &Meaning) {
    for (name, value) in &after.env {
        match before.env.get(name) {
            Some(other) if other == value => {}
            // Python asks whether these are set to anything.
            Some(other) if is_switch(name) && !other.is_empty() && !value.is_empty() => {}
            Some(_) => {
                let rule = is_build_variable(name).then_some(&BUILD_VARIABLES);
                found.judged(
                    Aspect::Env,
                    rule,
                    format!("sets ENV {name} to another value"),
                );
            }
            None => found.judged(
                Aspect::Env,
                rule_of_set(after, name, value),
                format!("sets ENV {name}"),
            ),
        }
    }
    for name in before
        .env
        .keys()
        .filter(|name| !after.env.contains_key(*name))
    {
        let value = before.env.get(name).map_or("", String::as_str);
        let rule = if is_build_variable(name) || is_tools_path(name, value) {
            Some(&BUILD_VARIABLES)
        } else {
            None
        };
        found.judged(Aspect::Env, rule, format!("no longer sets ENV {name}"));
    }
}

/// Whether a value of `PATH` adds nothing but folders of installers and environments.
fn is_tools_path(name: &str, value: &str) -> bool {
    let is_tools = |folder: &str| {
        matches!(folder, "$PATH" | "${PATH}" | "")
            || folder.ends_with("/.local/bin")
            || folder.ends_with("venv/bin")
            || folder.ends_with("/.cargo/bin")
            || ["poetry", "/uv/", "POETRY"]
                .iter()
                .any(|word| folder.contains(word))
            || ["/usr/local/bin", "/usr/bin", "/bin"].contains(&folder)
    };
    name == "PATH" && value.split(':').all(is_tools)
}

fn is_build_variable(name: &str) -> bool {
    ["PIP_", "POETRY_", "UV_", "PIPENV_", "PDM_", "DEBIAN_"]
        .iter()
        .any(|prefix| name.starts_with(prefix))
}

fn is_switch(name: &str) -> bool {
    matches!(
        name,
        "PYTHONDONTWRITEBYTECODE" | "PYTHONFAULTHANDLER" | "PYTHONUNBUFFERED"
    )
}

fn rule_of_set(after: &Meaning, name: &str, value: &str) -> Option<&'static HarmlessRule> {
    match name {
        _ if is_switch(name) => Some(&PYTHON_SWITCHES),
        "GUNICORN_CMD_ARGS" if value == "--worker-tmp-dir=/dev/shm" => Some(&WORKER_HEARTBEATS),
        "PYTHONPATH" if value == after.workdir || value == "/app" => Some(&PYTHON_PATH),
        _ if is_build_variable(name) => Some(&BUILD_VARIABLES),
        _ => None,
    }
}

pub(super) fn user(found: &mut Found<'_>, before: &Meaning, after: &Meaning) {
    let (old, new) = (&before.user, &after.user);
    if inherits_account(before) && after.is_user_set {
        let text = format!(
            "runs as {new} instead of the account that {} sets",
            before.base.reference
        );
        return found.different(Aspect::User, text);
    }
    match (old.is_root(), new.is_root()) {
        (true, true) => {}
        (true, false) => {
            found.harmless(
                Aspect::User,
                &NON_ROOT,
                format!("runs as {new} instead of root"),
            );
        }
        (false, true) => found.different(Aspect::User, format!("runs as root instead of {old}")),
        (false, false) => {
            let is_same = match (old.uid, new.uid) {
                (Some(old), Some(new)) => old == new,
                _ => old.name == new.name,
            };
            if !is_same {
                let text = format!("runs as {new} instead of {old}");
                found.harmless(Aspect::User, &UID_CHANGED, text);
            }
        }
    }
    let gone: Vec<String> = old
        .groups
        .iter()
        .filter(|group| !new.groups.contains(group))
        .cloned()
        .collect();
    if !gone.is_empty() && !new.is_root() {
        found.different(
            Aspect::User,
            format!("runs without the groups {}", gone.join(", ")),
        );
    }
}

pub(super) fn commands(found: &mut Found<'_>, before: &Meaning, after: &Meaning) {
    let is_left = before.workdir == WORKDIR_BELOW && !needs_workdir_below(before);
    if before.workdir != after.workdir && !is_left {
        let (new, old) = (workdir(after), workdir(before));
        found.different(Aspect::Command, format!("works in {new} instead of {old}"));
    }
    launch(
        found,
        "entrypoint",
        before.entrypoint.as_ref(),
        after.entrypoint.as_ref(),
    );
    launch(
        found,
        "command",
        command(before).as_ref(),
        command(after).as_ref(),
    );
}

/// The working folder in words.
fn workdir(meaning: &Meaning) -> String {
    if meaning.workdir == WORKDIR_BELOW {
        format!("the folder that {} may set", meaning.base.reference)
    } else {
        meaning.workdir.clone()
    }
}

/// The command; what images of Python bring where nothing is said.
fn command(meaning: &Meaning) -> Option<Launch> {
    let is_python = is_python(&meaning.base.reference);
    let brought =
        || (is_python && meaning.entrypoint.is_none()).then(|| vec!["python3".to_owned()]);
    meaning
        .command
        .clone()
        .or_else(|| brought().map(Launch::Exec))
}

/// The same with a shell's text as the words that Docker makes of it (`dispatchCmd`).
fn spelled_out(launch: &Launch) -> Vec<String> {
    let (program, text) = match launch {
        Launch::Exec(words) => match words.as_slice() {
            [program, flag, text] if flag == "-c" && (program == "sh" || program == "/bin/sh") => {
                ("sh", text.as_str())
            }
            _ => return words.clone(),
        },
        Launch::Shell(text) => ("sh", text.as_str()),
    };
    let text = text.strip_prefix("exec ").unwrap_or(text).trim();
    [program, "-c", text].map(str::to_owned).to_vec()
}

/// The words behind `uv run` or `poetry run`, as they start without it.
fn without_runner(launch: &Launch) -> Option<Vec<String>> {
    let words = launch.plain_words()?;
    let found = super::super::runner::without_runner(&words);
    (found != words).then_some(found)
}

fn launch(found: &mut Found<'_>, what: &str, before: Option<&Launch>, after: Option<&Launch>) {
    let words = |launch: Option<&Launch>| launch.map(spelled_out);
    if words(before) == words(after) {
        return;
    }
    if let (Some(old), Some(new)) = (before.and_then(without_runner), after)
        && new.plain_words() == Some(old)
    {
        let text = format!("starts its {what} without what only finds the environment");
        found.harmless(Aspect::Command, &RUNNER_GONE, text);
        return;
    }
    let text = match (before, after) {
        (Some(_), None) => format!("has no {what}"),
        (None, Some(after)) => format!("has the {what} {}", shown(after)),
        (Some(before), Some(after)) => {
            let same_words = before
                .plain_words()
                .is_some_and(|words| after.plain_words() == Some(words));
            if same_words && matches!(before, Launch::Shell(_)) {
                let text = format!("starts its {what} without a shell");
                found.harmless(Aspect::Command, &EXEC_FORM, text);
                return;
            }
            if same_words {
                format!("starts its {what} with a shell")
            } else {
                format!(
                    "has the {what} {} instead of {}",
                    shown(after),
                    shown(before)
                )
            }
        }
        (None, None) => return,
    };
    found.different(Aspect::Command, text);
}

fn shown(launch: &Launch) -> String {
    match launch {
        Launch::Exec(words) => words.join(" "),
        Launch::Shell(text) => text.clone(),
    }
}

pub(super) fn interface(found: &mut Found<'_>, before: &Meaning, after: &Meaning) {
    let added: Vec<String> = after.ports.difference(&before.ports).cloned().collect();
    if !added.is_empty() {
        found.harmless(
            Aspect::Interface,
            &PORT_DECLARED,
            format!("declares port {}", some_of(&added)),
        );
    }
    let gone: Vec<String> = before.ports.difference(&after.ports).cloned().collect();
    if !gone.is_empty() {
        found.different(
            Aspect::Interface,
            format!("no longer declares port {}", some_of(&gone)),
        );
    }
    let added: Vec<String> = after.volumes.difference(&before.volumes).cloned().collect();
    if !added.is_empty() {
        found.different(Aspect::Interface, format!("has volume {}", some_of(&added)));
    }
    let gone: Vec<String> = before.volumes.difference(&after.volumes).cloned().collect();
    if !gone.is_empty() {
        found.different(
            Aspect::Interface,
            format!("no longer has volume {}", some_of(&gone)),
        );
    }
    if before.stop_signal != after.stop_signal {
        let name = |signal: &Option<String>| signal.clone().unwrap_or_else(|| "SIGTERM".to_owned());
        let (old, new) = (name(&before.stop_signal), name(&after.stop_signal));
        if old != new {
            found.different(
                Aspect::Interface,
                format!("is stopped by {new} instead of {old}"),
            );
        }
    }
}

/// The check that runs; none where it is switched off.
fn active(health: Option<&Health>) -> Option<(&Probe, Timing)> {
    let health = health?;
    Some((health.probe.as_ref()?, health.timing))
}

pub(super) fn health(found: &mut Found<'_>, before: &Meaning, after: &Meaning) {
    let (old, old_timing, new, new_timing) = match (
        active(before.health.as_ref()),
        active(after.health.as_ref()),
    ) {
        (None, None) => return,
        (None, Some(_)) => {
            return found.different(Aspect::Health, "adds a health check".to_owned());
        }
        (Some(_), None) => {
            return found.different(Aspect::Health, "has no health check".to_owned());
        }
        (Some((old, old_timing)), Some((new, new_timing))) => (old, old_timing, new, new_timing),
    };
    if old != new && !is_same_command(old, new) {
        let rule = is_same_request(old, new).then_some(&PYTHON_PROBE);
        let text = match rule {
            Some(_) => "checks its health with Python".to_owned(),
            None => format!(
                "checks its health by {} instead of {}",
                asked(new),
                asked(old)
            ),
        };
        found.judged(Aspect::Health, rule, text);
    }
    if old_timing != new_timing {
        let text = format!(
            "checks its health {} instead of {}",
            times(new_timing),
            times(old_timing)
        );
        found.different(Aspect::Health, text);
    }
}

fn is_same_request(before: &Probe, after: &Probe) -> bool {
    match (before, after) {
        (
            Probe::Http {
                host, port, path, ..
            },
            Probe::Http {
                host: other_host,
                port: other_port,
                path: other_path,
                tool: ProbeTool::Python,
            },
        ) => (host, port, path) == (other_host, other_port, other_path),
        _ => false,
    }
}

/// Whether two probes start the same program, with or without a shell around it.
fn is_same_command(before: &Probe, after: &Probe) -> bool {
    match (before, after) {
        (Probe::Command(old), Probe::Command(new)) => {
            let words = old.plain_words();
            spelled_out(old) == spelled_out(new) || (words.is_some() && words == new.plain_words())
        }
        _ => false,
    }
}

fn asked(probe: &Probe) -> String {
    match probe {
        Probe::Http {
            host, port, path, ..
        } => format!("http://{host}:{port}{path}"),
        Probe::Command(launch) => shown(launch),
    }
}

fn times(timing: Timing) -> String {
    let seconds = |milliseconds: u64| {
        if milliseconds.is_multiple_of(1_000) {
            format!("{}s", milliseconds / 1_000)
        } else {
            format!("{milliseconds}ms")
        }
    };
    let Timing {
        interval_ms,
        timeout_ms,
        start_period_ms,
        start_interval_ms: _,
        retries,
    } = timing;
    format!(
        "every {} (timeout {}, start period {}, {retries} retries)",
        seconds(interval_ms),
        seconds(timeout_ms),
        seconds(start_period_ms)
    )
}

pub(super) fn labels(found: &mut Found<'_>, before: &Meaning, after: &Meaning) {
    for (name, value) in &after.labels {
        let rule = name
            .starts_with("org.opencontainers.image.")
            .then_some(&IMAGE_LABELS);
        match before.labels.get(name) {
            Some(other) if other == value => {}
            Some(_) => found.judged(Aspect::Labels, rule, format!("changes the label {name}")),
            None => found.judged(Aspect::Labels, rule, format!("sets the label {name}")),
        }
    }
    for name in before
        .labels
        .keys()
        .filter(|name| !after.labels.contains_key(*name))
    {
        found.harmless(
            Aspect::Labels,
            &LABELS_GONE,
            format!("no longer sets the label {name}"),
        );
    }
}
