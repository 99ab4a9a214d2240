//! Every place where a declaration can name a file that is then read or compared.

use crate::support::{MINIMAL, overlaid};

/// A place and the files that a pull request reaches by it.
pub(super) struct Place {
    pub(super) name: &'static str,
    /// What it adds to the declaration.
    overlay: &'static str,
    /// Where the foreign content stands.
    pub(super) files: &'static [&'static str],
    /// Symbolic links, and what they point to.
    pub(super) links: &'static [(&'static str, &'static str)],
}

impl Place {
    pub(super) fn declaration(&self) -> String {
        overlaid(MINIMAL, self.overlay, 2)
    }

    /// Whether the files are read as a text of ours, and not compared byte by byte.
    pub(super) fn is_parsed(&self) -> bool {
        ["include", "locks"]
            .iter()
            .any(|field| self.overlay.starts_with(field))
    }

    /// The paths of the files, as a list of changed files.
    pub(super) fn changed(&self) -> String {
        let links = self.links.iter().map(|(path, _)| *path);
        self.files
            .iter()
            .copied()
            .chain(links)
            .flat_map(|path| [path, "\n"])
            .collect()
    }
}

const fn place(name: &'static str, overlay: &'static str, files: &'static [&'static str]) -> Place {
    Place {
        name,
        overlay,
        files,
        links: &[],
    }
}

/// The fleet with a text in a field.
pub(super) fn with(field: &str, text: &str) -> String {
    let quoted = format!("\"{text}\"");
    let value = if field == "include" {
        format!("[{quoted}]")
    } else {
        quoted
    };
    let overlay = match field.split_once('.') {
        Some((section, field)) => format!("{section}: {{ {field}: {value} }}\n"),
        None => format!("{field}: {value}\n"),
    };
    overlaid(MINIMAL, &overlay, 2)
}

pub(super) const PLACES: [Place; 27] = [
    place(
        "outputs.bake",
        "outputs: { bake: secrets/x.hcl }",
        &["secrets/x.hcl"],
    ),
    place(
        "outputs.compose",
        "outputs: { compose: values.yaml }",
        &["values.yaml"],
    ),
    place(
        "outputs.compose below",
        "outputs: { compose: { path: a/b/values.yml } }",
        &["a/b/values.yml"],
    ),
    place(
        "outputs.workflow",
        "outputs: { workflow: secrets/x.yml }",
        &["secrets/x.yml"],
    ),
    place(
        "a workflow",
        "outputs: { workflow: .github/workflows/x.yaml }",
        &[".github/workflows/x.yaml"],
    ),
    place(
        "outputs.compose in the way",
        "outputs: { compose: values.yaml/x.yaml }",
        &["values.yaml"],
    ),
    place(
        "the usual outputs",
        "outputs: {}",
        &[
            "compose.yaml",
            "generated/docker-bake.hcl",
            ".github/workflows/images.yaml",
        ],
    ),
    place(
        "layout.services",
        "layout: { services: \"secrets/{name}\" }",
        &[
            "secrets/svc-a/Dockerfile",
            "secrets/svc-a/Dockerfile.dockerignore",
            "secrets/svc-a/requirements.txt",
            "secrets/svc-a/constraints.txt",
            "secrets/svc-a/key.pem",
            "secrets/key.pem",
        ],
    ),
    place(
        "layout.services in the way",
        "layout: { services: \"secrets/{name}\" }",
        &["secrets/svc-a"],
    ),
    place(
        "layout.services in the way of all",
        "layout: { services: \"secrets/{name}\" }",
        &["secrets"],
    ),
    place(
        "layout.services among sources",
        "layout: { services: \"apps/{module}\" }",
        &[
            "apps/svc_a/Dockerfile",
            "apps/svc_a/requirements.txt",
            "apps/svc_a/notes.txt",
            "apps/svc_a/main.py",
        ],
    ),
    place(
        "layout.bases",
        "layout: { bases: \"secrets/{name}\" }",
        &[
            "secrets/base-runtime/Dockerfile",
            "secrets/base-runtime/requirements.txt",
            "secrets/.hidden/key",
        ],
    ),
    place(
        "layout.requirements",
        "layout: { requirements: \"secrets/{set}.txt\" }",
        &["secrets/base.txt", "secrets/other.txt"],
    ),
    place(
        "layout.requirements with a name",
        "layout: { requirements: \"secrets/token-{set}.txt\" }",
        &["secrets/token-base.txt"],
    ),
    place(
        "a generated file",
        "shared: [libs]",
        &[
            "generated/svc-a/Dockerfile",
            "generated/requirements/base.txt",
        ],
    ),
    place(
        "strays",
        "shared: [libs]",
        &[
            "generated/key.pem",
            "generated/svc-a/.env",
            "generated/a b/c.txt",
        ],
    ),
    place("include", "include: [x.yaml]", &["x.yaml"]),
    place(
        "include by a pattern",
        "include: [\"*.yaml\", \"secrets/*/*.y?l\"]",
        &["x.yaml", "secrets/a/b.yml"],
    ),
    place(
        "locks",
        "locks: secrets",
        &[
            "secrets/svc-a.txt",
            "secrets/base-runtime.txt",
            "secrets/other.txt",
        ],
    ),
    place(
        "locks of a few",
        "locks: { folder: secrets, images: [svc-a] }",
        &["secrets/svc-a.txt", "secrets/key.pem"],
    ),
    place(
        "templates",
        "templates: secrets",
        &[
            "secrets/service/multi-stage-slim.Dockerfile",
            "secrets/partials/apt.j2.txt",
            "secrets/.env",
            "secrets/.j2",
            "secrets/partials/.apt.j2",
            "secrets/.hidden/apt.j2",
        ],
    ),
    place(
        "shared",
        "shared: [secrets]",
        &["secrets/x.yaml", "secrets/Dockerfile"],
    ),
    place(
        "layout.source",
        "layout: { source: \"secrets/{module}\" }",
        &["secrets/svc_a/main.py", "secrets/x.txt"],
    ),
    Place {
        name: "links to the file",
        overlay: "outputs: { compose: compose.yaml, bake: x.hcl }",
        files: &["secrets.txt"],
        links: &[
            ("compose.yaml", "secrets.txt"),
            ("x.hcl", "secrets.txt"),
            ("generated/svc-a/Dockerfile", "../../secrets.txt"),
        ],
    },
    Place {
        name: "a folder that is a link",
        overlay: "layout: { services: \"link/{name}\" }",
        files: &["secrets/svc-a/Dockerfile"],
        links: &[("link", "secrets")],
    },
    Place {
        name: "templates that are links",
        overlay: "templates: docker/templates",
        files: &["secrets.txt"],
        links: &[("docker/templates/apt.j2", "../../secrets.txt")],
    },
    Place {
        name: "an include that is a link",
        overlay: "include: [x.yaml]",
        files: &["secrets.txt"],
        links: &[("x.yaml", "secrets.txt")],
    },
];

