#!/usr/bin/env bash
# Changes drift and seal in every way that cargo-mutants knows, one at a time, and tells which change none of their own unit tests sees.
# The modules stand in a crate of their own for it, with what they use: a mutant takes seconds, where the whole program takes a minute.
#
# usage: scripts/mutants.sh [ARGUMENT OF cargo mutants]…     exit status 0: all are killed
# needs: cargo-mutants
set -euo pipefail
cd "$(dirname "$0")/.."
crate=target/mutants/crate
rm -rf "$crate"
mkdir -p "$crate/src/render"
cp -r src/drift src/artifact.rs "$crate/src"
cp src/render/seal.rs "$crate/src/render"
cp Cargo.lock "$crate"
printf 'pub mod artifact;\npub mod drift;\npub mod render {\n    pub mod seal;\n}\n' >"$crate/src/lib.rs"
{
    printf '[package]\nname = "drift-and-seal"\nversion = "0.0.0"\nedition = "2024"\n\n[workspace]\n\n[dependencies]\n'
    grep -E '^(base16ct|camino|sha2|similar|thiserror) = ' Cargo.toml
    printf '\n[profile.dev]\ndebug = false\n\n[profile.dev.package."*"]\nopt-level = 1\n'
} >"$crate/Cargo.toml"
cargo mutants --dir "$crate" --in-place --timeout 120 --output target/mutants --file 'src/drift/*.rs' --file src/render/seal.rs "$@" -- --lib
