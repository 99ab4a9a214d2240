//! The command that templates print for an application.

/// How many seconds uvicorn gives open requests by default.
pub(super) const GRACEFUL: u64 = 8;

/// The application that uvicorn is given where it is started as templates do by default, on a port.
pub(super) fn application(words: &[String], port: u64) -> Option<&str> {
    let (application, grace) = uvicorn(words)?;
    let is_port = words.get(7).is_some_and(|word| *word == port.to_string());
    (is_port && grace == GRACEFUL).then_some(application)
}

/// The application that uvicorn is given where it is started as templates do, and how long open
/// requests may take.
pub(super) fn uvicorn(words: &[String]) -> Option<(&str, u64)> {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        [
            "python",
            "-m",
            "uvicorn",
            application,
            "--host",
            "0.0.0.0",
            "--port",
            _,
            "--timeout-graceful-shutdown",
            grace,
        ] => Some((application, grace.parse().ok()?)),
        _ => None,
    }
}
