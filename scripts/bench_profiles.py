#!/usr/bin/env python3
"""Build profiles side by side: the cost of a cold build, size of the binary, instructions of `check`, time of `--version`; writes
docs/release-profile.md.

Every profile is one of Cargo.toml, or one with something changed, built into an empty folder. The cost of a build is the user and system time
of all its processes, which other load on the machine changes little, but does change: compare the rows of one run. Instructions are counted by
callgrind; `--version` is timed in turns. Allocators other than the system's are C code, which this project does not take in.

usage: scripts/bench_profiles.py [--services 1400]      (a cold build for each profile: ten minutes)
needs: cargo, valgrind
"""

import argparse
import os
import pathlib
import re
import resource
import statistics
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
PROFILES: dict[str, tuple[str, dict[str, str]]] = {
    "`dist`: level 3, fat LTO, 1 unit": ("dist", {}),
    "`dist` without LTO, 16 units": ("dist", {"LTO": "off", "CODEGEN_UNITS": "16"}),
    "`release`: level z, our own crate s, no LTO, 16 units": ("release", {}),
    "`release` at level s": ("release", {"OPT_LEVEL": "s"}),
}


def built(profile: str, changes: dict[str, str], folder: str) -> tuple[str, float]:
    """The program, and the seconds of processor time that its cold build took."""
    variables = {f"CARGO_PROFILE_{profile.upper()}_{name}": value for name, value in changes.items()}
    environment = dict(os.environ, CARGO_TARGET_DIR=folder, **variables)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(["cargo", "build", "--quiet", "--profile", profile, "--bin", "dockwright"], cwd=ROOT, env=environment, check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return str(pathlib.Path(folder, profile, "dockwright")), seconds


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
    rows = [
        "| profile | cold build, s of processor time | size, MB | instructions of check, millions | `--version`, ms |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    with tempfile.TemporaryDirectory() as fleet, tempfile.TemporaryDirectory() as builds:
        example = ["cargo", "run", "--quiet", "--example", "synthetic_fleet", "--", services]
        pathlib.Path(fleet, "services.yaml").write_text(subprocess.check_output(example, cwd=ROOT, text=True))
        programs, costs = [], []
        for number, (profile, changes) in enumerate(PROFILES.values()):
            program, seconds = built(profile, changes, f"{builds}/{number}")
            programs.append(program)
            costs.append(seconds)
        subprocess.run([programs[0], "generate"], cwd=fleet, check=True, stdout=subprocess.DEVNULL)
        for name, program, cost, start in zip(PROFILES, programs, costs, starts(programs)):
            size = os.stat(program).st_size / 1e6
            rows.append(f"| {name} | {cost:.0f} | {size:.2f} | {instructions(program, fleet) / 1e6:,.0f} | {start:.1f} |")
            print(rows[-1], flush=True)
    page = PAGE.format(services=f"{int(services):,}", table="\n".join(rows), load=load())
    (ROOT / "docs/release-profile.md").write_text(page)


def load() -> str:
    """How busy the machine was in the last quarter of an hour."""
    return f"{os.cpu_count()} cores with a load of {os.getloadavg()[2]:.0f}"


PAGE = """# The profiles

`release` is what `cargo run --release -- check` builds: a newcomer waits for it, so it is cheap to build. `dist` is what is installed and
shipped (`cargo install --path . --profile dist`), and what every other figure of this repository is measured with.

Written by `just bench-profiles`: cold builds, one after the other, on {load}, and the same `check` of {services} services by each.
The cost of a build is the user and system time of all its processes; a busy machine makes it larger in every row alike. Instructions are counted by callgrind;
valgrind does not know the processor's SHA instructions, so the seals weigh more in them than in time.

{table}

Most of a cold build is optimization, and most of that is our own crate. Link-time optimization does much of it twice, also the thin one
between the units of a crate that Cargo does by default, so `release` turns both off. Level z makes less code, which takes less time to make.

The allocator is the system's: the faster ones are C code, which this project does not take in, and a fleet that takes no more memory than a browser
tab is no reason for one. Panics abort: nothing catches them, and the tables for unwinding are dead weight at every start.
"""


if __name__ == "__main__":
    main()
