//! Affected images against a brute-force oracle: render before and after, hash everything that a
//! Dockerfile takes, compare.
//!
//! The oracle shares no code with `build`: it reads `COPY`, `ADD` and mounts with a reader of its
//! own, and matches patterns by trying every way. Never may the plan have an image too few; at most
//! one in a hundred may be one too many.
//!
//! `DOCKWRIGHT_CASES` sets the number of changes: 250 without it, 1,000 with `DOCKWRIGHT_LONG=1`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use dockwright::fleet::Fleet;
use dockwright::images::Scope;
use dockwright::project::{Files, Loaded, plan};
use dockwright::render::dockerfile_path;

use crate::support::{Dice, cases_of, loaded, rendered_files};

mod reading;
use reading::{is_ignored, reaches, sources_of};

type Tree = BTreeMap<String, String>;

/// What a declaration is made of; changed field by field.
#[derive(Clone)]
struct Declaration {
    python: usize,
    shared: Vec<&'static str>,
    bases: Vec<Base>,
    services: BTreeMap<usize, Service>,
    ignore: &'static str,
}

#[derive(Clone)]
struct Base {
    version: usize,
    below: Option<usize>,
    hook: Option<&'static str>,
    /// A base that it takes files from.
    link: Option<usize>,
}

#[derive(Clone)]
struct Service {
    base: Option<usize>,
    pip: usize,
    hook: Option<&'static str>,
    link: Option<usize>,
}

/// Ways to take files from another image; the last two are carried out by the images on top.
const LINKS: [&str; 4] = [
    "COPY --from=REF /x /x",
    "RUN --mount=type=bind,from=REF,target=/x true",
    "ONBUILD COPY --from=REF /x /x",
    "ONBUILD RUN --mount=from=REF,target=/x true",
];

const SHARED: [&str; 3] = ["libs", "common/py", "data"];
const BASE_HOOKS: [&str; 3] = [
    "COPY --chmod=0644 conf/base.ini /etc/",
    "ONBUILD COPY onbuild/ /on/",
    "ADD data/*.txt /d/",
];
const HOOKS: [&str; 7] = [
    "COPY conf/*.ini /etc/app/",
    "RUN --mount=type=bind,source=tools,target=/t true",
    "ADD [\"data/a b.txt\", \"data/[xy].txt\", \"/d/\"]",
    "COPY --from=builder /libs /libs",
    "RUN --mount=type=cache,target=/libs --mount=type=bind,src=conf/base.ini,target=/b true",
    "COPY ./apps/../data/?.txt /q/",
    "COPY --chmod=0755 \\\n    tools/run.sh \\\n    /run.sh",
];
const IGNORES: [&str; 4] = [
    "",
    "**/__pycache__\n*.md\n!README.md\n",
    "# all but\n*\n!apps\n!libs\n!conf/*.ini\n!tools\n!generated\n**/*.tmp\n",
    "data/[xy].txt\n/libs/private\nconf\n!conf/base.ini\ntools/**/deep\n",
];
const NAMES: [&str; 19] = [
    "libs/x.py",
    "libs/private/k.py",
    "libs/__pycache__/x.pyc",
    "common/py/y.py",
    "data/a b.txt",
    "data/x.txt",
    "data/q.txt",
    "conf/base.ini",
    "conf/app.ini",
    "conf/sub/n.ini",
    "tools/run.sh",
    "tools/a/deep",
    "onbuild/z",
    "onbuild/y/z",
    "onbuild/x",
    "README.md",
    "apps/readme.md",
    "libs2/x.py",
    "other/f.tmp",
];

impl Declaration {
    fn random(dice: &mut Dice) -> Self {
        let bases = (0..dice.below(4))
            .map(|at| {
                let below = (at > 0 && dice.once_in(2)).then(|| dice.below(at));
                let link = (at > 0 && dice.once_in(2)).then(|| dice.below(at));
                let hook = (!dice.once_in(4)).then(|| dice.pick(&BASE_HOOKS));
                Base {
                    version: dice.below(9),
                    below,
                    hook,
                    link,
                }
            })
            .collect();
        let mut declaration = Self {
            python: 12,
            shared: SHARED.into_iter().filter(|_| dice.once_in(2)).collect(),
            bases,
            services: BTreeMap::new(),
            ignore: dice.pick(&IGNORES),
        };
        for number in 0..=1 + dice.below(3) {
            let service = declaration.service(dice);
            declaration.services.insert(number, service);
        }
        declaration
    }

    fn service(&self, dice: &mut Dice) -> Service {
        let base =
            (!self.bases.is_empty() && dice.once_in(2)).then(|| dice.below(self.bases.len()));
        let link =
            (!self.bases.is_empty() && dice.once_in(2)).then(|| dice.below(self.bases.len()));
        Service {
            base,
            pip: dice.below(3),
            hook: dice.once_in(2).then(|| dice.pick(&HOOKS)),
            link,
        }
    }

