//! The exact command lines that build a plan: one `docker buildx bake`, or one `buildah build` an
//! image.

use thiserror::Error;

use super::Plan;
use crate::fleet::kept::KeptDockerfile;
use crate::fleet::{Fleet, Image, ImageId};
use crate::render::dockerfile_path;
use crate::values::Tag;

/// The program that builds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Builder {
    /// `docker buildx bake`, for any of its drivers.
    Buildx,
    /// buildah, which needs no daemon.
    Buildah,
}

/// What happens with what is built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Destination {
    /// It stays where the builder keeps it.
    Builder,
    /// It is loaded into the local image store.
    Load,
    /// It is pushed to the registry.
    Push,
}

/// How to build.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Order {
    /// The program.
    pub(crate) builder: Builder,
    /// The tag of services.
    pub(crate) tag: Option<Tag>,
    /// What happens with what is built.
    pub(crate) destination: Destination,
    /// The buildx builder instance.
    pub(crate) instance: Option<String>,
    /// The text of the bake file, where services.yaml declares none.
    pub(crate) bake: Option<String>,
}

/// One command to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Step {
    /// The image that it builds; nothing where it builds the whole plan.
    pub(crate) image: Option<ImageId>,
    /// Variables of the environment.
    pub(crate) environment: Vec<(&'static str, String)>,
    /// The program and its arguments.
    pub(crate) words: Vec<String>,
    /// What it reads from standard input.
    pub(crate) input: Option<String>,
}

/// Why a plan cannot be built as ordered.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum OrderError {
    /// A service has no tag of its own.
    #[error("`{0}` is a service and has no version of its own; name the tag to push with --tag")]
    NoTag(String),
    /// Only buildx has named builders.
    #[error("--builder names a builder of docker buildx, which buildah does not have")]
    InstanceOfBuildah,
}

/// The commands that build a plan, in their order.
///
/// # Errors
/// Says what the order lacks.
pub(crate) fn steps(fleet: &Fleet, plan: &Plan, order: &Order) -> Result<Vec<Step>, OrderError> {
    let images = plan
        .images
        .iter()
        .map(|planned| (planned.id, fleet.image(planned.id)));
    let images: Vec<(ImageId, &Image)> = images.collect();
    let untagged = images
        .iter()
        .find(|(_, image)| image.version().is_none() && order.tag.is_none());
    if let (Destination::Push, Some((_, image))) = (order.destination, untagged) {
        return Err(OrderError::NoTag(image.name.to_string()));
    }
    match order.builder {
        Builder::Buildx => Ok(vec![bake(fleet, &images, order)]),
        Builder::Buildah if order.instance.is_some() => Err(OrderError::InstanceOfBuildah),
        Builder::Buildah => Ok(images
            .iter()
            .flat_map(|(at, image)| buildah(fleet, *at, image, order))
            .collect()),
    }
}

/// One bake over exactly these targets. The variables that decide where an image goes are always
/// ours: one that happens to stand in the environment, such as a workflow's REGISTRY, would send
/// images elsewhere without a word.
fn bake(fleet: &Fleet, images: &[(ImageId, &Image)], order: &Order) -> Step {
    let mut words = vec!["docker".to_owned(), "buildx".to_owned(), "bake".to_owned()];
    let declared = fleet.outputs.bake.as_ref();
    words.push(match declared {
        Some(file) => format!("--file={}", file.path.value),
        None => "--file=-".to_owned(),
    });
    words.extend(
        order
            .instance
            .as_ref()
            .map(|instance| format!("--builder={instance}")),
    );
    words.push("--progress=plain".to_owned());
    match order.destination {
        Destination::Builder => {}
        Destination::Push => words.push("--push".to_owned()),
        // The docker image store takes no attestations, and one platform only.
        Destination::Load => {
            words.extend(["--load", "--provenance=false", "--sbom=false"].map(str::to_owned));
            words.extend((fleet.platforms.len() > 1).then(|| "--set=*.platform=local".to_owned()));
        }
    }
    words.extend(images.iter().map(|(_, image)| image.target()));
    let environment = vec![
        ("REGISTRY", fleet.registry.value.to_string()),
        ("OWNER", fleet.owner.value.to_string()),
        (
            "TAG",
            order.tag.as_ref().map(Tag::to_string).unwrap_or_default(),
        ),
    ];
    Step {
        image: None,
        environment,
        words,
        input: order.bake.clone().filter(|_| declared.is_none()),
    }
}

/// The reference under which an image is built; a service without a tag has none.
#[must_use]
pub(crate) fn built_reference(fleet: &Fleet, image: &Image, tag: Option<&Tag>) -> Option<String> {
    fleet
        .reference(image)
        .or_else(|| tag.map(|tag| format!("{}:{tag}", fleet.repository(image))))
}

/// What buildah is told of a Dockerfile that a person keeps: its stage and its arguments.
fn of_kept(image: &Image, kept: &KeptDockerfile) -> Vec<String> {
    let target = kept
        .target
        .iter()
        .map(|target| format!("--target={}", target.value));
    let arguments = image.args.iter();
    let arguments = arguments.map(|(key, value)| format!("--build-arg={key}={}", value.value));
    target.chain(arguments).collect()
}

fn buildah(fleet: &Fleet, id: ImageId, image: &Image, order: &Order) -> Vec<Step> {
    let dockerfile = dockerfile_path(image);
    let platforms: Vec<&str> = fleet
        .platforms_of(image)
        .iter()
        .map(|platform| platform.value.as_str())
        .collect();
    let reference = built_reference(fleet, image, order.tag.as_ref());
    let mut words = vec![
        "buildah".to_owned(),
        "build".to_owned(),
        "--layers".to_owned(),
    ];
    words.push(format!("--file={dockerfile}"));
    let kept = image.kept.as_deref();
    let ignore = match kept {
        Some(kept) => kept.ignore.as_ref().map(|file| file.path.clone()),
        None => Some(format!("{dockerfile}.dockerignore")),
    };
    words.extend(ignore.map(|path| format!("--ignorefile={path}")));
    words.extend(kept.into_iter().flat_map(|kept| of_kept(image, kept)));
    if !platforms.is_empty() {
        words.push(format!("--platform={}", platforms.join(",")));
    }
    let is_list = platforms.len() > 1;
    words.extend(
        reference
            .as_ref()
            .map(|name| format!("--{}={name}", if is_list { "manifest" } else { "tag" })),
    );
    let context = kept.map_or("", |kept| kept.context.as_str());
    words.push(if context.is_empty() { "." } else { context }.to_owned());
    let step = |words: Vec<String>| Step {
        image: Some(id),
        environment: Vec::new(),
        words,
        input: None,
    };
    let mut steps = vec![step(words)];
    if let (Destination::Push, Some(name)) = (order.destination, reference) {
        let push: Vec<String> = if is_list {
            vec![
                "buildah".into(),
                "manifest".into(),
                "push".into(),
                "--all".into(),
                name.clone(),
                format!("docker://{name}"),
            ]
        } else {
            vec!["buildah".into(), "push".into(), name]
        };
        steps.push(step(push));
    }
    steps
}
