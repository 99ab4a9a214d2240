//! What concerns the fleet as a whole: platforms, its own files, and which service waits for which.

use std::collections::{BTreeMap, BTreeSet};

use super::field::Findings;
use super::install::install;
use crate::artifact::lies_in;
use crate::declare::outputs::{
    ActionsDecl, BakeDecl, ComposeDecl, MatrixDecl, UpdateDecl, WorkflowDecl,
};
use crate::declare::{FleetDecl, Text};
use crate::diagnostic::code;
use crate::fleet::joined::Joined;
use crate::fleet::model::{Image, Origin, Process, Role, Section, Service, Sourced};
use crate::fleet::order::ordered;
use crate::fleet::outputs::{
    Actions, BAKE, BakeOutput, COMPOSE, ComposeOutput, OutputKind, Outputs, WORKFLOW,
    WorkflowOutput,
};
use crate::values::{ActionReference, InvalidValue, Platform, RelPath, ServiceName, Tag};

pub(super) fn platforms(findings: &mut Findings<'_>, decl: &FleetDecl) -> Vec<Sourced<Platform>> {
    let origin = Origin::field(Section::Fleet, "platforms");
    findings.list(
        origin,
        &decl.platforms,
        &code::INVALID_VALUE,
        Platform::parse,
    )
}

/// The outputs; one with a refused value has its diagnostic, and there is no fleet then.
pub(super) fn outputs(findings: &mut Findings<'_>, file: &str, decl: &FleetDecl) -> Outputs {
    Outputs {
        bake: decl
            .outputs
            .bake
            .as_deref()
            .and_then(|decl| bake(findings, file, decl)),
        compose: decl
            .outputs
            .compose
            .as_deref()
            .and_then(|decl| compose(findings, file, decl)),
        workflow: decl
            .outputs
            .workflow
            .as_deref()
            .and_then(|decl| workflow(findings, file, decl)),
    }
}

fn bake(findings: &mut Findings<'_>, file: &str, decl: &BakeDecl) -> Option<BakeOutput> {
    let path = path(findings, file, "outputs.bake", decl.path.as_ref(), &BAKE)?;
    Some(BakeOutput {
        path,
        cache: decl.cache,
        sbom: decl.sbom,
        provenance: decl.provenance,
        reproducible: decl.reproducible,
    })
}

fn compose(findings: &mut Findings<'_>, file: &str, decl: &ComposeDecl) -> Option<ComposeOutput> {
    Some(ComposeOutput {
        path: path(
            findings,
            file,
            "outputs.compose",
            decl.path.as_ref(),
            &COMPOSE,
        )?,
    })
}

fn workflow(
    findings: &mut Findings<'_>,
    file: &str,
    decl: &WorkflowDecl,
) -> Option<WorkflowOutput> {
    let path = path(
        findings,
        file,
        "outputs.workflow",
        decl.path.as_ref(),
        &WORKFLOW,
    );
    let runner = word(
        findings,
        "outputs.workflow.runner",
        decl.runner.as_ref(),
        "ubuntu-24.04",
        Tag::parse,
    );
    let branch = word(
        findings,
        "outputs.workflow.branch",
        decl.branch.as_ref(),
        "main",
        RelPath::parse,
    );
    let install = install(findings, decl.install.as_deref());
    let actions = actions(findings, &decl.actions);
    Some(WorkflowOutput {
        path: path?,
        affected_only: decl.matrix.unwrap_or_default() == MatrixDecl::Affected,
        runner: runner?,
        branch: branch?,
        install: install?,
        actions: actions?,
        updates_weekly: decl.update == Some(UpdateDecl::Weekly),
    })
}

/// The actions, by the releases that this version was tested with where services.yaml names none.
fn actions(findings: &mut Findings<'_>, decl: &ActionsDecl) -> Option<Actions> {
    let mut action = |field: &'static str, text: &Option<Text>, standard: &str| {
        word(
            findings,
            field,
            text.as_ref(),
            standard,
            ActionReference::parse,
        )
    };
    let checkout = action(
        "outputs.workflow.actions.checkout",
        &decl.checkout,
        "actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
    );
    let login = action(
        "outputs.workflow.actions.login",
        &decl.login,
        "docker/login-action@4907a6ddec9925e35a0a9e82d7399ccc52663121 # v4.1.0",
    );
    let setup_buildx = action(
        "outputs.workflow.actions.setup_buildx",
        &decl.setup_buildx,
        "docker/setup-buildx-action@37fe631027851001ddb9b187196cc803df7f5f0e # v4.3.0",
    );
    let setup_qemu = action(
        "outputs.workflow.actions.setup_qemu",
        &decl.setup_qemu,
        "docker/setup-qemu-action@96fe6ef7f33517b61c61be40b68a1882f3264fb8 # v4.2.0",
    );
    let setup_trivy = action(
        "outputs.workflow.actions.setup_trivy",
        &decl.setup_trivy,
        "aquasecurity/setup-trivy@81e514348e19b6112ce2a7e3ecbafe19c1e1f567 # v0.3.1",
    );
    let upload_artifact = action(
        "outputs.workflow.actions.upload_artifact",
        &decl.upload_artifact,
        "actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f # v7.0.0",
    );
    Some(Actions {
        checkout: checkout?,
        login: login?,
        setup_buildx: setup_buildx?,
        setup_qemu: setup_qemu?,
        setup_trivy: setup_trivy?,
        upload_artifact: upload_artifact?,
    })
}

