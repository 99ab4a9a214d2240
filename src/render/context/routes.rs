//! What templates print of packages that come from an index of their own.

use serde::Serialize;

use super::install::{MOUNTED, given_files};
use super::requirements::has_requirements;
use crate::fleet::indexes::Route;
use crate::fleet::install::Form;
use crate::fleet::{Fleet, Image};
use crate::render::pen::{Pen, Printed};

/// Packages that are installed first, from one index.
#[derive(Debug, Serialize)]
pub(super) struct RouteContext<'a> {
    /// The URL of the index.
    url: Printed<'a>,
    /// Their names as a regular expression of awk, normalized and in lower case.
    names: Printed<'a>,
    /// The files that may ask for them, as arguments.
    from: Printed<'a>,
    /// The file of the lines that do.
    lines: Printed<'a>,
}

impl<'a> RouteContext<'a> {
    pub(super) fn all(pen: &Pen, fleet: &'a Fleet, image: &'a Image) -> Vec<Self> {
        if image.locked.is_wanted() {
            return Vec::new();
        }
        let routes = fleet.routes(image);
        routes
            .iter()
            .map(|route| Self::of(pen, image, route))
            .collect()
    }

    fn of(pen: &Pen, image: &Image, route: &Route<'a>) -> Self {
        let index = route.index;
        let asked = route.asked.iter().map(|one| one.origin);
        // PEP 503: runs of these three characters are the same in names.
        let names = route.names().into_iter();
        let names: Vec<String> = names.map(|name| name.replace('-', "[-_.]+")).collect();
        let mut from: Vec<String> = Vec::new();
        if has_requirements(image) {
            from.push("/tmp/requirements.txt".to_owned());
        }
        let files = given_files(image).filter(|file| file.form == Form::Requirements);
        for reached in files.flat_map(|file| &file.reached) {
            let path = [MOUNTED, reached.as_str()].concat();
            if !from.contains(&path) {
                from.push(path);
            }
        }
        Self {
            url: pen.write(index.url.value.to_string(), [index.url.origin]),
            names: pen.write(names.join("|"), asked),
            from: pen.write(from.join(" "), [index.origin]),
            lines: pen.write(format!("/tmp/index-{}.txt", index.name), [index.origin]),
        }
    }
}
