//! Instruction by instruction (`dispatch` of `convert.go`).

use std::collections::BTreeMap;

use super::super::{Instruction, instruction_refusal, is_known_keyword};
use super::Build;
use super::copy::Source;
use super::files::join;
use super::health::Health;
use super::model::{Base, Claim, Claimant, Launch, Missing, Unread};
use super::stage::Stage;

/// How many triggers of `ONBUILD` may run triggers.
const TRIGGER_LIMIT: usize = 1_000;

/// A Dockerfile while it is read.
pub(super) struct Reading<'a> {
    pub(super) build: &'a Build<'a>,
    /// `ARG` before the first FROM, which only FROM sees (`globalArgs`).
    pub(super) arguments: BTreeMap<String, String>,
    pub(super) stages: Vec<Stage>,
    pub(super) claims: Vec<(usize, Claim)>,
    pub(super) missing: Vec<(usize, Missing)>,
    triggered: usize,
}

/// The shell of images for Linux (`defaultShell`).
const SHELL: [&str; 2] = ["/bin/sh", "-c"];

impl<'a> Reading<'a> {
    pub(super) fn new(build: &'a Build<'a>) -> Self {
        Self {
            build,
            arguments: BTreeMap::new(),
            stages: Vec::new(),
            claims: Vec::new(),
            missing: Vec::new(),
            triggered: 0,
        }
    }

    pub(super) fn build(&self) -> &'a Build<'a> {
        self.build
    }

