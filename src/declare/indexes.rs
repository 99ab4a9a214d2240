//! Indexes that named packages come from.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::nullable::{Nullable, OneOrMany};
use super::text::Text;

/// A package index for some packages.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct IndexDecl {
    /// The URL of the index. `url: https://download.pytorch.org/whl/cpu`
    pub(crate) url: Option<Text>,
    /// The packages that come from it; a trailing `*` matches the rest of a name.
    /// `packages: [torch, torchvision, "nvidia-*"]`
    pub(crate) packages: OneOrMany<Text>,
}

/// Indexes by name; `null` takes an inherited one back.
pub(crate) type Indexes = IndexMap<String, Nullable<IndexDecl>>;
