//! Programs of other people judge what is generated: `BuildKit`'s own parser, hadolint, and a JSON
//! Schema validator.

mod documents;

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::process::Output;

use dockwright::dockerfile::{Completeness, Instruction, Segment, segment};
use dockwright::images::Scope;
use dockwright::project::{Ask, Files, Missing, check};
use serde_json::{Value, json};

use crate::options::all_cases;
use crate::support::{
    Dice, MINIMAL, Root, cases, cases_of, has, loaded, overlaid, rendered, repository, tell,
};
use crate::tools;

/// Every generated Dockerfile of this repository and of every option, by a path that tells which.
fn dockerfiles() -> BTreeMap<String, String> {
    let own = std::fs::read_to_string(repository().join("services.yaml")).unwrap();
    let declarations = all_cases().map(|case| (case.name, case.declaration()));
    let mut files = BTreeMap::new();
    for (number, (_, declaration)) in std::iter::once(("", own)).chain(declarations).enumerate() {
        let rendered = rendered(&declaration).unwrap().into_iter();
        files.extend(
            rendered
                .filter(|(path, _)| path.ends_with("/Dockerfile"))
                .map(|(path, text)| (format!("{number}/{path}"), text)),
        );
    }
    files
}

fn written(files: &BTreeMap<String, String>) -> Root {
    let root = Root::empty();
    for (path, text) in files {
        root.write(path, text);
    }
    root
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&[output.stdout.as_slice(), &output.stderr].concat()).into_owned()
}

/// What our segmenter sees, in the judge's words.
fn our_view(text: &str) -> Value {
    let view = |segment: &Segment<'_>| {
        let instruction: &Instruction = segment.instruction()?;
        Some(json!([
            instruction.keyword(),
            segment.line,
            instruction.values()?
        ]))
    };
    segment(text).iter().filter_map(view).collect()
}