    /// The stage that is being read.
    #[expect(
        clippy::expect_used,
        reason = "instructions before the first FROM are refused"
    )]
    pub(super) fn stage(&self) -> &Stage {
        self.stages
            .last()
            .expect("instructions before the first FROM are refused")
    }

    #[expect(
        clippy::expect_used,
        reason = "instructions before the first FROM are refused"
    )]
    pub(super) fn stage_mut(&mut self) -> &mut Stage {
        self.stages
            .last_mut()
            .expect("instructions before the first FROM are refused")
    }

    /// Reads one instruction.
    pub(super) fn instruction(
        &mut self,
        instruction: &Instruction,
        line: usize,
    ) -> Result<(), Unread> {
        if instruction_refusal(instruction).is_some() {
            // A word of a file that is no Dockerfile is nothing to print.
            let keyword = instruction.keyword();
            let reason = if is_known_keyword(keyword) {
                format!("has a {keyword} that Docker does not accept")
            } else {
                "is not a Dockerfile instruction".to_owned()
            };
            return Err(Unread::Refused { line, reason });
        }
        match instruction.keyword() {
            "FROM" => return self.from(instruction, line),
            "ARG" if self.stages.is_empty() => self.global_argument(instruction),
            _ if self.stages.is_empty() => {
                let reason = "stands before the first FROM".to_owned();
                return Err(Unread::Refused { line, reason });
            }
            "RUN" => {
                self.run(instruction, line);
                return Ok(());
            }
            _ => {
                let by = self.apply(instruction, line)?;
                self.claim(line, instruction.keyword(), None, by);
                return Ok(());
            }
        }
        self.claim(line, instruction.keyword(), None, Claimant::Argument);
        Ok(())
    }

    /// Notes who answers for an instruction or a command.
    pub(super) fn claim(
        &mut self,
        line: usize,
        keyword: &str,
        command: Option<String>,
        by: Claimant,
    ) {
        let keyword = keyword.to_owned();
        let stage = self.stages.len().saturating_sub(1);
        self.claims.push((
            stage,
            Claim {
                line,
                keyword,
                command,
                by,
            },
        ));
    }

    pub(super) fn note_missing(&mut self, missing: Missing) {
        let stage = self.stages.len().saturating_sub(1);
        self.missing.push((stage, missing));
    }

    /// Words with known variables filled in. One that `BuildKit` cannot read stays.
    pub(super) fn expanded_words(
        &self,
        instruction: &Instruction,
        words: &[String],
    ) -> Vec<String> {
        let variables = self.stage();
        words
            .iter()
            .map(|word| {
                instruction
                    .expanded(word, variables)
                    .unwrap_or_else(|| word.clone())
            })
            .collect()
    }

    fn global_argument(&mut self, instruction: &Instruction) {
        for (name, value) in instruction
            .expanded_pairs(&self.arguments)
            .unwrap_or_default()
        {
            let given = self.build.arguments.get(&name).cloned();
            self.arguments
                .extend(given.or(value).map(|value| (name, value)));
        }
    }

    fn from(&mut self, instruction: &Instruction, line: usize) -> Result<(), Unread> {
        let words = instruction.values().unwrap_or_default();
        let fill = |word: &String| instruction.expanded(word, &self.arguments);
        let Some(reference) = words.first().and_then(fill).filter(|name| !name.is_empty()) else {
            let reason = "has FROM without an image".to_owned();
            return Err(Unread::Refused { line, reason });
        };
        let flags = instruction.flags();
        let platform = flags
            .iter()
            .find_map(|flag| flag.strip_prefix("--platform="));
        let platform = platform.map(str::to_owned);
        let mut triggers = Vec::new();
        let mut stage = match self.stage_named(&reference) {
            Some((position, below)) => {
                triggers.clone_from(&below.triggers);
                Stage::on_stage(below, position)
            }
            None => Stage::on_image(Base {
                reference,
                platform,
                line,
            }),
        };
        stage.name = words.get(2).map(|name| name.to_ascii_lowercase());
        self.stages.push(stage);
        self.claim(line, "FROM", None, Claimant::Base);
        for trigger in triggers {
            self.trigger(&trigger, line)?;
        }
        Ok(())
    }

    /// Runs what `ONBUILD` of the stage below asks for, as part of this FROM
    /// (`initOnBuildTriggers`).
    fn trigger(&mut self, instruction: &Instruction, line: usize) -> Result<(), Unread> {
        self.triggered += 1;
        if self.triggered > TRIGGER_LIMIT || matches!(instruction.keyword(), "FROM" | "ONBUILD") {
            return Ok(());
        }
        let before = self.claims.len();
        self.instruction(instruction, line)?;
        self.claims.truncate(before);
        Ok(())
    }

    /// An earlier stage, by its name in any case (`HasStage`).
    pub(super) fn stage_named(&self, name: &str) -> Option<(usize, &Stage)> {
        let is_named = |(_, stage): &(usize, &Stage)| {
            stage
                .name
                .as_deref()
                .is_some_and(|other| other.eq_ignore_ascii_case(name))
        };
        self.stages.iter().enumerate().rev().find(is_named)
    }

    /// What `--from` names: an earlier stage by name or number, else an image.
    pub(super) fn source(&self, name: &str) -> Source {
        let current = self.stages.len() - 1;
        let by_name = self.stage_named(name).map(|(position, _)| position);
        let position = by_name
            .or_else(|| name.parse().ok())
            .filter(|position| *position < current);
        position.map_or_else(|| Source::Image(name.to_owned()), Source::Stage)
    }

    /// An earlier stage that this one takes something from.
    pub(super) fn taken_stage(&mut self, position: usize) -> Option<Stage> {
        let other = self.stages.get(position).cloned()?;
        self.stage_mut().takes.insert(position);
        Some(other)
    }

    fn apply(&mut self, instruction: &Instruction, line: usize) -> Result<Claimant, Unread> {
        let values = instruction.values().unwrap_or_default();
        let keyword = instruction.keyword();
        Ok(match keyword {
            "COPY" | "ADD" => {
                self.copy(instruction, line);
                Claimant::Files
            }
            "ENV" => self.env(instruction),
            "ARG" => self.argument(instruction),
            "LABEL" => {
                let pairs = instruction
                    .expanded_pairs(&self.stage().variables)
                    .unwrap_or_default();
                let pairs = pairs
                    .into_iter()
                    .filter_map(|(name, value)| Some((name, value?)));
                self.stage_mut().labels.extend(pairs);
                Claimant::Labels
            }
            "ONBUILD" => {
                self.stage_mut().triggers.extend(instruction.trigger());
                self.step(instruction, line);
                Claimant::Step
            }
            "SHELL" => {
                self.stage_mut().shell = instruction.exec_form();
                Claimant::Housekeeping
            }
            "MAINTAINER" => {
                let name = values.first().cloned().unwrap_or_default();
                self.stage_mut()
                    .labels
                    .insert("maintainer".to_owned(), name);
                Claimant::Labels
            }
            "CMD" | "ENTRYPOINT" => self.launch(instruction),
            "HEALTHCHECK" => {
                let health = Health::read(instruction, &self.stage().variables);
                let Some(health) = health else {
                    let reason = "has a HEALTHCHECK that Docker does not accept".to_owned();
                    return Err(Unread::Refused { line, reason });
                };
                self.stage_mut().health = Some(health);
                Claimant::Health
            }
            _ => self.setting(keyword, &self.expanded_words(instruction, &values)),
        })
    }

    /// The instructions that set one thing to words.
    fn setting(&mut self, keyword: &str, words: &[String]) -> Claimant {
        let first = words.first().cloned().unwrap_or_default();
        let stage = self.stage_mut();
        match keyword {
            "WORKDIR" => {
                // A relative path counts from the one before (`NormalizeWorkdir`).
                stage.workdir = join(&stage.workdir, &first);
                stage.is_workdir_set = true;
                Claimant::Workdir
            }
            "USER" => {
                stage.user = Some(first);
                Claimant::User
            }
            "EXPOSE" => {
                stage
                    .ports
                    .extend(words.iter().flat_map(|word| ports(word)));
                Claimant::Ports
            }
            "VOLUME" => {
                stage.volumes.extend(words.iter().cloned());
                Claimant::Volumes
            }
            _ => {
                stage.stop_signal = Some(first);
                Claimant::StopSignal
            }
        }
    }

    /// All values of one `ENV` see the variables from before it (`dispatch` expands the whole
    /// instruction first).
    fn env(&mut self, instruction: &Instruction) -> Claimant {
        let pairs = instruction.expanded_pairs(self.stage()).unwrap_or_default();
        let stage = self.stage_mut();
        for (name, value) in pairs {
            let value = value.unwrap_or_default();
            stage.env.insert(name.clone(), value.clone());
            stage.variables.insert(name, value);
        }
        Claimant::Env
    }

    /// An argument without a default has the value of the one before the first FROM
    /// (`dispatchArg`).
    fn argument(&mut self, instruction: &Instruction) -> Claimant {
        let pairs = instruction
            .expanded_pairs(&self.stage().variables)
            .unwrap_or_default();
        for (name, default) in pairs {
            let given = self.build.arguments.get(&name).cloned();
            let value = given
                .or(default)
                .or_else(|| self.arguments.get(&name).cloned());
            let value = value.or_else(|| (!is_builders(&name)).then(String::new));
            let stage = self.stage_mut();
            stage.arguments.insert(name.clone(), value.clone());
            let is_env = stage.env.contains_key(&name);
            stage
                .variables
                .extend(value.filter(|_| !is_env).map(|value| (name, value)));
        }
        Claimant::Argument
    }

    /// `ENTRYPOINT` takes the `CMD` of the image below away, unless this stage sets one itself
    /// (`dispatchEntrypoint`).
    fn launch(&mut self, instruction: &Instruction) -> Claimant {
        let text = instruction.operands().to_owned();
        let shell = self.stage().shell.clone();
        let launch = match (instruction.exec_form(), shell) {
            (Some(words), _) => Launch::Exec(words),
            (None, Some(shell)) if shell != SHELL => {
                Launch::Exec(shell.into_iter().chain([text]).collect())
            }
            (None, _) => Launch::Shell(text),
        };
        let is_empty = launch == Launch::Exec(Vec::new());
        let launch = Some(launch).filter(|_| !is_empty);
        let stage = self.stage_mut();
        if instruction.keyword() == "CMD" {
            stage.command = launch;
            stage.sets_command = true;
            return Claimant::Command;
        }
        stage.entrypoint = launch;
        if !stage.sets_command {
            stage.command = None;
        }
        Claimant::Entrypoint
    }
}

