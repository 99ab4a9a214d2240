//! The shape of `policy` in services.yaml: how strict the rules are, and what is allowed.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Deserialize;

use super::text::{DateText, Text};

/// How strict the rules are. `dockwright explain` lists the rules.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct PolicyDecl {
    /// The level of each rule, by its code: deny fails the run, warn only reports, allow turns the
    /// rule off. Also the name of a harmless difference, such as `image-labels`: denied, it counts
    /// as different in `diff`, `adopt` and `check`. `rules: { unpinned-base: deny }`
    pub(crate) rules: IndexMap<String, LevelDecl>,
    /// The level of rules for single images, by name: deny or warn. To allow a finding for an
    /// image, use `allowances`. `images: { svc-api: { secret-in-env: deny } }`
    pub(crate) images: IndexMap<String, IndexMap<String, LevelDecl>>,
    /// More packages that are for development only, besides pytest, mypy and the like.
    /// `development: [acme-testkit]`
    pub(crate) development: Vec<Text>,
    /// Packages that this fleet does not want. `replacements: [{ package: boto3, with: minio,
    /// reason: we use minio }]`
    pub(crate) replacements: Vec<ReplacementDecl>,
    /// Findings that are allowed. `allowances: [{ rule: secret-in-env, image: svc-api, reason: a
    /// public key }]`
    pub(crate) allowances: Vec<AllowanceDecl>,
    /// Generated files that may differ for a while. `check --today now` honors them. `waivers: [{
    /// file: generated/svc-api/Dockerfile, sha256: …, reason: incident 42, until: 2026-12-31 }]`
    pub(crate) waivers: Vec<WaiverDecl>,
}

/// The level of a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LevelDecl {
    /// The run fails.
    Deny,
    /// It is shown.
    Warn,
    /// The rule is off.
    Allow,
}

/// A package that this fleet does not want.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct ReplacementDecl {
    /// The package.
    #[schemars(required)]
    pub(crate) package: Option<Text>,
    /// The package to use instead. Default: none; the package should be removed. `with: minio`
    pub(crate) with: Option<Text>,
    /// Why.
    #[schemars(required)]
    pub(crate) reason: Option<Text>,
}

/// An exception from a rule: for an image, a package, or both.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct AllowanceDecl {
    /// The code of the rule. `rule: secret-in-env`
    #[schemars(required)]
    pub(crate) rule: Option<Text>,
    /// The image that the allowance is for. Default: every image. `image: svc-api`
    pub(crate) image: Option<Text>,
    /// The package, variable, set or index that the allowance is for. Default: all. `package:
    /// API_TOKEN`
    pub(crate) package: Option<Text>,
    /// Why the finding is allowed. `reason: a public key`
    #[schemars(required)]
    pub(crate) reason: Option<Text>,
    /// The last day of the allowance, YYYY-MM-DD, compared with the date in `--today`. `until:
    /// "2026-12-31"`
    pub(crate) until: Option<DateText>,
}

/// A generated file that may differ until a day, as long as it has exactly these bytes.
#[derive(Debug, Clone, Default, PartialEq, Deserialize, JsonSchema)]
#[serde(default)]
#[schemars(deny_unknown_fields)]
pub(crate) struct WaiverDecl {
    /// The generated file, by its path from the folder of services.yaml. `file:
    /// generated/svc-api/Dockerfile`
    #[schemars(required)]
    pub(crate) file: Option<Text>,
    /// The SHA-256 digest of its content, 64 hexadecimal digits as `sha256sum` prints them.
    #[schemars(required)]
    pub(crate) sha256: Option<Text>,
    /// Why it may differ. `reason: incident 42`
    #[schemars(required)]
    pub(crate) reason: Option<Text>,
    /// The last day of the waiver, YYYY-MM-DD, compared with the date in `--today`. `until:
    /// "2026-12-31"`
    #[schemars(required)]
    pub(crate) until: Option<DateText>,
}
