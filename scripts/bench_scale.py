#!/usr/bin/env python3
"""Whole-process figures of dockwright from 14 to 14,000 services, as ratios to baselines in the same run; writes docs/performance.md.

Baselines: (a) a small Rust program that reads the same files and compares them with bytes in memory, (b) a Python script with PyYAML (C
loader) and Jinja2 that renders the same files, (c) docker-library's way, one awk and one jq for each Dockerfile. Commands alternate within a run; medians count. Exit status 1 where something does not hold that must.

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


def run(command: list[str], folder: str, expected: set[int] = frozenset({0})) -> tuple[float, float, float]:
    """Wall milliseconds, user and system milliseconds, peak MiB."""
    started = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    if os.waitstatus_to_exitcode(status) not in expected:
        raise SystemExit(f"{command} failed in {folder}")
    return 1000 * wall, 1000 * (usage.ru_utime + usage.ru_stime), usage.ru_maxrss / 1024


def write_in_turns(folder: pathlib.Path, times: int) -> dict[str, float]:
    """Medians of writing every file: from nothing, and after a change of services.yaml that reaches every Dockerfile, by `generate` and by Python."""
    commands = {"": [PROGRAM, "generate"], "python_": [*PYTHON, "generate", "services.yaml", "."]}
    samples: dict[str, list[tuple[float, float, float]]] = {}
    declaration = folder / "services.yaml"
    plain = declaration.read_text()
    for _ in range(times):
        for what, command in commands.items():
            shutil.rmtree(folder / "generated", ignore_errors=True)
            samples.setdefault(f"{what}anew", []).append(run(command, str(folder)))
            declaration.write_text(plain.replace("owner: ", "owner: x", 1))
            samples.setdefault(f"{what}changed", []).append(run(command, str(folder)))
            declaration.write_text(plain)
    shutil.rmtree(folder / "generated")
    subprocess.run([PROGRAM, "generate"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return {what: statistics.median(sample[0] for sample in taken) for what, taken in samples.items()}


def same_but_for_headers(ours: pathlib.Path, theirs: pathlib.Path) -> None:
    """Ends the run where the script renders anything else below the header."""
    for path in theirs.rglob("generated/**/*"):
        if path.is_file():
            _, _, body = path.read_text().partition("\n")
            if not (ours / path.relative_to(theirs)).read_text().endswith(body):
                raise SystemExit(f"{path}: the script renders something else")


def drifted(folder: pathlib.Path, runs: int) -> tuple[float, int]:
    """The CPU of a check where one line of the template changed in every Dockerfile against that of a clean one, and the lines that it prints."""
    clean = statistics.median(run([PROGRAM, "check"], str(folder))[1] for _ in range(runs))
    for path in (folder / "generated").glob("*/Dockerfile"):
        path.write_text(re.sub(r"^USER .*$", "USER 1", path.read_text(), flags=re.MULTILINE))
    after = statistics.median(run([PROGRAM, "check"], str(folder), {0, 1})[1] for _ in range(runs))
    printed = subprocess.run([PROGRAM, "check"], cwd=folder, capture_output=True, text=True).stdout
    return after / clean, printed.count("\n")


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
        if against_baselines:
            written = write_in_turns(folder, 5 if size <= LARGE else 3)
        else:
            written = {"anew": run([PROGRAM, "generate"], name)[0]}
        commands = {"check": [PROGRAM, "check"]}
        rare = set()
        if against_baselines:
            subprocess.run([BASELINE, "pack", "generated", "expected.pack"], cwd=name, check=True)
            commands["baseline"] = [BASELINE, "check", "generated", "expected.pack"]
            subprocess.run([*PYTHON, "generate", "services.yaml", "by-script"], cwd=name, check=True)
            same_but_for_headers(folder, folder / "by-script")
            commands["python"] = [*PYTHON, "check", "services.yaml", "by-script"]
            rare |= {"python"} if size > LARGE else set()
        if size <= 140 and shutil.which("jq"):
            (folder / "services.json").write_text(json.dumps(yaml.safe_load(text)))
            commands["jq"] = [*JQ, "services.json", "by-jq"]
            rare |= {"jq"}
        if against_baselines:
            commands["only"] = [PROGRAM, "check", "--only", "svc-00000"]
            (folder / "changed").write_text("apps/svc_00000/main.py\n")
            commands["plan"] = ["sh", "-c", f"{PROGRAM} plan --changed-files - < changed"]
            commands["plan_all"] = [PROGRAM, "plan", "--all"]
            commands["generate"] = [PROGRAM, "generate"]
            commands["bump"] = [PROGRAM, "bump", "base-runtime", "--patch", "--dry-run"]
            commands["list"], commands["why"] = [PROGRAM, "list"], [PROGRAM, "why", "fastapi"]
        middle = alternating(commands, name, runs if size <= LARGE else max(3, runs // 2), rare)
        drift = drifted(folder, 3) if size == 10_000 else (None, None)
        files = sum(1 for path in (folder / "generated").rglob("*") if path.is_file())
    check = middle["check"]
    ratio = lambda what, of="check": middle[what][0] / middle[of][0] if what in middle else None
    return {
        "services": size, "files": files, "check_ms": check[0], "check_cpu_ms": check[1], "peak_mib": check[2],
        "us_a_service": 1000 * check[1] / size, "to_baseline": 1 / ratio("baseline") if ratio("baseline") else None,
        "python_to_check": ratio("python"), "jq_to_check": ratio("jq"), "only_ms": middle["only"][0] if "only" in middle else None,
        "plan_to_all": ratio("plan", "plan_all"), "generate_ms": written["anew"],
        "python_to_check_cpu": middle["python"][1] / check[1] if "python" in middle else None,
        "python_to_anew": written["python_anew"] / written["anew"] if "python_anew" in written else None,
        "python_to_changed": written["python_changed"] / written["changed"] if "python_changed" in written else None,
        "unchanged_to_check": ratio("generate"), "bump_to_check": ratio("bump"), "why_to_list": ratio("why", "list"),
        "drifted_cpu": drift[0], "drifted_lines": drift[1],
        "peak_of_any_mib": max(values[2] for what, values in middle.items() if what not in ("python", "baseline", "jq")),
    }


def cold_start() -> tuple[float, float]:
    """Milliseconds of `--version`, and of the smallest process there is."""
    middle = alternating({"version": [PROGRAM, "--version"], "true": ["/bin/true"]}, ".", 41, set())
    return middle["version"][0], middle["true"][0]


STAGES = {
    "YAML tree (text to nodes)": r"dockwright::yaml::source::read$",
    "typed load (serde)": None,
    "resolve": r"dockwright::fleet::resolve::resolve$",
    "rules": r"dockwright::rules::judge$",
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
    head = ["services", "files", "check, ms", "÷ reading and comparing", "Python ÷ check", "CPU of both", "awk and jq ÷ check", "check --only, ms"]
    keys = ["check_ms", "to_baseline", "python_to_check", "python_to_check_cpu", "jq_to_check", "only_ms"]
    return table(head, [[f"{row['services']:,}", f"{row['files']:,}", *(number(row[key]) for key in keys)] for row in rows])


def writing(rows: list[dict[str, float]]) -> str:
    head = ["services", "generate from nothing, ms", "Python ÷ generate", "after a change of every Dockerfile", "generate of nothing ÷ check", "bump ÷ check",
            "why ÷ list", "plan of one file ÷ plan --all"]
    keys = ["generate_ms", "python_to_anew", "python_to_changed", "unchanged_to_check", "bump_to_check", "why_to_list", "plan_to_all"]
    return table(head, [[f"{row['services']:,}", *(number(row[key], 2) for key in keys)] for row in rows])


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
        hold("Python ÷ check at 14: at least 20", small["python_to_check"], 20, True)
    for size in (140, 1_400, 10_000):
        if row := by_size.get(size):
            hold(f"Python ÷ generate from nothing at {size:,}: at least 2", row["python_to_anew"], 2, True)
            hold(f"Python ÷ generate after a change of every Dockerfile at {size:,}: at least 3", row["python_to_changed"], 3, True)
    if large := by_size.get(10_000):
        hold("check of 10,000 services: at most 1 s", large["check_ms"] / 1000, 1, unit=" s")
        hold("÷ reading and comparing at 10,000: at most 2.5", large["to_baseline"], 2.5)
        hold("Python ÷ check at 10,000: at least 9", large["python_to_check"], 9, True)
        hold("CPU of Python ÷ check at 10,000: at least 5", large["python_to_check_cpu"], 5, True)
        hold("generate of nothing ÷ check at 10,000: at most 1.1", large["unchanged_to_check"], 1.1)
        hold("bump of a base ÷ check at 10,000: at most 2", large["bump_to_check"], 2)
        hold("why ÷ list at 10,000: at most 1.3", large["why_to_list"], 1.3)
        hold("plan of one changed file ÷ plan --all at 10,000: at most 1.1", large["plan_to_all"], 1.1)
        hold("CPU of a check of 10,000 changed Dockerfiles ÷ of none: at most 1.2", large["drifted_cpu"], 1.2)
        hold("lines that it prints: at most 80", large["drifted_lines"], 80)
        hold("peak memory of any command at 10,000: at most 150 MiB", large["peak_of_any_mib"], 150, unit=" MiB")
    inner = [row["us_a_service"] for row in rows if row["services"] >= 140]
    if len(inner) > 1:
        hold("CPU a service from 140 on: highest ÷ lowest at most 1.2", max(inner) / min(inner), 1.2)
    hold("--version: at most 3 ms", start, 3, unit=" ms")
    hold("binary, stripped: at most 6 MB", size_mb, 6, unit=" MB")
    return found


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
    text = PAGE.format(machine=machine(where), runs=runs, figures=figures(rows), line=line(rows), kept=kept, spent=spent, writing=writing(rows),
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
- *Python* is `scripts/baseline.py`: PyYAML's C loader and Jinja2 with the same templates. It renders the three files of each
  image alike but for the seal and compares them with what is there; no validation, no rules, no orphans, no diff.
- *awk and jq* is `scripts/render_with_jq.sh`, docker-library's way: two processes for each Dockerfile; it only writes.
- *check --only* is a check of one image: the declaration is read as a whole, one image is rendered and compared.

{writing}

- *from nothing* writes every file; *after a change of every Dockerfile* the owner of the images is another. The script opens each file and writes it;
  `generate` reads what is there first, and renames a finished file into its place.
- *generate of nothing* finds that every file is right. *bump* is that of the base of all services, as a dry run. *plan of one file* is the plan of one
  changed source file.

## What must hold

{kept}

## The line

{line}

Small fleets run on one thread, larger ones on all cores; the CPU time is that of all threads.

## Where the time goes

{spent}

## The start

The binary of the `dist` profile has {size} MB, stripped. `--version` takes {version} ms where `/bin/true` takes {true} ms. `just bench-profiles`
compares it with other profiles and writes docs/release-profile.md.

## How `generate` writes

Each file is written beside its place and renamed, so that none is ever half of anything. Generated files are left to the system to write back, as git
and formatters leave theirs: they can be made again, and git is where they last. What cannot be made again (services.yaml, included files, locks, the
sources of `new`, `init` and `eject`) is synced before it gets its name; `generate --durable` syncs everything. `tests/suite/durability.rs` counts
the syncs by strace.
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