/// Whether a build argument gets its value from the builder (`platformArg`s of `convert.go`, and
/// proxies).
pub(crate) fn is_builders(name: &str) -> bool {
    ["TARGET", "BUILD"].iter().any(|start| {
        let rest = name.strip_prefix(start);
        rest.is_some_and(|rest| ["PLATFORM", "OS", "ARCH", "VARIANT"].contains(&rest))
    }) || name.to_ascii_lowercase().ends_with("_proxy")
}

/// The ports of a word: `8000`, `8000/udp`, `8000-8002` (nat.ParsePortSpecs).
fn ports(word: &str) -> Vec<String> {
    if word.is_empty() {
        return Vec::new();
    }
    let (range, protocol) = word.split_once('/').unwrap_or((word, "tcp"));
    // Before a colon stands a port of the host, which an image says nothing of.
    let range = range.rsplit(':').next().unwrap_or(range);
    let (first, last) = range.split_once('-').unwrap_or((range, range));
    let protocol = protocol.to_ascii_lowercase();
    match (first.parse::<u16>(), last.parse::<u16>()) {
        (Ok(first), Ok(last)) if first <= last && last - first < 1_000 => (first..=last)
            .map(|port| format!("{port}/{protocol}"))
            .collect(),
        _ => vec![format!("{range}/{protocol}")],
    }
}
