#!/usr/bin/env bash
# Lets libFuzzer drive each target of fuzz/ for some seconds, or for at least so many executions, from the committed seeds.
# What it finds is copied to fuzz/corpus/<target>/seed-…, so that `cargo test` runs it from then on.
#
# usage: scripts/fuzz.sh SECONDS [EXECUTIONS]     (SECONDS a target; with EXECUTIONS it goes on until both are over)
# needs: cargo-fuzz, and a C++ compiler for libFuzzer; any toolchain, since without unsafe code no sanitizer has anything to find
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:?seconds a target} executions=${2:-0}
options=(-max_len=8192 -timeout=20 -rss_limit_mb=2048 -print_final_stats=1)
status=0
for target in yaml edit segmenter values printer; do
    found=fuzz/target/found/$target
    mkdir -p "$found" fuzz/target/artifacts
    rm -f fuzz/target/artifacts/"$target"-*
    done_so_far=0
    while :; do
        log=$(cargo fuzz run --sanitizer none "$target" "$found" "fuzz/corpus/$target" -- "${options[@]}" \
            -artifact_prefix="$PWD/fuzz/target/artifacts/$target-" -max_total_time="$seconds" 2>&1) || status=1
        ran=$(sed -n 's/^stat::number_of_executed_units: *//p' <<<"$log" | tail -n 1)
        done_so_far=$((done_so_far + ${ran:-0}))
        ((status == 0 && done_so_far < executions)) || break
    done
    printf '%s: %d executions, %d inputs kept\n' "$target" "$done_so_far" "$(find "$found" -type f | wc -l)"
    for input in fuzz/target/artifacts/"$target"-*; do
        [[ -e $input ]] || continue
        seed=fuzz/corpus/$target/seed-$(basename "$input")
        cp "$input" "$seed"
        printf '%s\nfound: %s\n' "$log" "$seed"
    done
    ((status == 0)) || exit 1
done
