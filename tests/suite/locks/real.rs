//! A real uv resolves, and a real pip takes what was made of its answer.

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
    for platform in ["manylinux_2_28_x86_64", "manylinux_2_28_aarch64"] {
        for image in ["base-runtime", "svc-a"] {
            let requirements = format!("generated/{image}/requirements.txt");
            let arguments = [
                "-m",
                "pip",
                "download",
                "--quiet",
                "--no-deps",
                "--only-binary=:all:",
                "--python-version=3.12",
            ];
            let output = root
                .command("python3", &arguments)
                .args([
                    &format!("--platform={platform}"),
                    "--dest",
                    "wheels",
                    "-r",
                    &requirements,
                ])
                .output()
                .unwrap();
            assert!(
                output.status.success(),
                "{image} on {platform}: {}",
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
    // The same with one hash changed is refused: pip does check them.
    root.edit(
        "generated/svc-a/requirements.txt",
        "--hash=sha256:",
        "--hash=sha256:0000",
    );
    let again = [
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--dest",
        "other",
        "-r",
        "generated/svc-a/requirements.txt",
    ];
    assert!(
        !root
            .command("python3", &again)
            .output()
            .unwrap()
            .status
            .success()
    );
}
