# Recipes for people who work on dockwright; `just` lists them.

_list:
    @just --list

# what CI runs, without installing anything
check:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings
    cargo test
    cargo run --release -- check

# rewrite the committed copies of generated things
update:
    cargo run -- generate
    cargo run -- schema > docs/services.schema.json
    cargo run -- explain --all > docs/diagnostics.md

# user and system time of whole processes on this repository's fleet
cpu-time:
    cargo build --release
    scripts/cpu-time.py
