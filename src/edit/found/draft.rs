//! The plain Dockerfile of a service that has none.

use std::fmt::Write as _;

use super::paths::{beneath, holds, is_fit};
use super::start::{PORT, Start};
use crate::dockerfile::meaning::Tree;
use crate::edit::adopt::usual_times;

/// A service without a Dockerfile.
pub(super) struct Draft<'a> {
    tree: &'a dyn Tree,
    folder: &'a str,
    start: &'a Start,
}

impl<'a> Draft<'a> {
    pub(super) fn new(tree: &'a dyn Tree, folder: &'a str, start: &'a Start) -> Self {
        Self {
            tree,
            folder,
            start,
        }
    }

    /// The Dockerfile, for a build from the root of the repository.
    pub(super) fn text(&self) -> String {
        let mut text = String::from("FROM python:3.12-slim\nWORKDIR /app\n");
        text.extend(self.installation());
        let source = beneath(self.folder, self.start.below);
        let source = source.trim_end_matches('/');
        let source = if source.is_empty() { "." } else { source };
        let _ = writeln!(text, "COPY {source} ./");
        if self.start.listens {
            let _ = writeln!(text, "EXPOSE {PORT}");
        }
        if let Some(route) = self.start.health {
            let url = format!("http://127.0.0.1:{PORT}{route}");
            let times = usual_times();
            let _ = writeln!(text, "HEALTHCHECK {times} CMD curl -fsS {url} || exit 1");
        }
        let words = serde_json::Value::from(self.start.command.clone());
        let _ = writeln!(text, "CMD {words}");
        text
    }

    /// The lines that install what the service needs: from its own files or the workspace that it
    /// is a member of, else from those of the root; nothing where none of them says anything.
    fn installation(&self) -> Option<String> {
        let member = self.workspace_member();
        self.locked(self.folder)
            .or_else(|| member.map(|package| uv_sync("", &format!(" --package {package}"))))
            .or_else(|| self.unlocked(self.folder))
            .or_else(|| self.locked(""))
            .or_else(|| self.unlocked(""))
    }

    /// The lines for a lock in a folder.
    fn locked(&self, folder: &str) -> Option<String> {
        if self.holds(folder, "uv.lock") {
            return Some(uv_sync(folder, ""));
        }
        let poetry = ["pyproject.toml", "poetry.lock"];
        let has_both = poetry.iter().all(|name| self.holds(folder, name));
        has_both.then(|| {
            let [manifest, lock] = poetry.map(|name| beneath(folder, name));
            format!(
                "RUN pip install poetry\nCOPY {manifest} {lock} ./\n\
                 RUN poetry config virtualenvs.create false \
                 && poetry install --only main --no-root\n"
            )
        })
    }

    /// The lines for a requirement file or a project in a folder.
    fn unlocked(&self, folder: &str) -> Option<String> {
        if self.holds(folder, "requirements.txt") {
            let path = beneath(folder, "requirements.txt");
            return Some(format!(
                "COPY {path} ./\nRUN pip install -r requirements.txt\n"
            ));
        }
        let manifest = beneath(folder, "pyproject.toml");
        let project = self.manifest(&manifest)?;
        project.get("project")?.get("dependencies")?;
        Some(format!(
            "RUN pip install uv\nCOPY {manifest} ./\n\
             RUN uv pip install --system -r pyproject.toml\n"
        ))
    }

    /// The name of the service's project, where the lock of the root has it as a member.
    fn workspace_member(&self) -> Option<String> {
        let lock = self.manifest("uv.lock")?;
        let project = self.manifest(&beneath(self.folder, "pyproject.toml"))?;
        let name = project.get("project")?.get("name")?.as_str()?;
        let members = lock.get("manifest")?.get("members")?.as_array()?;
        let is_member = members.iter().any(|member| member.as_str() == Some(name));
        (is_member && is_fit(name)).then(|| name.to_owned())
    }

    fn holds(&self, folder: &str, name: &str) -> bool {
        holds(self.tree, &beneath(folder, name))
    }

    fn manifest(&self, path: &str) -> Option<toml::Table> {
        self.tree.text(path)?.parse().ok()
    }
}

/// The lines for a lock of uv.
fn uv_sync(folder: &str, options: &str) -> String {
    let [manifest, lock] = ["pyproject.toml", "uv.lock"].map(|name| beneath(folder, name));
    format!(
        "RUN pip install uv\nCOPY {manifest} {lock} ./\n\
         RUN uv sync --frozen --no-dev --no-install-workspace{options}\n\
         ENV PATH=\"/app/.venv/bin:$PATH\"\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dockerfile::meaning::MemoryTree;

    const PROJECT: &str = "[project]\nname = \"a\"\ndependencies = []\n";
    const LOCK: &str = "[manifest]\nmembers = [\"a\"]\n";

    fn installs(files: &[(&str, &str)]) -> String {
        let tree = MemoryTree::new(files.iter().copied());
        let start = Start {
            below: "",
            command: Vec::new(),
            listens: false,
            health: None,
        };
        let lines = Draft::new(&tree, "services/a", &start).installation();
        lines.unwrap_or_default()
    }

    #[test]
    fn the_files_nearest_to_the_service_say_what_it_installs() {
        let (own, root) = ("services/a/requirements.txt", ("requirements.txt", ""));
        assert!(installs(&[(own, ""), root]).contains(own));
        assert!(installs(&[root]).starts_with("COPY requirements.txt ./"));
        assert_eq!(installs(&[]), "");
        let poetry = [
            ("services/a/pyproject.toml", ""),
            ("services/a/poetry.lock", ""),
            (own, ""),
        ];
        assert!(installs(&poetry).contains("poetry install"));
        let project = [("services/a/pyproject.toml", PROJECT), root];
        assert!(installs(&project).contains("uv pip install"));
        assert!(!installs(&[("services/a/pyproject.toml", "[tool.x]\n")]).contains("uv"));
    }

    #[test]
    fn a_member_of_a_workspace_installs_from_its_lock() {
        let files = [
            ("services/a/pyproject.toml", PROJECT),
            ("uv.lock", LOCK),
            ("pyproject.toml", ""),
        ];
        assert!(installs(&files).contains(" --package a\n"));
        let stranger = LOCK.replace("\"a\"", "\"b\"");
        let files = [files[0], ("uv.lock", stranger.as_str()), files[2]];
        assert!(installs(&files).contains("uv pip install"));
    }
}
