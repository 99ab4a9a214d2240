//! Commands in exec form, and the probe of a health check.

use std::borrow::Cow;

use crate::fleet::Origin;
use crate::fleet::model::{HealthCheck, HttpProbe, Probe};

/// The words of the probe.
pub(in crate::render) fn probe_words(check: &HealthCheck) -> Vec<Cow<'_, str>> {
    match &check.probe {
        Probe::Http(probe) => request_words(check, probe).into(),
        Probe::Command(words) => words
            .value
            .iter()
            .map(|word| word.as_str().into())
            .collect(),
    }
}

/// What decides the probe, the most telling first.
pub(in crate::render) fn probe_origins(check: &HealthCheck) -> Vec<Origin> {
    match &check.probe {
        Probe::Http(probe) => {
            let mut origins: Vec<Origin> = Vec::new();
            origins.extend(probe.host.as_ref().map(|host| host.origin));
            origins.extend(probe.statuses.iter().map(|status| status.origin));
            origins.extend([probe.path.origin, probe.port.origin, check.timeout.origin]);
            origins
        }
        Probe::Command(words) => vec![words.origin],
    }
}

/// The request: `http.client` of the standard library, which unlike curl is there anyway, and
/// unlike urllib obeys no proxy variable.
fn request_words(check: &HealthCheck, probe: &HttpProbe) -> [Cow<'static, str>; 3] {
    let headers = probe.host.as_ref();
    let headers = headers.map(|host| format!(", headers={{'Host': '{}'}}", host.value));
    let script = format!(
        "import http.client as h; c = h.HTTPConnection('127.0.0.1', {port}, timeout={timeout}); \
         c.request('GET', '{path}'{headers}); {answer}",
        port = probe.port.value,
        timeout = seconds_below(check.timeout.value.as_millis()),
        path = probe.path.value,
        headers = headers.unwrap_or_default(),
        answer = answer(probe),
    );
    ["python".into(), "-c".into(), script.into()]
}

/// The end of the program: with an error unless the answer is one of those that count.
fn answer(probe: &HttpProbe) -> String {
    const STATUS: &str = "c.getresponse().status";
    let statuses = probe.statuses.iter().map(|status| &status.value);
    let (classes, single): (Vec<_>, Vec<_>) = statuses.partition(|one| one.class().is_some());
    let single: Vec<&str> = single.iter().map(|status| status.as_str()).collect();
    let classes = classes.iter().filter_map(|status| status.class());
    let classes: Vec<String> = classes.map(|class| class.to_string()).collect();
    match (single.as_slice(), classes.as_slice()) {
        ([], []) => format!("raise SystemExit({STATUS} != 200)"),
        ([one], []) => format!("raise SystemExit({STATUS} != {one})"),
        ([], [one]) => format!("raise SystemExit({STATUS} // 100 != {one})"),
        (several, []) => {
            format!("raise SystemExit({STATUS} not in ({}))", several.join(", "))
        }
        ([], several) => {
            let several = several.join(", ");
            format!("raise SystemExit({STATUS} // 100 not in ({several}))")
        }
        (single, classes) => format!(
            "s = {STATUS}; raise SystemExit(s not in [{}] and s // 100 not in [{}])",
            single.join(", "),
            classes.join(", ")
        ),
    }
}

/// A little less than the builder's own limit, so that the probe ends by itself with a reason.
fn seconds_below(millis: u64) -> String {
    let tenths = (millis / 125).max(1);
    if tenths.is_multiple_of(10) {
        (tenths / 10).to_string()
    } else {
        format!("{}.{}", tenths / 10, tenths % 10)
    }
}

/// Words as a JSON array, which Docker runs without a shell.
pub(super) fn exec_form(words: &[impl AsRef<str>]) -> String {
    let mut form = vec![b'['];
    for (position, word) in words.iter().enumerate() {
        form.extend_from_slice(if position == 0 { b"" } else { b", " });
        // A text is always JSON, and memory takes any amount.
        let _ = serde_json::to_writer(&mut form, word.as_ref());
    }
    form.push(b']');
    String::from_utf8(form).expect("JSON is UTF-8")
}
