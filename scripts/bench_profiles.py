#!/usr/bin/env python3
"""Release profiles side by side: size of the binary, instructions of `check`, time of `--version`; writes docs/release-profile.md.

Every profile is the one of Cargo.toml with something changed, built into a folder of its own. Instructions are counted by callgrind, so other
load on the machine does not change them; `--version` is timed in turns. Allocators other than the system's are C code, which this project does
not take in.

usage: scripts/bench_profiles.py [--services 1400]      (a build for each profile: some minutes)
needs: cargo, valgrind
"""

import argparse
import os
import pathlib
import re
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PROFILES = {
    "as in Cargo.toml (fat LTO, 1 unit, abort, level 3)": {},
    "thin LTO": {"LTO": "thin"},
    "no LTO, 16 units": {"LTO": "off", "CODEGEN_UNITS": "16"},
    "level s": {"OPT_LEVEL": "s"},
}


def built(changes: dict[str, str], folder: str) -> str:
    variables = {f"CARGO_PROFILE_RELEASE_{name}": value for name, value in changes.items()}
    environment = dict(os.environ, CARGO_TARGET_DIR=folder, **variables)
    subprocess.run(["cargo", "build", "--quiet", "--release", "--bin", "dockwright"], cwd=ROOT, env=environment, check=True)
    return str(pathlib.Path(folder, "release/dockwright"))


def instructions(program: str, folder: str) -> int:
    command = ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, "check"]
    text = subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True).stderr
    return int(re.search(r"refs:\s*([\d,]+)", text).group(1).replace(",", ""))


def starts(programs: list[str]) -> list[float]:
    """The median milliseconds of `--version` of each, in turn with the others."""
    samples: list[list[float]] = [[] for _ in programs]
    for _ in range(101):
        for program, own in zip(programs, samples):
            started = time.perf_counter()
            subprocess.run([program, "--version"], check=True, stdout=subprocess.DEVNULL)
            own.append(1000 * (time.perf_counter() - started))
    return [statistics.median(own) for own in samples]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--services", default="1400")
    services = parser.parse_args().services
    rows = ["| profile | size, MB | instructions of check, millions | `--version`, ms |", "| --- | ---: | ---: | ---: |"]
    with tempfile.TemporaryDirectory() as fleet:
        example = ["cargo", "run", "--quiet", "--example", "synthetic_fleet", "--", services]
        pathlib.Path(fleet, "services.yaml").write_text(subprocess.check_output(example, cwd=ROOT, text=True))
        programs = [built(changes, str(TARGET / f"profile-{number}" if changes else TARGET)) for number, changes in enumerate(PROFILES.values())]
        subprocess.run([programs[0], "generate"], cwd=fleet, check=True, stdout=subprocess.DEVNULL)
        for name, program, start in zip(PROFILES, programs, starts(programs)):
            size = os.stat(program).st_size / 1e6
            rows.append(f"| {name} | {size:.2f} | {instructions(program, fleet) / 1e6:,.0f} | {start:.1f} |")
            print(rows[-1], flush=True)
    page = PAGE.format(services=f"{int(services):,}", table="\n".join(rows))
    (ROOT / "docs/release-profile.md").write_text(page)


PAGE = """# The release profile

Written by `just bench-profiles`: the same `check` of {services} services by builds that differ in one thing from `[profile.release]` of Cargo.toml.
Instructions are counted by callgrind; valgrind does not know the processor's SHA instructions, so the seals weigh more in them than in time.

{table}

The allocator is the system's: the faster ones are C code, which this project does not take in, and a fleet that takes no more memory than a browser
tab is no reason for one. Panics abort: nothing catches them, and the tables for unwinding are dead weight at every start.
"""


if __name__ == "__main__":
    main()
