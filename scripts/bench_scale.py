#!/usr/bin/env python3
"""Whole-process figures of dockwright from 14 to 14,000 services, as ratios to baselines in the same run; writes docs/performance.md.

Baselines: (a) a small Rust program that reads the same files and compares them with bytes in memory, (b) a Python script with PyYAML (C
loader) and Jinja2 that renders the same files, (c) docker-library's way, one awk and one jq for each Dockerfile, (d) writing the same bytes durably,
every file synced, in a plain loop. Commands alternate within a run; medians count. Exit status 1 where something does not hold that must.

usage: scripts/bench_scale.py [--sizes 14,140,1400,10000,14000] [--runs 11] [--out docs/performance.md]      (4 to 8 minutes)
needs: a build of the `dist` profile with its examples, a python3 with jinja2 and pyyaml (`just bench-scale` sees to both); valgrind for the shares and jq
       for (c), both left out where they are missing. BENCH_FOLDER says where the fleets are made (default: the folder for temporary files).
"""

import argparse
import json
import os
import pathlib
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
PROGRAM = str(TARGET / "dist/dockwright")
BASELINE = str(TARGET / "dist/examples/read_and_compare")
SYNTHETIC = str(TARGET / "dist/examples/synthetic_fleet")
PYTHON = [sys.executable, str(ROOT / "scripts/baseline.py")]
JQ = ["bash", str(ROOT / "scripts/render_with_jq.sh")]
LARGE = 2000
SHARES_AT = 400  # on one thread, so that each stage is counted where it is called


def run(command: list[str], folder: str) -> tuple[float, float, float]:
    """Wall milliseconds, user and system milliseconds, peak MiB."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    if os.waitstatus_to_exitcode(status) != 0:
        raise SystemExit(f"{command} failed in {folder}")
    return 1000 * wall, 1000 * (usage.ru_utime + usage.ru_stime), usage.ru_maxrss / 1024


def write_durably(folder: pathlib.Path, target: pathlib.Path) -> float:
    contents = [(path.relative_to(folder), path.read_bytes()) for path in folder.rglob("*") if path.is_file()]
    started = time.perf_counter()
    for path, content in contents:
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        with open(target / path, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    return 1000 * (time.perf_counter() - started)


def generated_anew(folder: pathlib.Path, times: int) -> tuple[float, float]:
    """Milliseconds of `generate` from nothing, and of writing the same bytes durably in between."""
    generate, durable = [], []
    for _ in range(times):
        shutil.rmtree(folder / "generated", ignore_errors=True)
        os.sync()
        generate.append(run([PROGRAM, "generate"], str(folder))[0])
        if times > 1:
            with tempfile.TemporaryDirectory(dir=folder) as copy:
                os.sync()
                durable.append(write_durably(folder / "generated", pathlib.Path(copy)))
    return statistics.median(generate), statistics.median(durable) if durable else 0


def alternating(commands: dict[str, list[str]], folder: str, runs: int, rare: set[str]) -> dict[str, list[float]]:
    """The medians of each command's figures; rare ones run twice. The first round warms up."""
    samples: dict[str, list[tuple[float, float, float]]] = {what: [] for what in commands}
    for number in range(runs + 1):
        for what, command in commands.items():
            if what in rare and number not in (1, 2):
                continue
            sample = run(command, folder)
            if number > 0:
                samples[what].append(sample)
    return {what: [statistics.median(column) for column in zip(*values)] for what, values in samples.items()}


