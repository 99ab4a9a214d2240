#!/usr/bin/env bash
# Lets libFuzzer drive the targets of fuzz/ one after another, from the committed seeds and what earlier runs kept.
# What it finds is copied to fuzz/corpus/<target>/seed-…, so that `cargo test` runs it from then on.
#
# usage: scripts/fuzz.sh -runs=N | -max_total_time=SECONDS [TARGET…]     (of each target, else of all)
#        Of `runs`, each of which starts seven processes, -runs=N tries N / 1000.
# needs: cargo-fuzz, and a C++ compiler for libFuzzer; any toolchain, since without unsafe code no sanitizer has anything to find
set -euo pipefail
cd "$(dirname "$0")/.."
limit=${1:?-runs=N or -max_total_time=SECONDS} && shift
(($#)) || set -- yaml edit segmenter values printer meaning sizes remote ledger runs
# Comparisons of numbers are not traced, which took a large part of the time; those of texts are, and guide it to keywords.
build=(--sanitizer none --no-trace-compares)
# Longer inputs are slow and reach nothing that shorter ones do not. Its limit of time is on the wall: beside other work a process can wait for
# minutes, so it stays at the twenty that are the default.
options=(-max_len=2560 -report_slow_units=1200 -rss_limit_mb=2048 -print_final_stats=1)
for target; do
    limit_here=$limit
    if [[ $target == runs ]]; then
        # The program runs as processes of its own, whose code libFuzzer does not see.
        cargo build --release
        export DOCKWRIGHT_PROGRAM=$PWD/target/release/dockwright
        [[ $limit != -runs=* ]] || limit_here=-runs=$((${limit#-runs=} / 1000 + 1))
    fi
    cargo fuzz build "${build[@]}" "$target"
    found=fuzz/target/found/$target
    mkdir -p "$found" fuzz/target/artifacts
    rm -f fuzz/target/artifacts/"$target"-*
    status=0
    log=$(cargo fuzz run "${build[@]}" "$target" "$found" "fuzz/corpus/$target" -- "${options[@]}" "$limit_here" \
        -artifact_prefix="$PWD/fuzz/target/artifacts/$target-" 2>&1) || status=$?
    ran=$(sed -n 's/^stat::number_of_executed_units: *//p' <<<"$log" | tail -n 1)
    printf '%s: %d executions, %d inputs kept\n' "$target" "${ran:-0}" "$(find "$found" -type f | wc -l)"
    for input in fuzz/target/artifacts/"$target"-*; do
        [[ -e $input ]] || continue
        seed=fuzz/corpus/$target/seed-$(basename "$input")
        cp "$input" "$seed"
        printf '%s\nfound: %s\n' "$log" "$seed"
    done
    ((status == 0)) || { printf '%s\n' "$log" && exit 1; }
done
