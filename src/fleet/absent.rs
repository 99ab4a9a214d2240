//! What images need and the tree does not have.

use super::id::ImageId;
use super::model::Origin;

/// Something that an image needs and the tree does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Absent {
    /// The first image that needs it.
    pub(crate) image: ImageId,
    /// Where it is declared.
    pub(crate) origin: Origin,
    /// Its path below the root; of a module, without `.py`.
    pub(crate) path: String,
    /// What it is.
    pub(crate) what: AbsentThing,
}

/// What something absent is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum AbsentThing {
    /// The folder of its sources; the path beside it that was likely meant.
    Source {
        /// That path.
        meant: Option<String>,
    },
    /// Another file or folder that is copied or mounted; the path that was likely meant.
    Copied {
        /// That path.
        meant: Option<String>,
    },
    /// The module that uvicorn starts.
    Module {
        /// The application, such as `main:app`.
        app: String,
    },
}
