//! The fields of one generated image.

use super::Own;
use super::copied::{copy, sources, workdir as workdir_field};
use super::fleet::OwnFleet;
use crate::edit::adopt::draft::Draft;
use crate::edit::adopt::fold::Fields;
use crate::edit::adopt::node::Node;
use crate::edit::adopt::parent::{From, Images};
use crate::values::PythonVersion;

/// The number of the account that images make unless they say another one.
const USER: &str = "10001";

impl OwnFleet {
    /// The draft of an image; nothing for one that was not generated.
    pub(crate) fn draft(&self, name: &str, images: &mut Images, python: &str) -> Option<Draft> {
        let own = self.images.get(name)?;
        let mut fields = Fields::new();
        self.below(own, &mut fields, images, python);
        let stages = &own.stages;
        let mut names = |reference: &str| self.name_of(reference, images);
        if let Some(version) = &own.version {
            fields.insert("version", Node::text(version));
            if let Some(workdir) = stages.workdir.as_ref().filter(|folder| *folder != "/app") {
                fields.insert("workdir", workdir_field(workdir));
            }
            copy(stages.copies.iter(), &mut fields, &mut names);
        } else {
            let kind = self.kind(name).map(Node::text);
            fields.extend(kind.map(|kind| ("kind", kind)));
            let application = sources(own, &mut fields, &mut names);
            let is_foreign = own.base.is_none() && stages.is_foreign;
            stages
                .start
                .fields(&mut fields, is_foreign, application.as_deref());
            let ignore = own.ignore.strip_prefix(self.ignored());
            fields.extend(Own::texts(ignore.unwrap_or(&own.ignore)).map(|node| ("ignore", node)));
        }
        self.installed(own, &mut fields);
        self.account(own, &mut fields);
        contents(own, &mut fields);
        Some(Draft {
            name: own.name.clone(),
            fields,
            notes: Vec::new(),
            is_base: own.is_base(),
        })
    }

    /// What another image is called in the declaration.
    fn name_of(&self, reference: &str, images: &mut Images) -> Option<String> {
        let last = reference.rsplit('/').next().unwrap_or(reference);
        let name = last.split([':', '@']).next().unwrap_or(last);
        if let Some((registry, owner)) = self.registry()
            && self.names.contains(name)
            && reference.starts_with(&format!("{registry}/{owner}/{name}"))
        {
            return Some(name.to_owned());
        }
        let from = From::read(reference)?;
        Some(
            images
                .name_of(&from)
                .unwrap_or_else(|| "python-slim".to_owned()),
        )
    }

    /// The image below, and the one that builds.
    fn below(&self, own: &Own, fields: &mut Fields, images: &mut Images, python: &str) {
        if let Some(base) = &own.base {
            let field = if own.is_base() { "from" } else { "base" };
            fields.insert(field, Node::text(base));
            return;
        }
        let installs = &own.stages.installs;
        let Some(mut from) = From::read(&own.below) else {
            return;
        };
        if let Some(version) = own.python().filter(|version| version != python) {
            if own.is_base() {
                from = from.fixed();
            } else {
                fields.insert("python", Node::Text(version));
            }
        }
        let name = images.name_with(&from, self.facts(own, &from));
        fields.extend(name.map(|name| ("from", Node::Text(name))));
        if let Some(builder) = own.builder.as_deref().and_then(From::read) {
            let python = installs.python.as_ref();
            let python = python.map(|python| ("python".to_owned(), Node::text(python)));
            let name = images.name_with(&builder, python);
            let name = name.unwrap_or_else(|| "python-slim".to_owned());
            fields.insert("builder", Node::Text(name));
        }
    }

    fn base_of(&self, own: &Own) -> Option<&Own> {
        self.images.get(own.base.as_ref()?)
    }

    /// The bases below an image, the nearest first.
    fn bases_of<'a>(&'a self, own: &'a Own) -> impl Iterator<Item = &'a Own> {
        std::iter::successors(self.base_of(own), |base| self.base_of(base))
    }

    /// What is installed, and by what.
    fn installed(&self, own: &Own, fields: &mut Fields) {
        let installs = &own.stages.installs;
        let (sets, pip) = self.asked(own);
        let mut below = self.bases_of(own).map(Own::index_urls);
        // Where no base names an index, pip asks its own.
        let below = below.find(|urls| !urls.is_empty()).unwrap_or(&[]);
        let urls = own.index_urls();
        let lists = [
            ("requirements", sets.as_slice()),
            ("pip", pip.as_slice()),
            ("source_builds", installs.source_builds.as_slice()),
            ("index_urls", if urls == below { &[] } else { urls }),
        ];
        for (field, list) in lists {
            fields.extend(Own::texts(list).map(|node| (field, node)));
        }
        fields.extend(installs.items(&own.context).map(|node| ("install", node)));
        if !installs.indexes.is_empty() {
            fields.insert("indexes", Node::Map(installs.indexes.clone()));
        }
        if !installs.secrets.is_empty() {
            fields.insert("secrets", Node::List(installs.secrets.clone()));
        }
        let mut below = self
            .bases_of(own)
            .filter_map(|base| base.stages.installs.by_uv());
        let is_below = below.next().unwrap_or(false);
        let by = match (installs.by_uv(), is_below) {
            (Some(true), false) if !installs.needs_uv() => "uv",
            (Some(false), true) => "pip",
            _ => return,
        };
        fields.insert("installer", Node::text(by));
    }

