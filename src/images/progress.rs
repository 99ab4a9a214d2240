//! What builders say while they build, as far as the table at the end needs it.
//!
//! `docker buildx --progress=plain` names a step once (`#7 [svc-ocr stage-1 3/5] RUN …`) and later
//! how it went (`#7 CACHED`, `#7 DONE 1.2s`); with one target alone it leaves the target's name
//! out. buildah marks steps that it takes from its cache.

use std::collections::BTreeMap;

/// What became of an image, as far as could be heard.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Heard {
    /// Steps that were carried out, without those that name the image below.
    pub(crate) done: usize,
    /// Steps that came from the cache.
    pub(crate) cached: usize,
    /// How long the steps took, in milliseconds.
    pub(crate) millis: u64,
}

/// Listens to `docker buildx bake`.
#[derive(Debug, Default)]
pub(crate) struct BakeProgress {
    targets: Vec<String>,
    alone: Option<String>,
    steps: BTreeMap<String, String>,
    heard: BTreeMap<String, Heard>,
}

impl BakeProgress {
    /// For a fleet with these targets; `alone` is the one that is asked for, where there is only
    /// one.
    #[must_use]
    pub(crate) fn new(targets: Vec<String>, alone: Option<String>) -> Self {
        Self {
            targets,
            alone,
            ..Self::default()
        }
    }

    /// Takes one line.
    pub(crate) fn line(&mut self, line: &str) {
        let Some((number, rest)) = line
            .trim()
            .strip_prefix('#')
            .and_then(|rest| rest.split_once(' '))
        else {
            return;
        };
        if let Some((name, instruction)) = rest
            .strip_prefix('[')
            .and_then(|rest| rest.split_once("] "))
        {
            let is_step = name
                .rsplit(' ')
                .next()
                .is_some_and(|last| last.contains('/'))
                && !instruction.starts_with("FROM ");
            let target = name
                .split(' ')
                .next()
                .filter(|first| self.targets.iter().any(|target| target == first));
            let target = target.or(self.alone.as_deref());
            if let (true, Some(target)) = (is_step, target) {
                self.steps.insert(number.to_owned(), target.to_owned());
            }
            return;
        }
        let Some(target) = self.steps.get(number) else {
            return;
        };
        let heard = self.heard.entry(target.clone()).or_default();
        if rest == "CACHED" {
            heard.cached += 1;
        } else if let Some(seconds) = rest
            .strip_prefix("DONE ")
            .and_then(|time| time.strip_suffix('s'))
        {
            heard.done += 1;
            heard.millis += millis(seconds);
        }
    }

    /// What was heard of a target.
    #[must_use]
    pub(crate) fn heard(&self, target: &str) -> Heard {
        self.heard.get(target).copied().unwrap_or_default()
    }
}

/// `1.25` in thousandths.
fn millis(seconds: &str) -> u64 {
    let (whole, part) = seconds.split_once('.').unwrap_or((seconds, ""));
    let part: String = part.chars().chain("000".chars()).take(3).collect();
    whole.parse::<u64>().unwrap_or(0) * 1000 + part.parse::<u64>().unwrap_or(0)
}

/// Takes one line of `buildah build`.
pub(crate) fn buildah_line(heard: &mut Heard, line: &str) {
    let is_step = line.split_once("STEP ").is_some_and(|(before, rest)| {
        (before.is_empty() || before.starts_with('['))
            && !rest.contains(": FROM ")
            && rest.contains('/')
    });
    if is_step {
        heard.done += 1;
    } else if line.starts_with("--> Using cache") {
        heard.cached += 1;
        heard.done = heard.done.saturating_sub(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_told_by_target_and_outcome() {
        let mut progress = BakeProgress::new(vec!["base".to_owned(), "svc".to_owned()], None);
        let lines = "#1 [svc internal] load build definition from x\n#1 DONE 0.1s\n#2 [base 1/2] FROM x\n#2 DONE 9s\n\
                     #3 [base 2/2] RUN a\n#3 CACHED\n#4 [svc stage-1 2/3] COPY a b\n#4 DONE 1.25s\n#5 [svc stage-1 3/3] RUN b\n#5 0.3 noise\n#5 DONE 2s\n";
        lines.lines().for_each(|line| progress.line(line));
        assert_eq!(
            progress.heard("base"),
            Heard {
                done: 0,
                cached: 1,
                millis: 0
            }
        );
        assert_eq!(
            progress.heard("svc"),
            Heard {
                done: 2,
                cached: 0,
                millis: 3250
            }
        );
    }

    #[test]
    fn a_lone_target_goes_without_its_name() {
        let mut progress = BakeProgress::new(
            vec!["svc".to_owned(), "base".to_owned()],
            Some("svc".to_owned()),
        );
        for line in [
            "#2 [base 2/2] RUN b",
            "#2 DONE 7s",
            "#3 [stage-1 2/2] RUN a",
            "#3 DONE 0.1s",
        ] {
            progress.line(line);
        }
        assert_eq!(
            progress.heard("svc"),
            Heard {
                done: 1,
                cached: 0,
                millis: 100
            }
        );
    }

    #[test]
    fn buildah_says_what_its_cache_gave() {
        let mut heard = Heard::default();
        for line in [
            "STEP 1/3: FROM x",
            "STEP 2/3: RUN a",
            "--> Using cache 12ab",
            "[2/2] STEP 3/3: RUN b",
            "noise",
        ] {
            buildah_line(&mut heard, line);
        }
        assert_eq!(
            heard,
            Heard {
                done: 1,
                cached: 1,
                millis: 0
            }
        );
    }
}
