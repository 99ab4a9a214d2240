//! Sets that no image uses.

use super::ground::Ground;
use super::judge::Judge;
use super::rule::{PLAIN, Rule};
use crate::diagnostic::Code;

pub(super) static RULE: Rule = Rule {
    code: Code {
        id: "unused-requirement-set",
        summary: "no image uses a requirement set",
        explanation: "Delete the set, add it to the image that needs it, or set `development: \
                      true` if it is for developers' machines.",
        example: "requirements: { spare: [attrs] }\n",
        fixed: "requirements: { spare: [attrs] }\nservices: { svc-a: { kind: web, port: 8000, \
         requirements: [base, spare] } }\n",
        ..PLAIN
    },
    check,
};

fn check(ground: &Ground<'_>, judge: &mut Judge<'_>) {
    let sets = &ground.fleet.sets;
    let mut used = vec![false; sets.len()];
    for (_, image) in ground.images() {
        let of_files = image.install.iter().filter_map(|file| file.set);
        for set in image.sets.iter().map(|named| named.value).chain(of_files) {
            used[set] = true;
        }
    }
    for (set, _) in sets
        .iter()
        .zip(used)
        .filter(|(set, used)| !used && !set.development)
    {
        let name = set.name.as_str();
        judge.key(None, name, set.entry, || {
            let help = format!("delete it, or name it under `requirements` of an image: [{name}]");
            (format!("no image uses the set `{name}`"), help)
        });
    }
}
