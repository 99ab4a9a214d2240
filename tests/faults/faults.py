#!/usr/bin/env python3
"""Faults at every system call that matters, one at a time, while `dockwright generate`, `bump` or `new` runs.

For each system call of a run without faults, and for each of its occurrences, the run is repeated with the process killed there or with the call
failing (ENOSPC, EIO, EACCES, EROFS, EMFILE). After each: every file is wholly old or wholly new, none is lost, exit status 0 means that
everything is as it should be, and a second run without faults converges. services.yaml is judged like the generated files; what a fault in `bump`
or `new` left is finished by `generate`. Sources that a killed `new` left without a declaration are whole, and it says so when it is run again. A
small tmpfs that runs full follows.

usage: faults.py [--points N | --all] [--program PATH]        (default: 480 points spread over all, as CI runs it)
needs: strace; root for the tmpfs (skipped without)
"""

import argparse
import collections
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
CALLS = ["openat2", "openat", "fstat", "newfstatat", "statx", "read", "write", "fsync", "fchmod", "flock", "renameat", "renameat2", "unlinkat",
         "mkdirat", "getdents64", "close", "readlinkat"]
FAULTS = ["signal=KILL", "error=ENOSPC", "error=EIO", "error=EACCES", "error=EROFS", "error=EMFILE"]
DECLARATION = """registry: registry.example
owner: acme
python: "3.12"
requirements: {{ base: [fastapi, uvicorn] }}
bases: {{ base-runtime: {{ version: v1.0.0, requirements: [base] }} }}
kinds: {{ web: {{ template: runtime-on-base, base: base-runtime }} }}
services:
{services}"""
OLD = "".join(f"  svc-{name}: {{ kind: web, port: 8000, pip: [httpx] }}\n" for name in ("a", "b", "gone"))
NEW = "".join(f"  svc-{name}: {{ kind: web, port: 8001, pip: [httpx] }}\n" for name in ("a", "b", "fresh"))


def tree(folder: pathlib.Path) -> dict[str, bytes]:
    """The declaration and the generated files; what a killed run left beside them is not one."""
    found = (path for path in folder.rglob("*") if path.is_file() and ".dockwright-" not in path.name)
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


class Scenario:
    """A fleet before and after a command, and the command."""

    def __init__(self, program: str, folder: pathlib.Path, old: str, new: str, command: list[str]) -> None:
        self.program, self.folder, self.command = program, folder, command
        self.kept = folder.with_name(folder.name + "-kept")
        folder.mkdir()
        self.declare(old)
        self.generate()
        self.old = tree(folder)
        self.declare(new)
        shutil.copytree(folder, self.kept)
        subprocess.run([program, *command], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        self.new = tree(folder)
        self.old["services.yaml"] = (self.kept / "services.yaml").read_bytes()
        self.sources = {path for path in self.new if path.startswith("apps/")}

    def declare(self, services: str) -> None:
        (self.folder / "services.yaml").write_text(DECLARATION.format(services=services))

    def generate(self) -> int:
        return subprocess.run([self.program, "generate"], cwd=self.folder, stdout=subprocess.DEVNULL).returncode

    def reset(self) -> None:
        shutil.rmtree(self.folder)
        shutil.copytree(self.kept, self.folder)

    def run(self, *strace: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(["strace", "-qq", "-f", *strace, self.program, *self.command], cwd=self.folder, capture_output=True, text=True)

    def occurrences(self) -> collections.Counter[str]:
        self.reset()
        trace = self.folder.with_name("trace")
        self.run("-o", str(trace))
        calls = (match.group(1) for line in trace.read_text().splitlines() if (match := re.match(r"\d+\s+(\w+)\(", line)))
        return collections.Counter(call for call in calls if call in CALLS)

    def judge(self, status: int) -> list[str]:
        """What is wrong after a run that a fault hit, and after one without faults."""
        wrong = []
        now = tree(self.folder)
        for path, content in now.items():
            if content not in (self.old.get(path), self.new.get(path)):
                wrong.append(f"torn: {path}")
        for path in self.old.keys() & self.new.keys():
            if path not in now:
                wrong.append(f"lost: {path}")
        if status == 0 and now != self.new:
            wrong.append("exit status 0, but not as declared")
        is_new = now.get("services.yaml") == self.new["services.yaml"]
        left = {path: content for path, content in now.items() if path in self.sources and not is_new}
        settled = self.new if is_new else self.old | left
        if self.generate() != 0 or tree(self.folder) != settled:
            wrong.append("a second run does not converge")
        return wrong


def inject(scenario: Scenario, limit: int | None) -> tuple[int, list[str]]:
    counts = scenario.occurrences()
    points = [(call, number, fault) for call in CALLS for number in range(1, counts[call] + 1) for fault in FAULTS]
    if limit is not None and len(points) > limit:
        points = [points[at * len(points) // limit] for at in range(limit)]
    wrong = []
    for call, number, fault in points:
        scenario.reset()
        result = scenario.run("-o", "/dev/null", "-e", f"inject={call}:{fault}:when={number}")
        wrong += [f"{call} {number} {fault}: {what}" for what in scenario.judge(result.returncode)]
    return len(points), wrong


def full_disk(program: str, folder: pathlib.Path) -> tuple[int, list[str]]:
    """Generates on a tmpfs of a few sizes, from one that holds nothing to one that holds almost all."""
    wrong, tried = [], 0
    for kib in range(16, 96, 8):
        mount = folder / f"disk-{kib}"
        mount.mkdir()
        if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kib}k", "tmpfs", str(mount)], capture_output=True).returncode != 0:
            print("skipped: the full disk, mounting a tmpfs needs root")
            return tried, wrong
        try:
            tried += 1
            (mount / "services.yaml").write_text(DECLARATION.format(services=NEW))
            result = subprocess.run([program, "generate"], cwd=mount, capture_output=True, text=True)
            for path, content in tree(mount).items():
                if path != "services.yaml" and (not content.endswith(b"\n") or b"dockwright-seal" not in content):
                    wrong.append(f"full disk of {kib} KiB: torn {path}")
            check = subprocess.run([program, "check"], cwd=mount, capture_output=True)
            if (result.returncode == 0) != (check.returncode == 0):
                wrong.append(f"full disk of {kib} KiB: generate says {result.returncode}, check {check.returncode}")
        finally:
            subprocess.run(["umount", str(mount)], check=True)
    return tried, wrong


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--points", type=int, default=480)
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--program", default=str(ROOT / "target/release/dockwright"))
    arguments = parser.parse_args()
    if shutil.which("strace") is None:
        print("skipped: strace is not installed (apt-get install strace)")
        return 1 if os.environ.get("CI") else 0
    program = str(pathlib.Path(arguments.program).resolve())
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as name:
        scenarios = [
            Scenario(program, pathlib.Path(name, "generate"), OLD, NEW, ["generate"]),
            Scenario(program, pathlib.Path(name, "bump"), OLD, OLD, ["bump", "base-runtime", "--patch"]),
            Scenario(program, pathlib.Path(name, "new"), OLD, OLD, ["new", "svc-new", "--kind", "web", "--port", "8003"]),
        ]
        points, wrong = 0, []
        for scenario in scenarios:
            tried, found = inject(scenario, None if arguments.all else arguments.points // len(scenarios))
            points, wrong = points + tried, wrong + [f"{scenario.command[0]}: {what}" for what in found]
        disks, more = full_disk(program, pathlib.Path(name))
    wrong += more
    for line in wrong[:40]:
        print(line)
    print(f"{points} faults and {disks} full disks: {len(wrong)} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