    fn change(&mut self, dice: &mut Dice) {
        let number = dice.pick(&self.services.keys().copied().collect::<Vec<_>>());
        match dice.below(8) {
            0 => self.python = 11 + dice.below(3),
            1 if !self.bases.is_empty() => {
                let at = dice.below(self.bases.len());
                self.bases[at].version += 1;
            }
            2 => {
                let service = self.service(dice);
                self.services.insert(dice.below(6), service);
            }
            3 if self.services.len() > 1 => {
                self.services.remove(&number);
            }
            4 => self.shared = SHARED.into_iter().filter(|_| dice.once_in(2)).collect(),
            5 => self.ignore = dice.pick(&IGNORES),
            _ => self.services.get_mut(&number).unwrap().pip += 1,
        }
    }

    fn text(&self) -> String {
        let mut text = format!(
            "registry: r.example\nowner: acme\npython: \"3.{}\"\nshared: {:?}\n",
            self.python, self.shared
        );
        text.push_str("bases:\n  base-none: { version: v1 }\n");
        for (at, base) in self.bases.iter().enumerate() {
            let from = base
                .below
                .map(|below| format!(", from: base-{below}"))
                .unwrap_or_default();
            let hooks = self.hooks(base.hook, base.link, at);
            let _ = writeln!(
                text,
                "  base-{at}: {{ version: v1.{}, pip: [httpx]{from}{hooks} }}",
                base.version
            );
        }
        text.push_str("services:\n");
        for (number, service) in &self.services {
            let template = match service.base {
                Some(base) => format!("template: runtime-on-base, base: base-{base}"),
                None => "template: multi-stage-slim".to_owned(),
            };
            let hooks = self.hooks(service.hook, service.link, number % 2);
            let pip = service.pip;
            let _ = writeln!(
                text,
                "  svc-{number}: {{ {template}, port: 8000, pip: [\"p>={pip}\"]{hooks} }}"
            );
        }
        text
    }

    /// The hooks of an image; now and then a link names a version that is not the base's own, which
    /// is another image.
    fn hooks(&self, hook: Option<&str>, link: Option<usize>, form: usize) -> String {
        let link = link.map(|base| {
            let version = self.bases[base].version + usize::from(form == 0 && base == 1);
            LINKS[(form + base) % LINKS.len()]
                .replace("REF", &format!("r.example/acme/base-{base}:v1.{version}"))
        });
        let lines: Vec<String> = hook.map(str::to_owned).into_iter().chain(link).collect();
        if lines.is_empty() {
            String::new()
        } else {
            format!(", hooks: {{ after_copy: {lines:?} }}")
        }
    }

    /// The files that it is read from.
    fn inputs(&self) -> Files {
        let mut text = self.text();
        if self.ignore.is_empty() {
            return Files::declaring(text);
        }
        text.push_str("templates: t\n");
        let mut files = Files::declaring(text);
        files.put("t/image/Dockerfile.dockerignore.j2", self.ignore);
        files
    }
}

/// Everything in the repository at one time.
struct State {
    loaded: Loaded,
    fleet: Fleet,
    files: Tree,
    /// The declaration, its templates and everything that is generated.
    inputs: Files,
}

impl State {
    fn of(declaration: &Declaration, sources: &Tree) -> Self {
        let mut inputs = declaration.inputs();
        let loaded = loaded(&inputs);
        let fleet = loaded.fleet();
        let fleet = fleet.unwrap_or_else(|| panic!("{:?}\n{}", loaded.diagnostics, loaded.text()));
        let generated = rendered_files(&inputs).unwrap();
        for (path, text) in &generated {
            inputs.put(path, text.as_bytes());
        }
        let mut files = sources.clone();
        files.extend(generated);
        files.insert("services.yaml".to_owned(), loaded.text().to_owned());
        Self {
            fleet: fleet.clone(),
            loaded,
            files,
            inputs,
        }
    }

