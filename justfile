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
    cargo run -- schema --included > docs/included.schema.json
    cargo run -- explain --all > docs/diagnostics.md
    INSTA_UPDATE=always cargo test --test suite goldens

# user and system time of whole processes on this repository's fleet
cpu-time:
    cargo build --release
    scripts/cpu-time.py

# whole processes from 14 to 14,000 services against baselines, and where the time goes; writes docs/performance.md (4 to 8 minutes)
bench-scale:
    cargo build --release --examples
    cargo build --release
    python3 -m venv target/bench
    target/bench/bin/pip install --quiet jinja2 pyyaml
    target/bench/bin/python scripts/bench_scale.py

# release profiles side by side; writes docs/release-profile.md (a build for each)
bench-profiles:
    python3 scripts/bench_profiles.py

# builds the fleet's images for real and looks into them; `just images --all --twice all` for every one, twice. Needs root
images *arguments:
    cargo build --release
    python3 tests/images/images.py {{arguments}}

# the instructions of `check` at 140 services, against the record
instructions:
    scripts/instructions.sh
