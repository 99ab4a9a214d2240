# Recipes for people who work on dockwright; `just` lists them.

_list:
    @just --list

# what CI runs, without installing anything
check:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings
    cargo test
    cargo run --release -- check

# the tests in their long form, as CI runs them
test-long:
    DOCKWRIGHT_LONG=1 cargo test

# rewrite the committed copies of generated things
update:
    cargo run -- generate
    cargo run -- schema > docs/services.schema.json
    cargo run -- schema --included > docs/included.schema.json
    for path in docs/schemas/*; do name=$(basename "$path" .schema.json); cargo run -- schema --output "$name" > "$path"; done
    cargo run -- schema --fields > docs/fields.md
    cargo run -- explain --all > docs/diagnostics.md
    cargo run -- man --markdown > docs/commands.md
    INSTA_UPDATE=always cargo test --test suite goldens

# whole processes of `dist` on a synthetic fleet against a Python script: the rows of docs/performance.md (needs hyperfine and jq)
bench services="1400" rounds="7":
    cargo build --profile dist --bin dockwright --example synthetic_fleet
    python3 -m venv target/bench
    target/bench/bin/pip install --quiet jinja2 pyyaml
    PYTHON="$PWD/target/bench/bin/python3" scripts/bench.sh {{services}} {{rounds}}

# cold builds of the profiles: the rows of docs/release-profile.md (needs hyperfine)
bench-profiles:
    hyperfine --runs 1 --prepare 'rm -rf target/cold' \
        'cargo build --quiet --target-dir target/cold --profile dist --bin dockwright' \
        'cargo build --quiet --target-dir target/cold --release --bin dockwright'

# `check` by static musl builds with and without mimalloc: prints a row; docs/release-profile.md quotes its figures (needs packaging/tools, hyperfine and jq)
bench-musl services="10000" rounds="9":
    scripts/bench_musl.sh {{services}} {{rounds}}

# builds the packages as releases have them, and installs and uses them (`bash -c '. .ci/judges && just packages'`)
packages:
    cargo build --release
    .ci/packages

# builds the fleet's images for real and looks into them; `just images --all --twice all` for every one, twice. Needs root
images *arguments:
    cargo build --release
    python3 tests/images/images.py {{arguments}}

# real builds of the fleet by the seed templates and by ours (as root, half an hour); writes docs/images.md, images.svg
bench-images:
    cargo build --release
    python3 -m venv target/bench
    target/bench/bin/pip install --quiet pyyaml
    target/bench/bin/python scripts/bench_images.py

# the instructions of `check` at 140 services, `dist` profile, against the record
instructions:
    scripts/instructions.sh

# a million executions of each fuzz target by libFuzzer, and of mutations (half an hour of one core), of whole runs a thousandth; what libFuzzer finds becomes a seed
fuzz-long:
    scripts/fuzz.sh -runs=1000000
    DOCKWRIGHT_CASES=1000000 cargo test --release --test suite -- --nocapture fuzz_targets

# licences, banned crates and sources of the dependency tree
deny:
    cargo deny --offline --locked check licenses bans sources

# known holes in dependencies; asks the database of advisories over the network
advisories:
    cargo deny --locked check advisories

# mutants of drift and seal that their own unit tests do not kill
mutants:
    test -x target/ci/tools/bin/cargo-mutants || cargo install --locked --version 27.1.0 --root target/ci/tools cargo-mutants
    PATH="$PWD/target/ci/tools/bin:$PATH" scripts/mutants.sh

# every number of docs/reliability.md: the long profile, an hour on 2 cores and half an hour for the fuzz targets
reliability:
    cargo build --release
    tests/faults/faults.py --all
    DOCKWRIGHT_CASES=1000000 cargo test --release --test suite -- --nocapture ci_commands
    DOCKWRIGHT_CASES=120000 cargo test --release --test suite -- --nocapture hand_edits
    DOCKWRIGHT_CASES=100000 cargo test --release --test suite -- --nocapture random_documents
    DOCKWRIGHT_CASES=10000 cargo test --release --test suite -- --nocapture laws::values laws::bytes
    DOCKWRIGHT_CASES=100000 cargo test --release --test suite locks::hostile
    DOCKWRIGHT_CASES=20000 cargo test --release --test suite plan_oracle
    DOCKWRIGHT_ROUNDS=60 cargo test --release --test suite -- --nocapture workspace::
    cargo test --release --test suite -- symlinks paths hostile templates edits
    cargo test --release --lib workspace
    just fuzz-long
    just mutants

# the documentation as a site, in target/site; warnings are errors
site:
    test -x target/ci/judges/bin/mkdocs || python3 -m venv target/ci/judges
    target/ci/judges/bin/pip install --quiet --disable-pip-version-check mkdocs-material==9.8.2
    NO_MKDOCS_2_WARNING=1 target/ci/judges/bin/mkdocs build --quiet
