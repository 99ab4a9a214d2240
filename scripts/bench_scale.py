#!/usr/bin/env python3
"""Whole-process figures of dockwright at four sizes of a fleet, as ratios to baselines in the same run; writes docs/performance.md.

Baselines: (a) a small Rust program that reads the same files and compares them with bytes in memory, (b) a Python script with PyYAML (C
loader) and Jinja2 that renders less, (c) writing the same bytes durably: every file synced, in a plain loop. Commands alternate, medians count.

usage: scripts/bench_scale.py [--sizes 14,140,1400,10000] [--runs 7] [--out docs/performance.md]
needs: cargo, a python3 with jinja2 and pyyaml (see the recipe `bench-scale` in the justfile)
"""

import argparse
import os
import pathlib
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
RELEASE = ROOT / "target/release"
PROGRAM = str(RELEASE / "dockwright")
BASELINE = str(RELEASE / "examples/read_and_compare")
SYNTHETIC = str(RELEASE / "examples/synthetic_fleet")
PYTHON = [sys.executable, str(ROOT / "scripts/render_with_jinja.py")]


def run(command: list[str], folder: str) -> tuple[float, float, int]:
    """Wall seconds, user and system seconds, peak KiB."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{command} failed in {folder}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def write_durably(folder: pathlib.Path, target: pathlib.Path) -> float:
    contents = [(path.relative_to(folder), path.read_bytes()) for path in folder.rglob("*") if path.is_file()]
    started = time.perf_counter()
    for path, content in contents:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        with open(target / path, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    return time.perf_counter() - started


def measure(size: int, runs: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        folder = pathlib.Path(name)
        (folder / "services.yaml").write_text(subprocess.check_output([SYNTHETIC, str(size)], text=True))
        generate, durable = [], []
        for _ in range(min(runs, 3)):
            shutil.rmtree(folder / "generated", ignore_errors=True)
            generate.append(run([PROGRAM, "generate"], name)[0])
            with tempfile.TemporaryDirectory(dir=name) as copy:
                durable.append(write_durably(folder / "generated", pathlib.Path(copy)))
        subprocess.run([BASELINE, "pack", "generated", "expected.pack"], cwd=name, check=True)
        subprocess.run([*PYTHON, "generate", "services.yaml", "by-python"], cwd=name, check=True)
        samples: dict[str, list[tuple[float, float, int]]] = {"check": [], "baseline": [], "python": []}
        commands = {
            "check": [PROGRAM, "check"],
            "baseline": [BASELINE, "check", "generated", "expected.pack"],
            "python": [*PYTHON, "check", "services.yaml", "by-python"],
        }
        for number in range(runs + 1):
            for what, command in commands.items():
                if what == "python" and size > 2000 and number > 2:
                    continue
                sample = run(command, name)
                if number > 0:
                    samples[what].append(sample)
        middle = {what: [statistics.median(column) for column in zip(*values)] for what, values in samples.items()}
        files = sum(1 for path in (folder / "generated").rglob("*") if path.is_file())
        return {
            "services": size, "files": files,
            "check_ms": 1000 * middle["check"][0], "check_cpu_ms": 1000 * middle["check"][1], "peak_mib": middle["check"][2] / 1024,
            "to_baseline": middle["check"][0] / middle["baseline"][0], "python_to_check": middle["python"][0] / middle["check"][0],
            "cpu_us_a_service": 1e6 * middle["check"][1] / size,
            "generate_ms": 1000 * statistics.median(generate), "to_durable": statistics.median(generate) / statistics.median(durable),
        }


def processor() -> str:
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return platform.processor()


def page(rows: list[dict[str, float]], runs: int) -> str:
    head = ("services", "files", "check ms", "check CPU ms", "CPU µs a service", "peak MiB", "check ÷ reading and comparing",
            "Python ÷ check", "generate ms", "generate ÷ writing durably")
    keys = ("services", "files", "check_ms", "check_cpu_ms", "cpu_us_a_service", "peak_mib", "to_baseline", "python_to_check", "generate_ms", "to_durable")
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---:" for _ in head) + " |"]
    for row in rows:
        cells = [f"{row[key]:.0f}" if key in ("services", "files", "check_ms", "generate_ms", "peak_mib", "check_cpu_ms") and row[key] >= 10 else f"{row[key]:.1f}" for key in keys]
        lines.append("| " + " | ".join(cells) + " |")
    size = (RELEASE / "dockwright").stat().st_size / 1e6
    return PAGE.format(table="\n".join(lines), machine=f"{os.cpu_count()} cores, {processor()}", runs=runs, size=f"{size:.1f}")


PAGE = """# Performance

Written by `just bench-scale`. Whole processes of a release build ({size} MB, stripped) on {machine}; medians of {runs} runs; every ratio comes from commands
that alternate in the same run, so it holds on a slower machine too.

{table}

- *reading and comparing* is `examples/read_and_compare.rs`: the same files, compared with bytes that are in memory already. It renders nothing
  and looks for no stray files, so it is the limit of `check`.
- *Python* is `scripts/render_with_jinja.py`: PyYAML's C loader and Jinja2, two files a service where dockwright has three, no validation, no
  orphans, no diff.
- *writing durably* is a plain loop that writes and syncs the same files. `generate` also checks what it replaces, renames and syncs folders.

## Where the time goes, and why it is spread as it is

`check` reads and guards services.yaml (one pass over YAML events, one typed load), resolves it, and then renders, reads and compares 128 files at a
time on every core; what is equal is dropped at once. A fleet of fewer than 512 files stays on one thread, since starting threads costs more than
it saves. Nothing is quadratic: duplicate names, folders and paths are looked up in ordered sets, equal changes are grouped by a map.

`generate` writes in batches of 64: all contents are written and synced, then the files are renamed, then each folder is synced once. A file is
wholly old or wholly new at every point; the syncs are what the disk charges for that.

`scripts/cpu-time.py` holds the user and system time on this repository's own fleet; `cargo bench` times each stage alone;
`scripts/instructions.sh` counts the instructions of `check` at 140 services, which other load does not change.
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="14,140,1400,10000")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--out", default=str(ROOT / "docs/performance.md"))
    arguments = parser.parse_args()
    rows = []
    for size in map(int, arguments.sizes.split(",")):
        rows.append(measure(size, arguments.runs))
        print({key: round(value, 2) for key, value in rows[-1].items()}, flush=True)
    pathlib.Path(arguments.out).write_text(page(rows, arguments.runs))
    return 0


if __name__ == "__main__":
    sys.exit(main())
