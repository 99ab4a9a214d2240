//! Built-in templates reach the engine as one text each: what they print is what the plain ones do.

use dockwright::project::Files;
use dockwright::render::Templates;

use crate::support::{rendered, rendered_files};

/// Everything that a built-in template asks for, once there and once not.
const EVERY_OPTION: &str = r#"
registry: r.example
owner: a
python: "3.12"
shared: [libs]
requirements: { base: [fastapi, "pinned==1.0"] }
bases:
  base-a: { version: v1, requirements: [base], apt: [curl], apt_build: [gcc], secrets: [s], env: { A: b }, args: { B: c },
    hooks: { builder: [RUN a], before_apt: [RUN b], after_apt: [RUN c], after_pip: [RUN d], after_copy: [RUN e] } }
  base-b: { version: v2, from: base-a, pip: [httpx] }
  base-c: { version: v3 }
kinds:
  slim: { template: multi-stage-slim }
  plain: { template: runtime-on-base, base: base-b }
  ml: { template: ml-on-base, base: base-c }
services:
  svc-a: { kind: slim, port: 1 }
  svc-b: { kind: slim, port: 2, pip: [httpx], apt: [curl], apt_build: [gcc], secrets: [s], env: { A: b }, args: { B: c },
    index_urls: ["https://i.example/a", "https://i.example/b"], healthcheck: none,
    hooks: { builder: [RUN a], before_apt: [RUN b], after_apt: [RUN c], after_pip: [RUN d], after_copy: [RUN e] } }
  svc-c: { kind: plain, port: 3 }
  svc-d: { kind: plain, port: 4, pip: [httpx], apt: [curl], apt_build: [gcc], secrets: [s], env: { A: b }, args: { B: c },
    hooks: { builder: [RUN a], before_apt: [RUN b], after_apt: [RUN c], after_pip: [RUN d], after_copy: [RUN e] } }
  svc-e: { kind: ml, port: 5, pip: [httpx], secrets: [s] }
"#;

#[test]
fn joined_templates_print_what_the_plain_ones_do() {
    let joined = rendered(EVERY_OPTION).unwrap();
    // As the fleet's own, the same texts stay apart.
    let mut plain = Files::declaring(format!("{EVERY_OPTION}templates: docker\n"));
    let built_in = Templates::default();
    for (name, _) in built_in.origins() {
        plain.put(&format!("docker/{name}"), built_in.text(name).unwrap());
    }
    let plain = rendered_files(&plain).unwrap();
    assert!(joined.len() > 20, "{}", joined.len());
    assert_eq!(joined, plain);
}
