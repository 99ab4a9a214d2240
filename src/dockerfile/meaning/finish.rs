//! From the stages of a Dockerfile to what the built one means.

use std::collections::{BTreeMap, BTreeSet};

use super::install::{Asked, Install};
use super::instruction::Reading;
use super::model::{Claim, Claimant, Meaning, Missing, Step, Unread};
use super::stage::Stage;

impl Reading<'_> {
    /// What the text means: the last stage, or the target.
    pub(super) fn finish(mut self) -> Result<Meaning, Unread> {
        let position = self.target()?;
        let needed = self.needed(position);
        let in_needed = |(stage, _): &(usize, Missing)| needed.contains(stage);
        let missing = self
            .missing
            .iter()
            .filter(|one| in_needed(one))
            .map(|(_, one)| one.clone())
            .collect();
        for (stage, claim) in &mut self.claims {
            if !needed.contains(stage) && claim.keyword != "ARG" {
                claim.by = Claimant::OtherStage;
            }
        }
        let claims = self.claims.iter().map(|(_, claim)| claim.clone()).collect();
        Ok(self.meaning(position, &needed, missing, claims))
    }

    /// The stage that is built: by name, or by number (`Target` of `convert.go`).
    fn target(&self) -> Result<usize, Unread> {
        let last = self.stages.len().checked_sub(1).ok_or(Unread::NoStage)?;
        let Some(target) = self.build.target else {
            return Ok(last);
        };
        let by_name = self.stage_named(target).map(|(position, _)| position);
        let found = by_name
            .or_else(|| target.parse().ok())
            .filter(|position| *position <= last);
        found.ok_or_else(|| Unread::NoTarget(target.to_owned()))
    }

    /// The stages that a stage is made of.
    fn needed(&self, position: usize) -> BTreeSet<usize> {
        let mut needed = BTreeSet::new();
        let mut open = vec![position];
        while let Some(next) = open.pop() {
            if needed.insert(next) {
                open.extend(
                    self.stages
                        .get(next)
                        .into_iter()
                        .flat_map(|stage| stage.takes.iter()),
                );
            }
        }
        needed
    }

    #[expect(clippy::expect_used, reason = "the target is one of the stages")]
    fn meaning(
        &self,
        position: usize,
        needed: &BTreeSet<usize>,
        missing: Vec<Missing>,
        claims: Vec<Claim>,
    ) -> Meaning {
        let stage = self
            .stages
            .get(position)
            .expect("the target is one of the stages");
        let others: Vec<&Stage> = needed
            .iter()
            .filter_map(|at| self.stages.get(*at))
            .collect();
        let (steps, steps_elsewhere) = steps_of(stage, &others);
        let builds = others.iter().flat_map(|other| other.packages.iter());
        let build_packages = builds
            .filter(|name| !stage.packages.contains(*name))
            .cloned();
        Meaning {
            base: stage.base.clone(),
            files: stage.files.0.clone(),
            installs: installs_of(stage),
            indexes: stage.indexes.clone(),
            asked: asked_of(stage),
            copied: stage.copied.clone(),
            tools: stage.tools.clone(),
            packages: stage.packages.clone(),
            build_packages: build_packages.collect(),
            env: env_of(stage),
            workdir: stage.workdir.clone(),
            is_workdir_set: stage.is_workdir_set,
            is_user_set: stage.user.is_some(),
            user: stage
                .user
                .as_ref()
                .map_or_else(super::User::default, |user| stage.accounts.user(user)),
            entrypoint: stage.entrypoint.clone(),
            command: stage.command.clone(),
            ports: stage.ports.clone(),
            health: stage.health.clone(),
            volumes: stage.volumes.clone(),
            stop_signal: stage.stop_signal.clone(),
            labels: stage.labels.clone(),
            folders: stage.folders.clone(),
            steps,
            steps_elsewhere,
            scripts: stage.scripts.clone(),
            arguments: stage.arguments.clone(),
            missing,
            claims,
        }
    }
}

/// What is installed. Whoever installs a project installs what its manifest asks for.
fn installs_of(stage: &Stage) -> BTreeSet<Install> {
    let all = || stage.placed.iter().map(|placed| &placed.install);
    let is_covered = |install: &Install| {
        let Install::Manifest(path) = install else {
            return false;
        };
        let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
        all().any(|other| matches!(other, Install::Project { path, .. } if path == folder))
    };
    all().filter(|one| !is_covered(one)).cloned().collect()
}

/// What pip was asked for, once each.
fn asked_of(stage: &Stage) -> Vec<Asked> {
    let mut all = Vec::new();
    for (_, asked) in &stage.asked {
        if !all.contains(asked) {
            all.push(asked.clone());
        }
    }
    all
}

/// The steps of an image, those of the stages that it takes something from first, and the lines of
/// these.
fn steps_of(stage: &Stage, others: &[&Stage]) -> (Vec<Step>, BTreeSet<usize>) {
    let mut steps: Vec<Step> = Vec::new();
    for step in others.iter().flat_map(|other| &other.steps) {
        if !steps.contains(step) {
            steps.push(step.clone());
        }
    }
    let is_own = |step: &Step| stage.steps.contains(step);
    // What upgrades another stage is in no image.
    steps.retain(|step| is_own(step) || !upgrades(step));
    let elsewhere = steps.iter().filter(|step| !is_own(step));
    let elsewhere = elsewhere.map(|step| step.line).collect();
    for step in &mut steps {
        step.place(&stage.workdir);
    }
    (steps, elsewhere)
}

/// Whether a step brings the packages of the distribution up to date.
fn upgrades(step: &Step) -> bool {
    let mut words = step.key.split_whitespace();
    let is_manager = matches!(words.next(), Some("apt-get" | "apt" | "apk"));
    is_manager && words.any(|word| matches!(word, "upgrade" | "dist-upgrade" | "full-upgrade"))
}

/// The variables of an image, without what only says where its Python is: the folders of virtual
/// environments in `PATH`, and `VIRTUAL_ENV`.
fn env_of(stage: &Stage) -> BTreeMap<String, String> {
    let mut env = stage.env.clone();
    let is_place = |folder: &str| {
        stage.environments.contains(folder)
            || stage.placed.iter().any(|placed| placed.folder == folder)
    };
    if let Some(path) = env.remove("PATH") {
        let is_bin = |folder: &&str| folder.strip_suffix("/bin").is_some_and(is_place);
        let rest: Vec<&str> = path.split(':').filter(|folder| !is_bin(folder)).collect();
        let rest = rest.join(":");
        if rest != "${PATH}" {
            env.insert("PATH".to_owned(), rest);
        }
    }
    if env
        .get("VIRTUAL_ENV")
        .is_some_and(|folder| is_place(folder))
    {
        env.remove("VIRTUAL_ENV");
    }
    env
}
