//! Synthetic fleets of any size, the same for every run: what the benchmarks and `just bench`
//! measure with.

use std::fmt::Write as _;

/// The services.yaml of a fleet of so many services.
///
/// Two kinds, a base, three to fourteen requirements a service, some Debian packages and
/// environment variables: the generated Dockerfiles have 28 to 45 lines, as real ones do at the
/// median and a little above.
#[must_use]
pub(crate) fn services_yaml(services: usize) -> String {
    let mut text = String::from(
        "registry: registry.example.com\nowner: acme\npython: \"3.12\"\nshared: [libs]\n\
         requirements:\n  base: [fastapi, \"uvicorn[standard]\", httpx, pydantic, asyncpg, redis]\n\
         bases:\n  base-runtime: { version: v1.0.0, requirements: [base] }\n\
         kinds:\n  slim: { template: multi-stage-slim, requirements: [base] }\n  web: { template: runtime-on-base, base: base-runtime }\n\
         services:\n",
    );
    for number in 0..services {
        let kind = if number % 2 == 0 { "web" } else { "slim" };
        let packages: Vec<String> = (0..3 + number % 12)
            .map(|at| format!("package-{}>={at}.1", (number * 7 + at) % 500))
            .collect();
        let _ = write!(
            text,
            "  svc-{number:05}:\n    kind: {kind}\n    port: {}\n    pip: [{}]\n",
            8000 + number % 100,
            packages.join(", ")
        );
        if number % 3 == 0 {
            text.push_str("    apt: [libpq5, tzdata]\n");
        }
        if number % 4 == 0 {
            let _ = writeln!(
                text,
                "    env: {{ LOG_LEVEL: info, SHARD: \"{}\" }}",
                number % 16
            );
        }
    }
    text
}
