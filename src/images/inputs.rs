//! Which files of the build context each image takes, read from its Dockerfile.
//!
//! `COPY`, `ADD` and `RUN --mount=type=bind` take files; whatever names another stage or image with
//! `from` does not. What cannot be known before the build (a variable in a path) counts as the
//! folder above it: rather one image too many than one too few.

use std::borrow::Cow;

use crate::artifact::lies_in;
use crate::dockerfile::glob::Glob;
use crate::dockerfile::ignore::{Ignore, clean};
use crate::dockerfile::{Instruction, NamedImage, Segment, named_images, segment, taken};
use crate::fleet::Fleet;
use crate::fleet::kept::KeptDockerfile;

/// What an image is made of, beside the image below.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inputs {
    /// The Dockerfile and its `.dockerignore` file, or the places where that could be.
    pub(crate) own: Vec<String>,
    /// The folder of the build context, which sources count from; empty for the root.
    pub(crate) context: String,
    /// What instructions take from the build context.
    pub sources: Vec<Source>,
    /// What the build context leaves out.
    pub(crate) ignore: Ignore,
    /// The images that it names.
    pub(crate) named: Vec<NamedImage>,
    /// What `ONBUILD` makes the images on top take.
    on_build: Vec<Source>,
}

/// What makes a path one that only the build knows: variables, quotes and escapes.
const OF_BUILDS: [char; 4] = ['$', '"', '\'', '\\'];

/// What makes a path a pattern.
const OF_PATTERNS: [char; 3] = ['*', '?', '['];

/// The folder or file that holds everything that a cleaned path or pattern can match.
pub(super) fn fixed(path: &str) -> String {
    let is_known = |name: &&str| !name.contains(OF_BUILDS) && !name.contains(OF_PATTERNS);
    let names: Vec<&str> = path.split('/').take_while(is_known).collect();
    names.join("/")
}

/// A path or pattern below the build context.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// The folder or file that everything taken lies in; empty for the whole context.
    pub root: String,
    /// The pattern, where it is one.
    pattern: Option<Glob>,
    /// The instruction's keyword with the path as written.
    pub shown: String,
}

impl Source {
    fn read(keyword: &str, written: &str) -> Self {
        let path = clean(written);
        let is_pattern = path.contains(OF_PATTERNS) && !path.contains(OF_BUILDS);
        Self {
            root: fixed(&path),
            pattern: is_pattern.then(|| Glob::of_copy(&path)),
            shown: format!("{keyword} {written}"),
        }
    }

    /// Whether a path, or something below it, is taken, were nothing ignored: git names a submodule
    /// by its folder alone.
    #[must_use]
    pub fn takes(&self, path: &str) -> bool {
        let is_match =
            |pattern: &Glob| pattern.matches_or_parent(path) || pattern.reaches_into(path);
        lies_in(&self.root, path)
            || (lies_in(path, &self.root) && self.pattern.as_ref().is_none_or(is_match))
    }
}

impl Inputs {
    /// Takes nothing, not even what `ONBUILD` of a base says.
    #[must_use]
    pub(crate) fn none() -> Self {
        Self {
            own: Vec::new(),
            context: String::new(),
            sources: Vec::new(),
            ignore: Ignore::parse("*"),
            named: Vec::new(),
            on_build: Vec::new(),
        }
    }

    /// Reads what a Dockerfile takes.
    #[must_use]
    pub fn of(path: &str, dockerfile: &str, ignore: &str) -> Self {
        let segments = segment(dockerfile);
        let mut inputs = Self {
            own: vec![path.to_owned(), format!("{path}.dockerignore")],
            context: String::new(),
            sources: Vec::new(),
            ignore: Ignore::parse(ignore),
            named: named_images(&segments),
            on_build: Vec::new(),
        };
        for instruction in segments.iter().filter_map(Segment::instruction) {
            match instruction.trigger() {
                Some(triggered) => inputs.on_build.extend(sources(&triggered)),
                None => inputs.sources.extend(sources(instruction)),
            }
        }
        inputs
    }

    /// Reads what a Dockerfile takes that a person keeps: the whole build context where it cannot
    /// be read.
    #[must_use]
    pub(crate) fn of_kept(kept: &KeptDockerfile) -> Self {
        let path = kept.path.value.as_str();
        let ignore = kept.ignore.as_ref().map_or("", |file| file.text.as_str());
        let text = kept.text.as_deref();
        let mut inputs = Self::of(path, text.unwrap_or_default(), ignore);
        inputs.own = vec![path.to_owned()];
        inputs.own.extend(kept.ignore_paths());
        inputs.context.clone_from(&kept.context);
        if text.is_none() {
            inputs.sources.push(Source::read("context", "."));
        }
        inputs
    }

