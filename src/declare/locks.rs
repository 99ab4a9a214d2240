//! Lock files as declared.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::flexible::ShortForm;
use super::paths::FOLDER;
use super::text::Text;

/// Where `dockwright lock` writes lock files, and for which images.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct LocksDecl {
    /// The folder of the lock files, `<folder>/<image>.txt`; no name in it may begin with a dot.
    /// Default: locks. `folder: requirements/locks`
    #[schemars(regex(pattern = FOLDER))]
    pub(crate) folder: Option<Text>,
    /// The images to lock, with the bases they build on. Default: every image. `images: [svc-kg]`
    pub(crate) images: Option<Vec<Text>>,
}

impl ShortForm for LocksDecl {
    type Short = Text;

    fn from_short(folder: Text) -> Self {
        Self {
            folder: Some(folder),
            images: None,
        }
    }

    fn short_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": FOLDER })
    }
}
