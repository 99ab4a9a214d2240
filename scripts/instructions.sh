#!/usr/bin/env bash
# The instructions that `check` of the `dist` profile takes at 140 services, counted by callgrind: other load does not change them.
# Compares with docs/instructions.txt and fails when the count grew by more than 10 %; --record writes the file.
set -euo pipefail
cd "$(dirname "$0")/.."
command -v valgrind >/dev/null || { echo "skipped: valgrind is not installed (apt-get install valgrind)"; exit 0; }
cargo build --profile dist --quiet --example synthetic_fleet
cargo build --profile dist --quiet
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
target/dist/examples/synthetic_fleet 140 >"$folder/services.yaml"
program=$PWD/target/dist/dockwright
(cd "$folder" && "$program" generate >/dev/null)
count=$(cd "$folder" && valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" check 2>&1 >/dev/null | sed -n 's/.*refs: *//p' | tr -d ',')
echo "check at 140 services: $count instructions, dist profile"
if [ "${1:-}" = --record ]; then echo "$count instructions, dist profile" >docs/instructions.txt; exit 0; fi
read -r recorded _ <docs/instructions.txt
echo "recorded: $recorded"
[ "$count" -le $((recorded + recorded / 10)) ] || { echo "more than 10 % above the record"; exit 1; }
