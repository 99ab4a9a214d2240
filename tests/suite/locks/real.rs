//! A real uv resolves, and a real pip takes what was made of its answer.

use std::process::Output;

use crate::support::{Root, has};

const FLEET: &str = "\
registry: registry.example
owner: acme
python: \"3.12\"
platforms: [linux/amd64, linux/arm64]
locks: locks
requirements: { base: [\"anyio>=4\"] }
bases: { base-runtime: { version: v1.0.0, requirements: [base] } }
kinds: { on-base: { template: runtime-on-base, base: base-runtime } }
services: { svc-a: { kind: on-base, port: 8000, pip: [h11, starlette] } }
";

#[test]
fn a_real_resolver_locks_and_pip_takes_the_hashes() {
    if !has(&["uv", "python3", "pip"]) {
        return;
    }
    let root = Root::new(FLEET);
    let run = root.run(&["lock"]);
    assert_eq!(run.status, 0, "{}", run.told());
    assert_eq!(root.run(&["generate"]).status, 0);
    assert_eq!(root.check().status, 0, "{}", root.check().told());
    assert_services_add_to_their_base(&root);
    for platform in ["manylinux_2_28_x86_64", "manylinux_2_28_aarch64"] {
        for image in ["base-runtime", "svc-a"] {
            assert_pip_takes_the_wheels(&root, image, platform);
        }
    }
    // With one hash changed, pip refuses: it does check them.
    let requirements = "generated/svc-a/requirements.txt";
    root.edit(requirements, "--hash=sha256:", "--hash=sha256:0000");
    let arguments = ["--dest", "other", "-r", requirements];
    assert!(!pip_download(&root, &arguments).status.success());
}

fn assert_services_add_to_their_base(root: &Root) {
    let (base, service) = (
        root.text("locks/base-runtime.txt"),
        root.text("locks/svc-a.txt"),
    );
    assert!(
        base.contains("\nanyio==4.") && base.contains("\nidna=="),
        "{base}"
    );
    assert!(
        service.contains("\nh11==") && !service.contains("\nanyio=="),
        "the service adds to its base alone: {service}"
    );
    let why = root.run(&["why", "idna", "--image", "svc-a"]);
    assert!(
        why.stdout.contains("anyio 4.") && why.stdout.contains("→ idna"),
        "{}",
        why.told()
    );
}

fn assert_pip_takes_the_wheels(root: &Root, image: &str, platform: &str) {
    let output = pip_download(
        root,
        &[
            "--only-binary=:all:",
            "--python-version=3.12",
            &format!("--platform={platform}"),
            "--dest",
            "wheels",
            "-r",
            &format!("generated/{image}/requirements.txt"),
        ],
    );
    assert!(
        output.status.success(),
        "{image} on {platform}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn pip_download(root: &Root, arguments: &[&str]) -> Output {
    root.command(
        "python3",
        &["-m", "pip", "download", "--quiet", "--no-deps"],
    )
    .args(arguments)
    .output()
    .unwrap()
}
