//! Requirements → lock: what a resolver is asked, and what its answer becomes. Nothing here runs or
//! writes anything.

mod answer;
mod files;
mod pip;
mod question;
mod uv;

pub(crate) use answer::lock_of;
pub(crate) use files::files;
pub(crate) use pip::{PIP_REPORT, PYTHON_PROBE, PythonProbe, pip_words, read_pip};
pub(crate) use question::Question;
pub(crate) use uv::{UV_OUTPUT, read_uv, uv_words};

/// The program that resolves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Resolver {
    /// uv pip compile
    Uv,
    /// pip install --dry-run, for this machine's platform and an installed Python
    Pip,
}

/// Variables by which a person's environment could change what is resolved without a trace in the
/// declaration. Those about the network (proxies, certificates, credentials, a mirror for the
/// default index) stay.
pub(crate) const UNWANTED: [&str; 27] = [
    "PIP_ABI",
    "PIP_CONSTRAINT",
    "PIP_EXTRA_INDEX_URL",
    "PIP_FIND_LINKS",
    "PIP_NO_BINARY",
    "PIP_NO_DEPS",
    "PIP_ONLY_BINARY",
    "PIP_PLATFORM",
    "PIP_PRE",
    "PIP_REQUIREMENT",
    "PIP_TARGET",
    "PIP_USER",
    "UV_BUILD_CONSTRAINT",
    "UV_CONFIG_FILE",
    "UV_CONSTRAINT",
    "UV_EXCLUDE",
    "UV_EXCLUDE_NEWER",
    "UV_EXTRA_INDEX_URL",
    "UV_FIND_LINKS",
    "UV_FORK_STRATEGY",
    "UV_INDEX",
    "UV_NO_CONFIG",
    "UV_OVERRIDE",
    "UV_PRERELEASE",
    "UV_PROJECT",
    "UV_RESOLUTION",
    "UV_TORCH_BACKEND",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unwanted_variables_stand_once_and_sorted() {
        assert!(UNWANTED.is_sorted());
    }
}
