//! Which template is being rendered.

use std::sync::Mutex;

/// Which template is being rendered, for whoever watches from another thread.
#[derive(Debug, Default)]
pub struct Progress(Mutex<String>);

impl Progress {
    /// The template that was started last.
    #[must_use]
    pub(crate) fn template(&self) -> String {
        self.0.lock().map_or_else(
            |poisoned| poisoned.into_inner().clone(),
            |template| template.clone(),
        )
    }

    pub(super) fn set(&self, template: &str) {
        if let Ok(mut current) = self.0.lock() {
            template.clone_into(&mut current);
        }
    }
}
