//! What runs in a container.

use std::sync::Arc;

use crate::values::{AppPath, FreeText};

/// What a service is when it runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ServiceRole {
    /// It listens on a port.
    Web,
    /// It runs without end.
    Worker,
    /// It ends by itself.
    Job,
}

/// What a container runs.
#[derive(Debug, Clone)]
pub enum Command {
    /// An ASGI application under uvicorn.
    Uvicorn(AppPath),
    /// A command line, word by word; without a word where it is given when the container starts.
    Exec(Arc<[FreeText]>),
    /// That of the image below.
    Inherited,
}
