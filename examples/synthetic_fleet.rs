//! Prints the services.yaml of a synthetic fleet: `cargo run --example synthetic_fleet -- 10000`.

#[path = "../benches/fleet.rs"]
mod fleet;

use std::io::Write as _;

fn main() -> std::io::Result<()> {
    let services = std::env::args()
        .nth(1)
        .and_then(|count| count.parse().ok())
        .unwrap_or(14);
    #[expect(
        clippy::disallowed_methods,
        reason = "a program of its own, whose output is for a file"
    )]
    std::io::stdout().write_all(fleet::services_yaml(services).as_bytes())
}