def measure(size: int, runs: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        folder = pathlib.Path(name)
        text = subprocess.check_output([SYNTHETIC, str(size)], text=True)
        (folder / "services.yaml").write_text(text)
        # The largest fleet is there for the line through the sizes alone.
        against_baselines = size <= 10_000
        generate, durable = generated_anew(folder, 3 if against_baselines else 1)
        commands = {"check": [PROGRAM, "check"]}
        rare = set()
        if against_baselines:
            subprocess.run([BASELINE, "pack", "generated", "expected.pack"], cwd=name, check=True)
            commands["baseline"] = [BASELINE, "check", "generated", "expected.pack"]
            # It compares with dockwright's own files: exit status 0 says that both render the same bytes.
            commands["python"] = [*PYTHON, "check", "services.yaml", "."]
            rare |= {"python"} if size > LARGE else set()
        if size <= 140 and shutil.which("jq"):
            (folder / "services.json").write_text(json.dumps(yaml.safe_load(text)))
            commands["jq"] = [*JQ, "services.json", "by-jq"]
            rare |= {"jq"}
        if against_baselines:
            commands["only"] = [PROGRAM, "check", "--only", "svc-00000"]
            (folder / "changed").write_text("apps/svc_00000/main.py\n")
            commands["plan"] = ["sh", "-c", f"{PROGRAM} plan --changed-files - < changed"]
        middle = alternating(commands, name, runs if size <= LARGE else max(3, runs // 2), rare)
        files = sum(1 for path in (folder / "generated").rglob("*") if path.is_file())
    check = middle["check"]
    ratio = lambda what: middle[what][0] / check[0] if what in middle else None
    return {
        "services": size, "files": files, "check_ms": check[0], "check_cpu_ms": check[1], "peak_mib": check[2],
        "us_a_service": 1000 * check[1] / size, "to_baseline": 1 / ratio("baseline") if ratio("baseline") else None,
        "python_to_check": ratio("python"), "jq_to_check": ratio("jq"), "only_ms": middle["only"][0] if "only" in middle else None,
        "plan_to_check": ratio("plan"), "generate_ms": generate, "to_durable": generate / durable if durable else None,
    }


def cold_start() -> tuple[float, float]:
    """Milliseconds of `--version`, and of the smallest process there is."""
    middle = alternating({"version": [PROGRAM, "--version"], "true": ["/bin/true"]}, ".", 41, set())
    return middle["version"][0], middle["true"][0]


STAGES = {
    "YAML tree (text to nodes)": r"dockwright::yaml::source::read$",
    "typed load (serde)": None,
    "resolve": r"dockwright::fleet::resolve::resolve$",
    "rules": r"dockwright::fleet::rules::judge$",
    "places of hints": r"dockwright::yaml::places::.*::range$",
    "templates and what they print": r"dockwright::render::Renderer(>)?::body$",
    "seals (SHA-256)": r"dockwright::render::seal::seal$",
    "reading files": r"Workspace(>)?::read_capped$|Workspace(>)?::read_declared$",
    "stray files": r"dockwright::cli::comparison::strays$",
}


def shares() -> tuple[int, list[tuple[str, float]]] | None:
    """Instructions of `check`, and the share of each stage, by callgrind on a build with symbols; none without valgrind."""
    if shutil.which("valgrind") is None:
        return None
    build = dict(os.environ, CARGO_PROFILE_DIST_STRIP="none", CARGO_PROFILE_DIST_DEBUG="1", CARGO_PROFILE_DIST_LTO="off",
                 CARGO_PROFILE_DIST_CODEGEN_UNITS="16", CARGO_TARGET_DIR=str(TARGET / "symbols"))
    subprocess.run(["cargo", "build", "--quiet", "--profile", "dist", "--bin", "dockwright"], cwd=ROOT, env=build, check=True)
    program = str(TARGET / "symbols/dist/dockwright")
    with tempfile.TemporaryDirectory(dir=os.environ.get("BENCH_FOLDER")) as name:
        pathlib.Path(name, "services.yaml").write_text(subprocess.check_output([SYNTHETIC, str(SHARES_AT)], text=True))
        subprocess.run([program, "generate"], cwd=name, check=True, stdout=subprocess.DEVNULL)
        out = str(pathlib.Path(name, "callgrind.out"))
        subprocess.run(["valgrind", "--quiet", "--tool=callgrind", f"--callgrind-out-file={out}", program, "check"], cwd=name, check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        text = subprocess.check_output(["callgrind_annotate", "--inclusive=yes", "--threshold=100", out], text=True, stderr=subprocess.DEVNULL)
    costs: dict[str, int] = {}
    for match in re.finditer(r"^\s*([\d,]+) \([ \d.]+%\)  \S+?:(dockwright::[^\[\n]*?|<dockwright::[^\[\n]*?)(?:'\d+)?(?: \[.*)?$", text, re.MULTILINE):
        function, cost = match.group(2).strip(), int(match.group(1).replace(",", ""))
        costs[function] = max(cost, costs.get(function, 0))
    total = int(re.search(r"([\d,]+) \(100.0%\)  PROGRAM TOTALS", text).group(1).replace(",", ""))

    def cost(pattern: str) -> int:
        return max((cost for function, cost in costs.items() if re.search(pattern, function.removeprefix("<"))), default=0)

    parts = {stage: cost(pattern) for stage, pattern in STAGES.items() if pattern}
    parts["typed load (serde)"] = max(0, cost(r"dockwright::declare::parse::parse$") - parts["YAML tree (text to nodes)"])
    return total, [(stage, parts[stage] / total) for stage in STAGES]


def machine(folder: str) -> str:
    info = pathlib.Path("/proc/cpuinfo").read_text()
    model = re.search(r"^model name\s*:\s*(.+)$", info, re.MULTILINE)
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    kind = subprocess.run(["df", "--output=fstype", folder], capture_output=True, text=True).stdout.split()[-1]
    processor = model.group(1) if model else platform.processor()
    return f"{os.cpu_count()} cores of {processor}, {memory:.0f} GiB of memory, the fleets on {kind}, Linux {platform.release().split('-')[0]}"


def table(head: list[str], rows: list[list[str]], words: bool = False) -> str:
    """A table of numbers, or one whose cells are words."""
    lines = ["| " + " | ".join(head) + " |", "| " + " | ".join("---" if words else "---:" for _ in head) + " |"]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def number(value: float | None, digits: int = 1) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.{digits}f}"


def figures(rows: list[dict[str, float]]) -> str:
    head = ["services", "files", "check, ms", "÷ reading and comparing", "Python ÷ check", "awk and jq ÷ check", "check --only, ms", "plan ÷ check",
            "generate, ms", "÷ writing durably"]
    keys = ["check_ms", "to_baseline", "python_to_check", "jq_to_check", "only_ms", "plan_to_check", "generate_ms", "to_durable"]
    return table(head, [[f"{row['services']:,}", f"{row['files']:,}", *(number(row[key]) for key in keys)] for row in rows])


def line(rows: list[dict[str, float]]) -> str:
    first = next((row for row in rows if row["services"] == 140), rows[0])
    head = ["services", "CPU of check, ms", "µs a service", "against 140", "peak, MiB"]
    cells = [[f"{row['services']:,}", number(row["check_cpu_ms"]), number(row["us_a_service"]),
              f"{row['us_a_service'] / first['us_a_service']:.2f}", number(row["peak_mib"])] for row in rows]
    return table(head, cells)


def judged(rows: list[dict[str, float]], start: float, size_mb: float, parts: dict[str, float]) -> list[tuple[str, str, bool]]:
    """What must hold, what was measured, and whether it holds."""
    by_size = {row["services"]: row for row in rows}
    found = []

    def hold(what: str, value: float | None, limit: float, at_least: bool = False, unit: str = "") -> None:
        if value is not None:
            found.append((what, f"{value:.2f}{unit}", value >= limit if at_least else value <= limit))

    if small := by_size.get(14):
        hold("check of 14 services: at most 10 ms", small["check_ms"], 10, unit=" ms")
        hold("Python ÷ check at 14: at least 15", small["python_to_check"], 15, True)
    if large := by_size.get(10_000):
        hold("check of 10,000 services: at most 1 s", large["check_ms"] / 1000, 1, unit=" s")
        hold("÷ reading and comparing at 10,000: at most 2.5", large["to_baseline"], 2.5)
        hold("Python ÷ check at 10,000: at least 20", large["python_to_check"], 20, True)
        hold("plan of one changed file ÷ check at 10,000: at most 1.3", large["plan_to_check"], 1.3)
        hold("generate ÷ writing durably at 10,000: at most 3", large["to_durable"], 3)
        hold("peak memory at 10,000: at most 150 MiB", large["peak_mib"], 150, unit=" MiB")
    inner = [row["us_a_service"] for row in rows if row["services"] >= 140]
    if len(inner) > 1:
        hold("CPU a service from 140 on: highest ÷ lowest at most 1.2", max(inner) / min(inner), 1.2)
    hold("--version: at most 3 ms", start, 3, unit=" ms")
    hold("binary, stripped: at most 6 MB", size_mb, 6, unit=" MB")
    return found


def floor(rows: list[dict[str, float]]) -> str:
    """How far Python is from reading alone at 10,000 services: what no check can be ahead of it."""
    large = next((row for row in rows if row["services"] == 10_000), None)
    if large is None:
        return ""
    ahead = large["python_to_check"] * large["to_baseline"]
    return (f"\nReading and comparing 30,000 files alone is {ahead:.0f} times as fast as Python at 10,000 services, most of it the kernel's work. A check 20 times as fast\n"
            f"would have {ahead / 20:.1f} times that time for everything.\n")


def page(rows: list[dict[str, float]], runs: int, start: tuple[float, float], where: str) -> tuple[str, bool]:
    size_mb = os.stat(PROGRAM).st_size / 1e6
    counted = shares()
    parts = dict(counted[1]) if counted else {}
    verdicts = judged(rows, start[0], size_mb, parts)
    kept = table(["must hold", "measured", ""], [[what, value, "holds" if holds else "**does not hold**"] for what, value, holds in verdicts], words=True)
    spent = "valgrind was not installed, so the shares were not counted."
    if counted:
        rest = max(0.0, 1 - sum(parts.values()))
        rows_of_shares = [[stage, f"{100 * share:.0f} %"] for stage, share in [*parts.items(), ("all else", rest)]]
        spent = SPENT.format(total=f"{counted[0] / 1e6:,.0f}", size=f"{SHARES_AT:,}", table=table(["stage", "instructions"], rows_of_shares, words=True))
    text = PAGE.format(machine=machine(where), runs=runs, figures=figures(rows), line=line(rows), kept=kept, spent=spent, floor=floor(rows),
                       size=f"{size_mb:.1f}", version=f"{start[0]:.1f}", true=f"{start[1]:.1f}")
    return text, all(holds for _, _, holds in verdicts)


PAGE = """# Performance

Written by `just bench-scale`. Whole processes of the `dist` profile on {machine}. Medians of {runs} runs (large fleets: half as many; Python at 10,000: 2);
every ratio comes from commands that alternate in the same run, so it holds on a slower machine too. The fleets are those of
`benches/fleet.rs`.

## Figures

{figures}

- *reading and comparing* is `examples/read_and_compare.rs`: the same files, compared with bytes that are in memory already. It renders nothing and
  looks for no stray files, so it is the limit of `check`.
- *Python* is `scripts/baseline.py`: PyYAML's C loader and Jinja2 with the same templates. It renders every file byte by byte alike and
  compares it with what is there; no validation, no rules, no orphans, no diff.
- *awk and jq* is `scripts/render_with_jq.sh`, docker-library's way: two processes for each Dockerfile; it only writes.
- *check --only* is a check of one image: the declaration is read as a whole, one image is rendered and compared.
- *plan* is the plan of one changed source file.
- *writing durably* is a plain loop that writes and syncs the same files. `generate` also checks what it replaces, renames and syncs folders.

## What must hold

{kept}
{floor}
## The line

{line}

Small fleets run on one thread, larger ones on all cores; the CPU time is that of all threads.

## Where the time goes

{spent}

## The start

The binary of the `dist` profile has {size} MB, stripped. `--version` takes {version} ms where `/bin/true` takes {true} ms. `just bench-profiles`
compares it with other profiles and writes docs/release-profile.md.

## How `generate` writes

A file is durable before it gets its name, and its name before the command ends; no file is ever half of anything. That takes a sync for each file and
each folder. The contents of a batch are first all sent on their way to the disk, then synced one by one: the first sync commits the file
system's journal for all of them, so that the others find little left to wait for. A single `syncfs` for the batch would wait for everything that any
process has written to that file system, which on a build machine can be gigabytes.
"""

SPENT = """Instructions of `check` at {size} services, counted by callgrind ({total} million in all). valgrind does not know the processor's SHA instructions,
which make the seals several times cheaper than they look here. Reading counts no time in the kernel.

{table}

What has to be: the text of the declaration is scanned once, a template engine prints what
templates say, every file's seal is a digest over its bytes, each file takes the four system calls to open, look at, read and close it, and each
folder four more, since only its listing tells that nothing else is there. The limit reads and compares alone, on one core; two and a half times
that, on two cores, is what everything together may take."""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="14,140,1400,10000,14000")
    parser.add_argument("--runs", type=int, default=11)
    parser.add_argument("--out", default=str(ROOT / "docs/performance.md"))
    arguments = parser.parse_args()
    where = os.environ.get("BENCH_FOLDER", tempfile.gettempdir())
    rows = [measure(int(size), arguments.runs) for size in arguments.sizes.split(",")]
    text, holds = page(rows, arguments.runs, cold_start(), where)
    pathlib.Path(arguments.out).write_text(text)
    print(text)
    return 0 if holds else 1


if __name__ == "__main__":
    sys.exit(main())