    /// What each image is made of, as one text.
    fn contents(&self) -> BTreeMap<String, String> {
        let mut contents: BTreeMap<String, String> = BTreeMap::new();
        let mut triggers: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for image in &self.fleet.images {
            let path = dockerfile_path(image);
            let (dockerfile, ignore) = (
                &self.files[&path],
                &self.files[&format!("{path}.dockerignore")],
            );
            let mut content = format!("{dockerfile}\n{ignore}\n");
            let (mut taken, on_build) = sources_of(dockerfile);
            let mut named = dockerfile
                .lines()
                .filter(|line| !line.starts_with("ONBUILD"))
                .collect::<Vec<_>>();
            if let Some(base) = self.fleet.base_of(image) {
                content.push_str(&contents[base.name.as_str()]);
                taken.extend(triggers[base.name.as_str()].clone());
                named.extend(
                    self.files[&dockerfile_path(base)]
                        .lines()
                        .filter(|line| line.starts_with("ONBUILD")),
                );
            }
            for base in self.fleet.bases() {
                let reference = format!(
                    "from=r.example/acme/{}:{}",
                    base.name,
                    base.version().unwrap()
                );
                let ends = |rest: &str| rest.starts_with([' ', ',']);
                if named
                    .iter()
                    .any(|line| line.split(&reference).skip(1).any(ends))
                {
                    content.push_str(&contents[base.name.as_str()]);
                }
            }
            for (name, text) in &self.files {
                if taken.iter().any(|source| reaches(source, name)) && !is_ignored(ignore, name) {
                    let _ = writeln!(content, "{name} {text:?}");
                }
            }
            contents.insert(image.name.to_string(), content);
            triggers.insert(image.name.to_string(), on_build);
        }
        contents
    }
}

/// A new name. One that stands for a folder elsewhere is rare, in life as here: git names a
/// submodule so, and then all of it may have changed.
fn name(dice: &mut Dice) -> String {
    if dice.once_in(2) {
        return format!(
            "apps/svc_{}/{}",
            dice.below(6),
            dice.pick(&["main.py", "a/b.py", "x.md"])
        );
    }
    if dice.once_in(60) {
        "data".to_owned()
    } else {
        dice.pick(&NAMES).to_owned()
    }
}

/// A tree has no file where it has a folder.
fn put(sources: &mut Tree, name: String, content: String) {
    sources.retain(|other, _| {
        !other.starts_with(&format!("{name}/")) && !name.starts_with(&format!("{other}/"))
    });
    sources.insert(name, content);
}

fn change(dice: &mut Dice, sources: &mut Tree) {
    let old = sources
        .keys()
        .nth(dice.below(sources.len().max(1)))
        .cloned();
    match (dice.below(4), old) {
        (0, Some(old)) => drop(sources.remove(&old)),
        (1, Some(old)) => {
            let content = sources.remove(&old).unwrap();
            put(sources, name(dice), content);
        }
        (2, Some(old)) => sources.get_mut(&old).unwrap().push('!'),
        _ => {
            let content = dice.below(1000).to_string();
            put(sources, name(dice), content);
        }
    }
}

fn different<V: PartialEq>(
    before: &BTreeMap<String, V>,
    after: &BTreeMap<String, V>,
) -> BTreeSet<String> {
    before
        .keys()
        .chain(after.keys())
        .filter(|key| before.get(*key) != after.get(*key))
        .cloned()
        .collect()
}

#[test]
fn no_affected_image_is_left_out_and_hardly_one_is_too_many() {
    let cases = usize::try_from(cases_of(250, 1_000)).unwrap();
    let mut dice = Dice::new(0x9E37_79B9_7F4A_7C15);
    let (mut planned_in_all, mut too_many, mut affected_in_all) = (0, 0, 0);
    let mut declaration = Declaration::random(&mut dice);
    let mut sources = Tree::new();
    (0..12).for_each(|_| change(&mut dice, &mut sources));
    let mut before = State::of(&declaration, &sources);
    for case in 0..cases {
        if case % 20 == 19 {
            declaration = Declaration::random(&mut dice);
            before = State::of(&declaration, &sources);
        }
        (0..=dice.below(2)).for_each(|_| change(&mut dice, &mut sources));
        if dice.once_in(3) {
            declaration.change(&mut dice);
        }
        let after = State::of(&declaration, &sources);
        let changed = different(&before.files, &after.files);
        let images: BTreeSet<&str> = after
            .fleet
            .images
            .iter()
            .map(|image| image.name.as_str())
            .collect();
        let mut wanted = different(&before.contents(), &after.contents());
        wanted.retain(|name| images.contains(name.as_str()));
        let scope = Scope {
            changed: Some(changed.clone()),
            ..Scope::default()
        };
        let plan = plan(&after.inputs, &after.loaded, &after.fleet, &scope).unwrap();
        let planned: BTreeSet<String> = plan
            .images
            .iter()
            .map(|image| after.fleet.image(image.id).name.to_string())
            .collect();
        let missing: Vec<&String> = wanted.difference(&planned).collect();
        assert!(
            missing.is_empty(),
            "case {case}: {missing:?} left out after {changed:?}\n{}",
            declaration.text()
        );
        planned_in_all += planned.len();
        affected_in_all += wanted.len();
        too_many += planned.difference(&wanted).count();
        before = after;
    }
    assert!(
        affected_in_all > cases / 2,
        "{affected_in_all} of {cases} cases tell little"
    );
    assert!(
        too_many * 100 <= planned_in_all,
        "{too_many} of {planned_in_all} were too many"
    );
}
