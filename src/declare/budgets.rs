//! The shape of `budgets` in services.yaml: how large images may be.

use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::flexible::{Flexible, ShortForm};
use super::text::Text;

/// How large images may be; `dockwright sizes` fails if they are larger, and says because of what.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct BudgetsDecl {
    /// The budget of all images together, every layer once. `fleet: 4 GB`
    pub(crate) fleet: Option<Flexible<BudgetDecl>>,
    /// The budget of each image that has none of its own. `each: { size: 400 MB, tolerance: 5% }`
    pub(crate) each: Option<Flexible<BudgetDecl>>,
    /// The budgets of single images, each with its reason. `images: { svc-ocr: { size: 1.3 GB,
    /// reason: OpenCV } }`
    pub(crate) images: IndexMap<String, Flexible<BudgetDecl>>,
}

/// A budget.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct BudgetDecl {
    /// The most bytes, as `dockwright sizes` counts them: `B`, `kB`, `MB`, `GB`, `TB`, or `KiB` and
    /// so on. `size: 1.3 GB`
    #[schemars(required)]
    pub(crate) size: Option<Text>,
    /// How far the budget may be exceeded: a percentage or a size. Default: 0%. `tolerance: 5%`
    pub(crate) tolerance: Option<Text>,
    /// Why the images take so much. Required for single images. `reason: OpenCV`
    pub(crate) reason: Option<Text>,
}

impl ShortForm for BudgetDecl {
    type Short = Text;

    fn from_short(size: Text) -> Self {
        Self {
            size: Some(size),
            ..Self::default()
        }
    }

    fn short_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string" })
    }
}