/// Fields with paths that no file of theirs can have, and the example that the error shows.
pub(super) const REFUSED: [(&str, &str, &str); 27] = [
    ("outputs.compose", ".env", "compose.yaml"),
    ("outputs.compose", ".env.yaml", "compose.yaml"),
    ("outputs.compose", "creds.json", "compose.yaml"),
    ("outputs.compose", ".ssh/config.yaml", "compose.yaml"),
    (
        "outputs.compose",
        ".github/workflows/x.yaml",
        "compose.yaml",
    ),
    ("outputs.compose", "id_rsa", "compose.yaml"),
    ("outputs.bake", "creds.json", "generated/docker-bake.hcl"),
    ("outputs.bake", ".env", "generated/docker-bake.hcl"),
    (
        "outputs.bake",
        ".terraform/x.hcl",
        "generated/docker-bake.hcl",
    ),
    ("outputs.bake", "x.yaml", "generated/docker-bake.hcl"),
    (
        "outputs.workflow",
        ".github/dependabot.yml",
        ".github/workflows/images.yaml",
    ),
    (
        "outputs.workflow",
        ".circleci/config.yml",
        ".github/workflows/images.yaml",
    ),
    (
        "outputs.workflow",
        ".github/workflows/.x.yml",
        ".github/workflows/images.yaml",
    ),
    (
        "outputs.workflow",
        ".github/workflows/x.json",
        ".github/workflows/images.yaml",
    ),
    (
        "outputs.workflow",
        "secrets/.github/workflows/x.yml",
        ".github/workflows/images.yaml",
    ),
    ("layout.services", ".secrets/{name}", "generated/{name}"),
    ("layout.services", "secrets/.{name}", "generated/{name}"),
    ("layout.bases", ".aws/{name}", "generated/{name}"),
    (
        "layout.requirements",
        ".secrets/{set}.txt",
        "generated/requirements/{set}.txt",
    ),
    (
        "layout.requirements",
        "secrets/.{set}.txt",
        "generated/requirements/{set}.txt",
    ),
    ("locks", ".secrets", "locks: locks"),
    ("locks", "a/.secrets", "locks: locks"),
    ("templates", ".secrets", "templates: docker/templates"),
    ("include", ".secrets/x.yaml", "services.d/*.yaml"),
    ("include", "secrets/.x.yaml", "services.d/*.yaml"),
    ("include", "secrets/.*.yaml", "services.d/*.yaml"),
    ("include", ".env", "services.d/*.yaml"),
];