fn word<T>(
    findings: &mut Findings<'_>,
    field: &'static str,
    text: Option<&Text>,
    standard: &str,
    parse: fn(&str) -> Result<T, InvalidValue>,
) -> Option<Sourced<T>> {
    findings.value(
        Origin::field(Section::Fleet, field),
        text.map_or(standard, |text| text),
        &code::INVALID_VALUE,
        parse,
    )
}

/// A path for a generated file of a kind, which cannot be the declaration's own.
fn path(
    findings: &mut Findings<'_>,
    file: &str,
    field: &'static str,
    text: Option<&Text>,
    kind: &OutputKind,
) -> Option<Sourced<RelPath>> {
    let path = word(findings, field, text, kind.usual, RelPath::parse)?;
    if let Some(fault) = kind.fault(path.value.as_str()) {
        let message = format!(
            "`{}` is not a valid path for {}: it {fault}",
            path.value, kind.what
        );
        let help = format!("write a path such as `{}`", kind.usual);
        findings.at_value_with_help(&code::INVALID_LAYOUT, path.origin, message, help);
        return None;
    }
    let text = path.value.as_str().to_ascii_lowercase();
    if lies_in(&text, &file.to_ascii_lowercase()) || findings.included.covers(path.value.as_str()) {
        let message = format!(
            "`{}` is part of the declaration, and a generated file cannot replace it",
            path.value
        );
        findings.at_value(&code::INVALID_LAYOUT, path.origin, message);
    }
    Some(path)
}

/// Says which `depends_on` leads nowhere or in a cycle.
pub(super) fn dependencies(findings: &mut Findings<'_>, images: &[Image], processes: &[Process]) {
    let services = images.iter().filter_map(|image| match &image.role {
        Role::Service(service) => Some((image.name.as_str(), &**service)),
        Role::Base(_) => None,
    });
    let processes = processes.iter();
    let processes = processes.map(|one| (one.name.as_str(), &one.service));
    let all = services.chain(processes);
    if all
        .clone()
        .all(|(_, service)| service.depends_on.is_empty())
    {
        return;
    }
    let wanted = all.clone();
    let wanted = wanted.map(|(name, service)| (name, &service.depends_on));
    let services: Services<'_> = wanted.collect();
    refuse_unstarted(findings, &services, all);
    for wanted in services.values().copied().flatten() {
        if !services.contains_key(wanted.value.as_str()) {
            let known = services.keys().copied();
            findings.unknown(
                &code::UNKNOWN_SERVICE,
                wanted.origin,
                "service",
                wanted.value.as_str(),
                known,
            );
        }
    }
    if let Some((name, wanted)) = in_a_cycle(&services) {
        let message = format!(
            "`{name}` waits for `{}`, which waits for `{name}`, directly or through other services",
            wanted.value
        );
        findings.at_value(&code::DEPENDENCY_CYCLE, wanted.origin, message);
    }
}

/// Says which services wait for one that only starts when somebody gives it a command.
fn refuse_unstarted<'a>(
    findings: &mut Findings<'_>,
    services: &Services<'_>,
    all: impl Iterator<Item = (&'a str, &'a Service)>,
) {
    let unstarted = all.filter(|(_, service)| service.starts_nothing());
    let unstarted: BTreeSet<&str> = unstarted.map(|(name, _)| name).collect();
    for wanted in services.values().copied().flatten() {
        if unstarted.contains(wanted.value.as_str()) {
            let message = format!(
                "`{0}` starts only when somebody gives it a command (`cmd: none`), so nothing can \
                 wait for it",
                wanted.value
            );
            let help = format!("delete `{}` here, or give it a `cmd`", wanted.value);
            findings.at_value_with_help(&code::INVALID_VALUE, wanted.origin, message, help);
        }
    }
}

/// The services, each with those that it waits for.
type Services<'a> = BTreeMap<&'a str, &'a Joined<Sourced<ServiceName>>>;

/// One service of the first cycle, and what it waits for there.
fn in_a_cycle<'a>(services: &Services<'a>) -> Option<(&'a str, &'a Sourced<ServiceName>)> {
    let positions: BTreeMap<&str, usize> = services.keys().copied().zip(0..).collect();
    let position = |wanted: &Sourced<ServiceName>| positions.get(wanted.value.as_str()).copied();
    let of = |wanted: &&Joined<Sourced<ServiceName>>| wanted.iter().filter_map(position).collect();
    let needs: Vec<Vec<usize>> = services.values().map(of).collect();
    let cycles = ordered(&needs).cycles;
    let cycle = cycles.first()?;
    let next = cycle.get(1).or(cycle.first());
    let (name, wanted) = services
        .iter()
        .nth(cycle[0])
        .expect("positions are those of services");
    let found = wanted
        .iter()
        .find(|wanted| position(wanted).as_ref() == next);
    Some((name, found.expect("a cycle follows what is waited for")))
}
