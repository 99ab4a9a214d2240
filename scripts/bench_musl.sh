#!/usr/bin/env bash
# `check` by two static musl builds of `dist`: with mimalloc, as packaging/build makes them, and with musl's own allocator. Prints a row,
# whose figures docs/release-profile.md quotes. Each round runs both once, one after the other; the figures are medians of all rounds.
#
# usage: scripts/bench_musl.sh [SERVICES] [ROUNDS]      (default: 10000 services, 9 rounds)
# needs: packaging/tools, hyperfine, jq, GNU time
set -euo pipefail
services=${1:-10000} rounds=${2:-9}
cd "$(dirname "$0")/.."
target=x86_64-unknown-linux-musl
built=$PWD/target/musl
mkdir -p "$built"
packaging/build "$target" musllinux_1_2 "$built"
cp "target/$target/dist/dockwright" "$built/with"
FEATURES='' packaging/build "$target" musllinux_1_2 "$built"
cp "target/$target/dist/dockwright" "$built/without"
cargo run --quiet --profile dist --example synthetic_fleet "$services" >"$built/services.yaml"
folder=$(mktemp -d "${BENCH_FOLDER:-/tmp}/bench.XXXXXX")
trap 'rm -rf "$folder"' EXIT
cp "$built/services.yaml" "$folder"
cd "$folder"
"$built/with" generate >/dev/null
peak() { command time --format %M "$1" check 2>&1 >/dev/null | tail -n 1; }
for round in $(seq 0 "$rounds"); do
    hyperfine --shell none --style none --runs 1 --export-json "round-$round.json" "$built/with check" "$built/without check" >/dev/null
done
rm round-0.json
echo "| services | with, ms | without, ms | ÷ | CPU with, ms | CPU without, ms | ÷ | peak with, MiB | peak without, MiB |"
echo "| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
jq -rs --argjson services "$services" --argjson with "$(peak "$built/with")" --argjson without "$(peak "$built/without")" '
    def median: sort | .[length / 2 | floor];
    def ms: . * 1000 | round;
    def ratio: . * 100 | round / 100;
    [.[].results | map({wall: .median, cpu: (.user + .system)})] as $pairs
    | [$services,
       ([$pairs[][0].wall] | median | ms), ([$pairs[][1].wall] | median | ms), ([$pairs[] | .[0].wall / .[1].wall] | median | ratio),
       ([$pairs[][0].cpu] | median | ms), ([$pairs[][1].cpu] | median | ms), ([$pairs[] | .[0].cpu / .[1].cpu] | median | ratio),
       ($with / 1024 | round), ($without / 1024 | round)]
    | "| " + (map(tostring) | join(" | ")) + " |"' round-*.json
