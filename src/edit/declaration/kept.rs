//! A generated service becomes one whose Dockerfile a person keeps.

use super::{EditError, Parsed, field, load, verify};
use crate::declare::dockerfile::DockerfileDecl;
use crate::declare::schema::{HealthCheckDecl, ServiceDecl};
use crate::declare::{Flexible, Text};
use crate::yaml::{NewValue, Splice, as_flow, spliced};

/// What stays of a service whose Dockerfile is kept.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct KeptService {
    /// Its name.
    pub(crate) name: String,
    /// The path of its Dockerfile below the root, which is its build context.
    pub(crate) dockerfile: String,
    /// Its kind.
    pub(crate) kind: Option<String>,
    /// The port that it listens on.
    pub(crate) port: Option<u64>,
    /// The path that is asked for its health.
    pub(crate) health: Option<String>,
    /// The services that must be up first.
    pub(crate) depends_on: Vec<String>,
    /// How long it may take to end.
    pub(crate) stop_grace_period: Option<String>,
    /// Whether it is a job.
    pub(crate) is_job: bool,
}

impl KeptService {
    fn value(&self) -> NewValue {
        let text = |text: &String| NewValue::Text(text.clone());
        let dockerfile = NewValue::Fields(vec![
            ("path".to_owned(), text(&self.dockerfile)),
            ("context".to_owned(), NewValue::Text(".".to_owned())),
        ]);
        let depends_on = Some(&self.depends_on).filter(|list| !list.is_empty());
        let fields = [
            ("kind", self.kind.as_ref().map(text)),
            ("dockerfile", Some(dockerfile)),
            (
                "role",
                self.is_job.then(|| NewValue::Text("job".to_owned())),
            ),
            ("port", self.port.map(NewValue::Number)),
            ("healthcheck", self.health.as_ref().map(text)),
            (
                "stop_grace_period",
                self.stop_grace_period.as_ref().map(text),
            ),
            (
                "depends_on",
                depends_on.map(|list| NewValue::List(list.clone())),
            ),
        ];
        let said = fields
            .into_iter()
            .filter_map(|(name, value)| Some((name.to_owned(), value?)));
        NewValue::Fields(said.collect())
    }

    fn decl(&self) -> ServiceDecl {
        let text = |text: &String| Text(text.as_str().into());
        let health = self.health.as_ref().map(|path| {
            Box::new(Flexible(HealthCheckDecl {
                short: Some(text(path)),
                ..HealthCheckDecl::default()
            }))
        });
        let dockerfile = DockerfileDecl {
            path: Some(text(&self.dockerfile)),
            context: Some(Text(".".into())),
            target: None,
        };
        let role = self.is_job.then_some(crate::declare::schema::RoleDecl::Job);
        ServiceDecl {
            kind: self.kind.as_ref().map(text),
            dockerfile: Some(Box::new(Flexible(dockerfile))),
            role: role.into(),
            port: self.port.into(),
            healthcheck: health.into(),
            stop_grace_period: self.stop_grace_period.as_ref().map(text).into(),
            depends_on: self.depends_on.iter().map(text).collect::<Vec<_>>().into(),
            ..ServiceDecl::default()
        }
    }
}

/// Puts what stays of a service in place of what it says.
///
/// # Errors
/// [`EditError`], with the text unchanged.
pub(crate) fn keep_dockerfile(text: &str, kept: &KeptService) -> Result<String, EditError> {
    let value = as_flow("", &kept.value());
    let value = value.split_once(": ").map_or("", |(_, value)| value);
    let by_hand = format!("write `{}: {value}` there by hand", kept.name);
    let place = format!("services.{}", kept.name);
    let refused = || EditError::Unsafe {
        place: place.clone(),
        by_hand: by_hand.clone(),
    };
    let Parsed { tree, decl, .. } = load(text).ok_or(EditError::Unreadable)?;
    let node = field(&tree, &["services", &kept.name]).ok_or_else(refused)?;
    if tree.is_tied(node) {
        return Err(refused());
    }
    let (start, end) = tree.bytes(node);
    let space = if text[..start].ends_with(':') {
        " "
    } else {
        ""
    };
    let splice = Splice {
        start,
        end,
        text: format!("{space}{value}"),
    };
    let after = spliced(text, &[splice]).ok_or_else(refused)?;
    verify(decl, &after, &place, by_hand, |decl| {
        let services = decl.services.get_or_insert_default();
        services.insert(kept.name.clone(), Box::new(kept.decl()));
    })?;
    Ok(after)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_service_says_is_replaced_in_every_style() {
        let kept = KeptService {
            name: "b".to_owned(),
            dockerfile: "generated/b/Dockerfile".to_owned(),
            kind: Some("k".to_owned()),
            port: Some(8000),
            depends_on: vec!["a".to_owned()],
            ..KeptService::default()
        };
        let written = "{ kind: k, dockerfile: { path: generated/b/Dockerfile, context: \".\" }, port: \
                       8000, depends_on: [a] }";
        for (before, after) in [
            (
                "services:\n  a: { kind: k }\n  b: { kind: k, apt: [x] } # b\n",
                format!("services:\n  a: {{ kind: k }}\n  b: {written} # b\n"),
            ),
            (
                "services:\n  b:\n    kind: k\n    apt:\n      - x\n  c: {}\n",
                format!("services:\n  b:\n    {written}\n  c: {{}}\n"),
            ),
            (
                "services: { b: {} }\n",
                format!("services: {{ b: {written} }}\n"),
            ),
        ] {
            assert_eq!(keep_dockerfile(before, &kept).unwrap(), after);
        }
        assert!(keep_dockerfile("services: { c: {} }\n", &kept).is_err());
        assert!(keep_dockerfile("services: { c: &x {}, b: *x }\n", &kept).is_err());
    }
}
