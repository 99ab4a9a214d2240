#!/usr/bin/env python3
"""User and system time of whole dockwright processes on this repository's fleet, as getrusage counts it.

Runs `check` on a clean tree and `generate` into an empty one, in a copy of services.yaml in a temporary folder, and prints the
median, minimum and maximum in milliseconds. Exit status 1 where a median is over its budget, which is for the `dist` profile.

usage: scripts/cpu-time.py [--runs N] [PROGRAM]      (default: 25 runs of target/dist/dockwright)
"""

import argparse
import pathlib
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUDGET_MS = {"check": 10.0, "generate": 15.0}


def cpu_ms(program: str, command: str, folder: str) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([program, command], cwd=folder, stdout=subprocess.DEVNULL, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", nargs="?", default=str(ROOT / "target/dist/dockwright"))
    parser.add_argument("--runs", type=int, default=25)
    arguments = parser.parse_args()
    program = str(pathlib.Path(arguments.program).resolve())
    times: dict[str, list[float]] = {"generate": [], "check": []}
    with tempfile.TemporaryDirectory() as folder:
        shutil.copy(ROOT / "services.yaml", folder)
        for _ in range(arguments.runs):
            shutil.rmtree(pathlib.Path(folder) / "generated", ignore_errors=True)
            times["generate"].append(cpu_ms(program, "generate", folder))
            times["check"].append(cpu_ms(program, "check", folder))
    over = False
    for command, values in times.items():
        median = statistics.median(values)
        over |= median > BUDGET_MS[command]
        print(f"{command:9} median {median:5.1f} ms  min {min(values):5.1f}  max {max(values):5.1f}  budget {BUDGET_MS[command]:4.0f}  (user + system)")
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