    /// The folders and files that it takes, from the root on.
    pub(super) fn roots(&self) -> impl Iterator<Item = Cow<'_, str>> {
        let context = self.context.as_str();
        let sources =
            self.sources
                .iter()
                .map(move |source| match (context, source.root.as_str()) {
                    ("", root) => Cow::Borrowed(root),
                    (context, "") => Cow::Borrowed(context),
                    (context, root) => Cow::Owned(format!("{context}/{root}")),
                });
        self.own
            .iter()
            .map(|own| Cow::Borrowed(own.as_str()))
            .chain(sources)
    }

    /// A path from the build context on; that itself for a folder above it, nothing beside it.
    fn in_context<'p>(&self, path: &'p str) -> Option<&'p str> {
        if self.context.is_empty() || lies_in(&self.context, path) {
            return Some(if self.context.is_empty() { path } else { "" });
        }
        path.strip_prefix(&self.context)?.strip_prefix('/')
    }

    /// The source that takes a path or something below it, where one does and nothing ignores that.
    #[must_use]
    pub fn source_of(&self, path: &str) -> Option<&Source> {
        let path = self.in_context(path)?;
        let source = self.sources.iter().find(|source| source.takes(path))?;
        let is_above = path.is_empty() || (lies_in(&source.root, path) && source.root != path);
        (is_above || !self.ignore.excludes(path) || self.ignore.keeps_below(path)).then_some(source)
    }
}

/// The inputs of every image of a fleet, from what each one's Dockerfile says: what `ONBUILD` of a
/// base takes, the images on top take.
#[must_use]
pub(crate) fn inputs(fleet: &Fleet, mut read: Vec<Inputs>) -> Vec<Inputs> {
    for (id, image) in fleet.numbered() {
        if let Some(base) = image.base() {
            let triggered = read[base].on_build.clone();
            read[id].sources.extend(triggered);
        }
    }
    read
}

/// What one instruction takes from the build context.
fn sources(instruction: &Instruction) -> Vec<Source> {
    let taken = taken(instruction).into_iter();
    taken
        .map(|(keyword, path)| Source::read(keyword, &path))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const IGNORE: &str = "*\n!libs\n!apps/a\n!r.txt\n**/__pycache__\n";

    fn taken(dockerfile: &str, path: &str) -> bool {
        Inputs::of("g/Dockerfile", dockerfile, "")
            .source_of(path)
            .is_some()
    }

    #[test]
    fn what_instructions_take_is_known() {
        let taking = [
            ("COPY libs/ ./libs/", "libs/x.py"),
            ("COPY --chmod=0755 a b c/", "b"),
            ("COPY [\"a b\", \"c\"]", "a b/x"),
            ("ADD apps/*/x.txt /", "apps/q/x.txt"),
            ("COPY . /app", "any/thing"),
            ("COPY apps/$N /", "apps/z/y"),
            ("RUN --mount=type=bind,source=r.txt,target=/r true", "r.txt"),
            ("RUN --mount=target=/src true", "x"),
            (
                "RUN --mount=type=cache,target=/c --mount=src=q,target=/q true",
                "q/1",
            ),
            ("COPY libs/sub /", "libs"),
            ("ADD apps/*/x.txt /", "apps/q"),
            ("ADD data/[xy]/*.txt /", "data/x"),
            ("COPY libs/sub /", ""),
            ("COPY . /", ""),
            ("COPY /libs/../libs /", "libs/y"),
        ];
        for (line, path) in taking {
            assert!(taken(&format!("FROM x\n{line}\n"), path), "{line} {path}");
        }
        let leaving = [
            ("COPY --from=builder /opt /opt", "opt/x"),
            ("COPY libs/ ./libs/", "libs2/x"),
            ("ADD https://h.example/libs /", "libs/x"),
            ("RUN --mount=type=cache,target=/c true", "c"),
            ("RUN --mount=type=bind,from=b,source=r,target=/r true", "r"),
            ("RUN --mount=type=secret,id=a true", "a"),
            ("COPY <<EOF /x\nlibs\nEOF", "libs/x"),
            ("ADD apps/*/x.txt /", "apps/q/y.txt"),
            ("ADD data/[xy]/*.txt /", "data/z"),
        ];
        for (line, path) in leaving {
            assert!(!taken(&format!("FROM x\n{line}\n"), path), "{line} {path}");
        }
    }

    #[test]
    fn what_is_ignored_is_not_taken() {
        let inputs = Inputs::of("g/Dockerfile", "FROM x\nCOPY libs apps/a /\n", IGNORE);
        assert!(inputs.source_of("libs/x.py").is_some());
        assert!(inputs.source_of("libs/__pycache__/x.py").is_none());
        assert!(inputs.source_of("apps").is_some(), "a submodule above");
    }

    #[test]
    fn a_folder_counts_where_something_in_it_is_kept() {
        let inputs = Inputs::of("g/Dockerfile", "FROM x\nCOPY . /\n", IGNORE);
        for folder in ["", "apps", "libs", "libs/deep", "apps/a"] {
            assert!(inputs.source_of(folder).is_some(), "{folder}");
        }
        for folder in ["conf", "apps/b", "libs/__pycache__", "r.txt/x/__pycache__"] {
            assert!(inputs.source_of(folder).is_none(), "{folder}");
        }
    }

    #[test]
    fn onbuild_takes_for_the_images_on_top() {
        let inputs = Inputs::of("g/Dockerfile", "FROM x\nONBUILD COPY libs /\n", "");
        assert!(inputs.source_of("libs/x").is_none());
        assert_eq!(inputs.on_build.len(), 1);
    }
}
