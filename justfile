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

# whole processes at four sizes of a fleet against baselines; writes docs/performance.md
bench-scale:
    cargo build --release --examples
    cargo build --release
    python3 -m venv target/bench
    target/bench/bin/pip install --quiet jinja2 pyyaml
    target/bench/bin/python scripts/bench_scale.py

# builds the fleet's images for real and looks into them; `just images --all --twice all` for every one, twice. Needs root
images *arguments:
    cargo build --release
    python3 tests/images/images.py {{arguments}}

# real builds of the fleet by the seed templates and by ours (as root, half an hour); writes docs/images.md, images.svg, seed-numbers.md
bench-images:
    cargo build --release
    python3 -m venv target/bench
    target/bench/bin/pip install --quiet pyyaml
    target/bench/bin/python scripts/bench_images.py

# the instructions of `check` at 140 services, against the record
instructions:
    scripts/instructions.sh
