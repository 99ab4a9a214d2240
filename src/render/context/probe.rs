//! Commands in exec form, and the probe of a health check.

use std::borrow::Cow;

use crate::fleet::model::HealthCheck;

/// The probe: `http.client` of the standard library, which unlike curl is there anyway, and unlike
/// urllib obeys no proxy variable.
pub(in crate::render) fn probe_words(check: &HealthCheck, port: &str) -> [Cow<'static, str>; 3] {
    let script = format!(
        "import http.client as h; c = h.HTTPConnection('127.0.0.1', {port}, timeout={timeout}); c.request('GET', '{path}'); \
         raise SystemExit(c.getresponse().status != 200)",
        timeout = seconds_below(check.timeout.value.as_millis()),
        path = check.path.value,
    );
    ["python".into(), "-c".into(), script.into()]
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