    /// Whom the container runs as.
    fn account(&self, own: &Own, fields: &mut Fields) {
        let stages = &own.stages;
        let home = stages.home.as_ref().map(|home| ("home", Node::text(home)));
        fields.extend(home);
        if !stages.groups.is_empty() {
            fields.insert("groups", Node::List(stages.groups.clone()));
        }
        let number = |text: &str| text.parse().map_or_else(|_| Node::text(text), Node::Number);
        let owner = |user: &str| user.split(':').next().unwrap_or(user).to_owned();
        let node = if let Some(made) = &stages.made {
            let is_usual = made.name == "appuser" || made.name == format!("appuser{}", made.uid);
            if !is_usual || made.uid != made.gid {
                let entry = [("uid", &made.uid), ("gid", &made.gid), ("name", &made.name)];
                let entry = entry.map(|(key, value)| (key.to_owned(), number(value)));
                Node::Map(entry.to_vec())
            } else if made.uid == USER && own.base.is_none() {
                return;
            } else {
                number(&made.uid)
            }
        } else {
            let user = owner(&stages.user);
            let below = self.base_of(own).map(|base| owner(&base.stages.user));
            if below.is_some_and(|below| below == user) {
                return;
            }
            match user.as_str() {
                "0" => Node::text("root"),
                USER if stages.installs.shell_less => return,
                _ => Node::text("inherit"),
            }
        };
        fields.insert("user", node);
    }

    /// What is known of the image below beside its reference: what one image on it does not show,
    /// another may.
    fn facts(&self, own: &Own, from: &From) -> Vec<(String, Node)> {
        let installs = &own.stages.installs;
        let mut facts = Vec::new();
        let python = if own.builder.is_some() {
            &installs.linked
        } else {
            &installs.python
        };
        let python = match installs.own_python {
            Some(_) => Some(Node::text("none")),
            None => python.as_ref().map(Node::text),
        };
        facts.extend(python.map(|python| ("python".to_owned(), python)));
        if installs.site_packages {
            facts.push(("site_packages".to_owned(), Node::Yes));
        }
        let below = self.below.get(&own.below);
        let is_bare = own.stages.made.is_none();
        if is_bare && below.is_some_and(|below| below.is_shell_less) {
            facts.push(("shell".to_owned(), Node::No));
        }
        let of_others = || below?.user.as_deref();
        let user = own.inherited().or_else(of_others);
        let user = user.filter(|_| own.stages.is_foreign);
        let is_said = own.stages.is_foreign && !from.is_foreign();
        let user = user.or(is_said.then_some("root"));
        facts.extend(user.map(|user| ("user".to_owned(), Node::text(user))));
        facts
    }
}

impl Own {
    /// The user of the image below, where this one runs as that.
    pub(super) fn inherited(&self) -> Option<&str> {
        let stages = &self.stages;
        let user = stages.user.as_str();
        let is_standard = stages.installs.shell_less && user.starts_with(USER);
        let is_root = user == "0:0" || user == "0";
        let is_own = stages.made.is_some() || is_standard || is_root;
        (!is_own && self.base.is_none()).then_some(user)
    }

    /// The version of Python, where the image below, the one that builds or uv says it.
    pub(super) fn python(&self) -> Option<String> {
        let of = |reference: &str| From::read(reference)?.python;
        let builder = || self.builder.as_deref().and_then(of);
        let installed = self.stages.installs.own_python.clone();
        let installed = installed.filter(|version| PythonVersion::parse(version).is_ok());
        of(&self.below).or(installed).or_else(builder)
    }

    /// The indexes that it names itself.
    fn index_urls(&self) -> &[String] {
        if self.asked.index_urls.is_empty() {
            &self.stages.installs.index_urls
        } else {
            &self.asked.index_urls
        }
    }
}

/// What services and bases say alike.
fn contents(own: &Own, fields: &mut Fields) {
    let stages = &own.stages;
    for (field, list) in [
        ("apt", &stages.apt),
        ("apk", &stages.apk),
        ("apt_build", &stages.apt_build),
        ("apk_build", &stages.apk_build),
        ("run", &stages.steps),
    ] {
        if !list.is_empty() {
            fields.insert(field, Node::List(list.clone()));
        }
    }
    let dirs = without_volumes(&stages.dirs, stages.start.volumes());
    fields.extend(Own::texts(dirs).map(|node| ("dirs", node)));
    for (field, entries) in [
        ("env", stages.env.clone()),
        ("args", stages.arguments.clone()),
        ("labels", stages.labels.clone()),
        ("hooks", stages.hooks()),
    ] {
        if !entries.is_empty() {
            fields.insert(field, Node::Map(entries));
        }
    }
}

/// The folders that are there without those that volumes bring.
fn without_volumes<'d>(dirs: &'d [String], volumes: &[String]) -> &'d [String] {
    let brings = |count: &usize| {
        let (said, rest) = dirs.split_at(*count);
        let brought = volumes.iter().filter(|volume| !said.contains(volume));
        brought.eq(rest)
    };
    let count = (0..=dirs.len()).find(brings).unwrap_or(dirs.len());
    &dirs[..count]
}