#[test]
fn buildkit_reads_every_generated_dockerfile_as_we_do() {
    if !has(&["python3", "dockerfile"]) {
        return;
    }
    let files = dockerfiles();
    assert!(files.len() > 150, "{}", files.len());
    let root = written(&files);
    let script = repository().join("tests/judges/buildkit_parser.py");
    let mut command = root.command("python3", &[script.as_str()]);
    let output = command.args(files.keys()).output().unwrap();
    assert!(output.status.success(), "{}", told(&output));
    let views = std::str::from_utf8(&output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    for ((path, text), view) in files.iter().zip(views) {
        assert_eq!(
            (view["path"].as_str(), &view["instructions"]),
            (Some(path.as_str()), &our_view(text))
        );
    }
}

/// Whether our reading finds anything that the parser would refuse.
fn is_whole(text: &str) -> bool {
    let segments = segment(text);
    let mut instructions = segments.iter().filter_map(Segment::instruction);
    instructions.clone().next().is_some()
        && instructions
            .all(|one| one.completeness() == Completeness::Complete && one.values().is_some())
}

#[test]
fn buildkit_reads_random_documents_as_we_do() {
    if !has(&["python3", "dockerfile"]) {
        return;
    }
    let mut dice = Dice::new(2026);
    let wanted = usize::try_from(cases_of(2_000, 10_000)).unwrap();
    let mut accepted = 0;
    while accepted < wanted {
        let files: BTreeMap<String, String> = (0..2_000)
            .map(|number| (format!("{number:04}"), documents::random(&mut dice)))
            .collect();
        let root = written(&files);
        let script = repository().join("tests/judges/buildkit_parser.py");
        let mut command = root.command("python3", &[script.as_str()]);
        let output = command.args(files.keys()).output().unwrap();
        let views: Vec<&str> = std::str::from_utf8(&output.stdout)
            .unwrap()
            .lines()
            .collect();
        assert_eq!(
            views.len(),
            files.len(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        for ((path, text), view) in files.iter().zip(views) {
            let view: Value = serde_json::from_str(view).unwrap();
            assert_eq!(view["path"].as_str(), Some(path.as_str()));
            // What a trigger of a trigger holds is shown in another way by the judge's library;
            // builders refuse it.
            let is_nested = |segment: &Segment<'_>| {
                let inner = segment
                    .instruction()
                    .filter(|one| one.keyword() == "ONBUILD");
                inner.is_some_and(|one| {
                    one.operands()
                        .to_ascii_uppercase()
                        .trim_start()
                        .starts_with("ONBUILD")
                })
            };
            if view.get("error").is_none() && !segment(text).iter().any(is_nested) {
                assert_eq!(view["instructions"], our_view(text), "{text:?}");
                accepted += 1;
            }
        }
        let whole = files.values().filter(|text| is_whole(text)).count();
        assert!(
            whole * 4 > files.len(),
            "only {whole} of {} documents are whole",
            files.len()
        );
    }
    tell(&format!("{accepted} accepted documents"));
}

/// Random Dockerfiles that a hook or a template of the fleet's own may have: what is generated from
/// them.
fn generated_from_random_text(dice: &mut Dice, rounds: usize) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    for number in 0..rounds {
        let lines = documents::random(dice);
        let points = [
            "builder",
            "before_apt",
            "after_apt",
            "after_pip",
            "after_copy",
        ];
        let hooks = json!({ *dice.choose(&points): lines.lines().collect::<Vec<_>>() });
        let entry = dice.choose(&["services: { svc-a", "bases: { base-runtime"]);
        let hooked = overlaid(MINIMAL, &format!("{entry}: {{ hooks: {hooks} }} }}"), 3);
        let own = format!("FROM {{{{ from }}}}\n{}", lines.replace('{', "("));
        let with_own = overlaid(
            MINIMAL,
            "templates: own\nservices: { svc-a: { template: own } }",
            3,
        );
        for declaration in [hooked, with_own] {
            let mut fleet = Files::declaring(declaration.clone());
            fleet.put("own/service/own.Dockerfile.j2", own.clone());
            let Some(artifacts) = accepted(&fleet) else {
                continue;
            };
            let own = artifacts
                .into_iter()
                .filter(|(path, _)| path.ends_with("/Dockerfile"));
            let form = if declaration.contains("templates: own") {
                "own"
            } else {
                "hook"
            };
            files.extend(own.map(|(path, text)| (format!("{number}-{form}/{path}"), text)));
        }
    }
    files
}

/// What a fleet stands for, where neither its declaration nor a template is refused.
fn accepted(files: &Files) -> Option<BTreeMap<String, String>> {
    let loaded = loaded(files);
    loaded.fleet()?;
    let ask = Ask {
        scope: &Scope::default(),
        today: None,
        waivers: true,
        missing: Missing::Rendered,
    };
    let checked = check(files, &loaded, &ask).ok()?;
    let missing = checked.report().drifts.iter();
    Some(
        missing
            .map(|drift| (drift.path.to_string(), drift.expected.clone().unwrap()))
            .collect(),
    )
}

#[test]
fn buildkit_reads_what_any_accepted_hook_or_template_makes() {
    if !has(&["python3", "dockerfile"]) {
        return;
    }
    let rounds = usize::try_from(cases(600)).unwrap();
    let files = generated_from_random_text(&mut Dice::new(2028), rounds);
    assert!(files.len() * 2 > rounds, "{}", files.len());
    let root = written(&files);
    let script = repository().join("tests/judges/buildkit_parser.py");
    let mut command = root.command("python3", &[script.as_str()]);
    let output = command.args(files.keys()).output().unwrap();
    assert!(output.status.success(), "{}", told(&output));
    let views = std::str::from_utf8(&output.stdout).unwrap().lines();
    for ((path, text), view) in files.iter().zip(views) {
        let view: Value = serde_json::from_str(view).unwrap();
        assert_eq!(
            (view["path"].as_str(), &view["instructions"]),
            (Some(path.as_str()), &our_view(text)),
            "{view}\n{text}"
        );
    }
    tell(&format!("{} accepted files", files.len()));
}

#[test]
fn a_relative_copy_without_workdir_says_that_the_image_below_has_one() {
    let mut inherited = 0;
    for (path, text) in dockerfiles() {
        let (_, last) = text.rsplit_once("\nFROM ").unwrap_or(("", &text));
        let mut is_known = false;
        for line in last.lines() {
            let is_below = line == "# WORKDIR is inherited from the image below.";
            inherited += usize::from(is_below);
            is_known |= is_below || line.starts_with("WORKDIR ");
            let is_copy = line.starts_with("COPY ");
            let target = line.rsplit(' ').next().unwrap();
            assert!(
                !is_copy || is_known || target.trim_start_matches('"').starts_with('/'),
                "{path}: {line}"
            );
        }
    }
    assert!(inherited > 0);
}

#[test]
fn hadolint_finds_nothing_in_any_generated_dockerfile() {
    if !has(&["hadolint"]) {
        return;
    }
    let files = dockerfiles();
    let root = written(&files);
    let config = repository().join(".hadolint.yaml");
    let mut command = root.command("hadolint", &["--config", config.as_str(), "--no-color"]);
    let output = command.args(files.keys()).output().unwrap();
    assert!(
        output.status.success() && output.stdout.is_empty(),
        "{}",
        told(&output)
    );
}

/// `docker build --check` with its experimental rules. The engine that has it needs root; rules
/// that do not hold have their reasons in `tests/images/checks.py`.
#[test]
fn the_checks_of_buildkit_find_nothing_in_any_generated_dockerfile() {
    let files = dockerfiles();
    let root = written(&files);
    let is_root = std::fs::metadata(root.path()).unwrap().uid() == 0;
    // Only CI uses sudo.
    if !is_root && !tools::must_be_there() || !has(&["python3", tools::CHECKING_ENGINE]) {
        return;
    }
    root.write("0/faulty/Dockerfile", "FROM scratch\nENV a b\nCMD echo\n");
    let script = repository().join("tests/images/checks.py");
    let words = ["sudo", "-n", "python3", script.as_str(), "."];
    let words = if is_root { &words[2..] } else { &words[..] };
    let mut command = root.command(words[0], &words[1..]);
    let output = command.output().unwrap();
    let said = told(&output);
    assert!(!output.status.success(), "{said}");
    let (faulty, others): (Vec<&str>, Vec<&str>) = said
        .lines()
        .partition(|line| line.contains("/faulty/Dockerfile: "));
    assert_eq!(faulty.len(), 2, "{said}");
    assert!(
        matches!(others[..], [count] if count.ends_with(" Dockerfiles were checked")),
        "{said}"
    );
}

/// Kubernetes' `runAsNonRoot` can judge numbers alone. One option asks for root.
#[test]
fn every_image_runs_as_a_numeric_user_and_as_root_only_where_that_is_declared() {
    let mut roots = 0;
    for (path, text) in dockerfiles() {
        let segments = segment(&text);
        let instructions: Vec<&Instruction> =
            segments.iter().filter_map(Segment::instruction).collect();
        let last = |keyword: &str| {
            instructions
                .iter()
                .rposition(|instruction| instruction.keyword() == keyword)
        };
        assert!(last("USER") > last("FROM"), "{path}");
        let user = instructions[last("USER").unwrap()].operands();
        let is_number = |part: &str| part.parse::<u32>().is_ok();
        assert!(user.split(':').all(is_number), "{path}: {user}");
        roots += usize::from(user.starts_with('0'));
    }
    assert_eq!(roots, 1);
}

#[test]
fn every_rule_that_hadolint_is_told_to_ignore_has_a_reason() {
    let config = std::fs::read_to_string(repository().join(".hadolint.yaml")).unwrap();
    let rules = config
        .lines()
        .filter(|line| line.trim_start().starts_with("- "));
    let without_reason: Vec<&str> = rules
        .filter(|line| {
            line.split_once("# ")
                .is_none_or(|(_, reason)| reason.len() < 20)
        })
        .collect();
    assert_eq!(without_reason, [] as [&str; 0]);
}

#[test]
fn services_yaml_and_every_option_follow_the_committed_schema() {
    if !has(&["check-jsonschema"]) {
        return;
    }
    let root = Root::empty();
    root.write(
        "own.yaml",
        std::fs::read(repository().join("services.yaml")).unwrap(),
    );
    for (number, case) in all_cases().enumerate() {
        root.write(&format!("{number}.yaml"), case.declaration());
    }
    let schema = repository().join("docs/services.schema.json");
    let mut command = root.command("check-jsonschema", &["--schemafile", schema.as_str()]);
    let output = command.args(root.files()).output().unwrap();
    assert!(output.status.success(), "{}", told(&output));
}

#[test]
fn schema_refuses_what_the_program_refuses() {
    if !has(&["check-jsonschema"]) {
        return;
    }
    let root = Root::new(&crate::support::MINIMAL.replace("port: 8000", "prot: 8000"));
    let schema = repository().join("docs/services.schema.json");
    let mut command = root.command(
        "check-jsonschema",
        &["--schemafile", schema.as_str(), "services.yaml"],
    );
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{}", told(&output));
    assert!(told(&output).contains("prot"), "{}", told(&output));
}

#[test]
fn every_tool_that_tests_need_is_installed_by_one_line() {
    let installer = std::fs::read_to_string(repository().join(".ci/judges")).unwrap();
    for name in tools::names() {
        // Debian has these two always.
        assert!(
            ["ldd", "tar"].contains(&name) || installer.contains(name),
            ".ci/judges does not install {name}"
        );
    }
}
