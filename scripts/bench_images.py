#!/usr/bin/env python3
"""Builds, pushes and starts the fleet by the seed templates and by dockwright's, and writes docs/images.md, images.svg, images.json and seed-numbers.md.

usage: scripts/bench_images.py [--program PATH] [--services a,b,…] [--keep]

Runs as root (a private Docker Engine and registry, see tests/images); needs about 30 GB below target/bench-images while it runs. With --services only
those are built (svc-kg and svc-rag-retriever always) and nothing is written: for work on the templates. Ends with the table and the ratios that
must hold, and with status 1 where one does not.
"""

import argparse
import contextlib
import hashlib
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

import images_report
import seed_numbers
from bench_fleets import BUMP, BUMPED, DEPENDENCY, ML, NON_ML, PINS, ROOT, Frozen, Ours, Seed

import engine as engines  # from tests/images, which bench_fleets puts on the path
import stand_in

LAB = ROOT / "target/bench-images"
STARTED = ["svc-kg", "svc-extract", "svc-rag-retriever"]
STARTS = 7
PORT = 8000
# The first 200 of the health path, asked without a pause longer than 10 ms.
PROBE = """
import sys, time, urllib.request
ask = urllib.request.build_opener(urllib.request.ProxyHandler({})).open
for _ in range(9000):
    try:
        if ask(sys.argv[1], timeout=4).status == 200:
            sys.exit(0)
    except OSError:
        time.sleep(0.01)
sys.exit(1)
"""
# venv writes the interpreter's version into pyvenv.cfg; a patch release changes nothing else of an installed package.
PATCH_RELEASE = r"""sed -i "s/'version = %d.%d.%d\\\\n' % sys.version_info\[:3\]/'version = 3.99.9\\\\n'/" /usr/lib/python3*/venv/__init__.py && grep -q 3.99.9 /usr/lib/python3*/venv/__init__.py"""


def say(text: str) -> None:
    """A line for who is waiting."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


class Variant:
    """One fleet with an engine and a registry of its own."""

    def __init__(self, name: str, fleet: Frozen, only: set[str]) -> None:
        self.name, self.fleet, self.only = name, fleet, only
        self.registry = engines.Registry(LAB / name / "registry")
        self.python, self.tarball = stand_in.make()
        self.result: dict = {}

    def images(self, names=None) -> list[str]:
        """Bases first; without the services that this run leaves out."""
        return [name for name in names or self.fleet.images if not self.only or name in self.only or name.startswith("base-")]

    def engine(self, folder: str) -> engines.Engine:
        """An engine on `folder`; a new folder is a machine that has never built anything."""
        return engines.Engine(LAB / self.name / folder)

    def remote(self, image: str) -> str:
        """The image's name in the registry."""
        return f"{self.registry.address}/harkon/{self.fleet.tag(image).rpartition('/')[2]}"

    def build(self, engine: engines.Engine, names=None) -> float:
        """Builds one after another; seconds."""
        return sum(engine.build(self.fleet.folder, self.fleet.dockerfile(name), self.fleet.tag(name)) for name in self.images(names))

    def push(self, engine: engines.Engine, names=None) -> tuple[float, int]:
        """Pushes; seconds, and bytes of the blobs that the registry did not have."""
        before = self.registry.blobs()
        seconds = sum(engine.push(self.fleet.tag(name), self.remote(name), timeout=1800) for name in self.images(names))
        return seconds, sum(size for digest, size in self.registry.blobs().items() if digest not in before)

    def push_python(self, engine: engines.Engine) -> None:
        """The external image below is not counted: a mirror has it."""
        engine.push(self.python, f"{self.registry.address}/{self.python}")

    def step(self, engine: engines.Engine, key: str, names=None) -> None:
        """Builds and pushes what a change asks for."""
        seconds = self.build(engine, names)
        pushed, size = self.push(engine, names)
        self.result[key] = {"seconds": seconds, "push_seconds": pushed, "bytes": size}
        say(f"{self.name:5} {key:14} build {seconds:7.1f} s   push {pushed:6.1f} s {size / 1e6:10.3f} MB")

    def first(self, work: "Work") -> None:
        """From nothing: builds, sizes, first push."""
        self.fleet = work.fresh(self.name)
        with self.registry, self.engine("first") as engine:
            engine.load(self.python, self.tarball, stand_in.CHANGES)
            self.push_python(engine)
            cold = self.build(engine)
            pushed, size = self.push(engine)
            sizes = {name: engine.size(self.fleet.tag(name)) for name in self.images()}
            self.digests = {name: engine.layers(self.fleet.tag(name)) for name in self.images()}
            self.result |= {"sizes": sizes, "sum": sum(size for name, size in sizes.items() if not name.startswith("base-")), "unique": unique(engine, self.digests),
                            "python": engine.size(self.python), "first_push": {"seconds": pushed, "bytes": size}, "colds": [cold]}
            say(f"{self.name:5} {'from nothing':14} build {cold:7.1f} s   push {pushed:6.1f} s {size / 1e6:10.3f} MB   unique {self.result['unique'] / 1e6:.0f} MB")

    def changes(self, work: "Work") -> None:
        """(i) to (v'), each on the fleet as it was, on the builder of the first build."""
        with self.registry, self.engine("first") as engine:
            for key, change in (("app", lambda: self.fleet.change_app()), ("libs", lambda: self.fleet.change_libs()),
                                ("dependency", lambda: self.fleet.add_dependency(NON_ML)), ("dependency_ml", lambda: self.fleet.add_dependency(ML))):
                self.fleet = work.fresh(self.name)
                self.step(engine, key, change())
            self.fleet = work.fresh(self.name)
            base, *services = self.fleet.bump_base_ml()
            self.step(engine, "base_ml", [base])
            self.step(engine, "services", services)
            both = (self.result["base_ml"], self.result.pop("services"))
            self.result["base_ml"] = {"seconds": sum(part["seconds"] for part in both), "bytes": sum(part["bytes"] for part in both), "services": both[1]["bytes"]}
            engine.docker("tag", self.python, "python:before")
            self.other_python(engine, "os", "echo one more layer >/etc/one-more-layer", work)
            if self.name != "seed":
                self.other_python(engine, "interpreter", PATCH_RELEASE, work)

    def other_python(self, engine: engines.Engine, key: str, command: str, work: "Work") -> None:
        """Everything again on the external image with one more layer."""
        context = LAB / self.name / key
        context.mkdir()
        (context / "Dockerfile").write_text(f"FROM python:before\nRUN {command}\n")
        engine.build(context, context / "Dockerfile", self.python)
        self.push_python(engine)
        self.fleet = work.fresh(self.name)
        self.step(engine, key)

    def again(self, work: "Work") -> None:
        """(vi): a builder that has never built anything, nothing changed."""
        self.fleet = work.fresh(self.name)
        with self.registry, self.engine("again") as engine:
            engine.load(self.python, self.tarball, stand_in.CHANGES)
            self.step(engine, "again")
            digests = {name: engine.layers(self.fleet.tag(name)) for name in self.images()}
        self.result["again"] |= {"images": len(digests), "different": [name for name in digests if digests[name] != self.digests[name]]}
        self.result["colds"].append(self.result["again"]["seconds"])
        self.result["cold"] = {"seconds": statistics.mean(self.result["colds"])}
        say(f"{self.name:5} images whose layers differ from the first build's: {', '.join(self.result['again']['different']) or 'none'}")


def unique(engine: engines.Engine, images: dict[str, list[str]]) -> int:
    """Bytes on disk with every layer once. overlay2 shares what has the same layers below it too, so layers are told apart by chain ID (OCI image
    specification, layer chain ID); Docker keeps their uncompressed sizes beside them."""
    sizes = {}
    for layers in images.values():
        chain = ""
        for layer in layers:
            chain = "sha256:" + hashlib.sha256(f"{chain} {layer}".encode()).hexdigest() if chain else layer
            record = engine.folder / "data/image/overlay2/layerdb/sha256" / chain.removeprefix("sha256:") / "size"
            sizes[chain] = int(record.read_text())
    return sum(sizes.values())


class Work:
    """Pristine fleets, copied for every change: sources keep their times, as a checkout that nobody touched."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.slim = Ours(LAB / "fleet/slim", program, on_base=False)
        Ours(LAB / "fleet/base", program, on_base=True)

    def fresh(self, name: str) -> Frozen:
        """The fleet of a variant as it was at first."""
        folder = LAB / name / "fleet"
        shutil.rmtree(folder, ignore_errors=True)
        if name == "seed":
            folder.mkdir(parents=True)
            return Seed(folder, self.slim)
        shutil.copytree(LAB / "fleet" / name, folder)
        return Ours(folder, self.program, on_base=name == "base")


def seconds_to_healthy(engine: engines.Engine, tag: str) -> float:
    """From starting the container to the first 200, asked in the container's own network."""
    with engine.start(tag) as container:
        command = ["nsenter", f"--net=/proc/{container.state()['Pid']}/ns/net", "/usr/bin/python3", "-I", "-c", PROBE, f"http://127.0.0.1:{PORT}/healthz"]
        subprocess.run(command, check=True, timeout=180)
        return time.monotonic() - container.started


def starts(variants: list[Variant]) -> None:
    """Start to healthy, all variants in turn: the mean over the services of the medians over the starts."""
    with contextlib.ExitStack() as stack:
        running = [(variant, stack.enter_context(variant.engine("again"))) for variant in variants]
        measured = {(variant.name, service): [] for variant in variants for service in STARTED}
        services = [service for service in STARTED if service in variants[0].images()]
        for service in services:
            for _ in range(STARTS + 1):
                for variant, engine in running:
                    measured[variant.name, service].append(seconds_to_healthy(engine, variant.fleet.tag(service)))
    for variant in variants:
        medians = {service: statistics.median(measured[variant.name, service][1:]) for service in services}
        variant.result |= {"healthy": statistics.mean(medians.values()), "starts": medians}
        say(f"{variant.name:5} start to healthy {medians}")


def before(variant: Variant) -> dict:
    """One list of requirements for everybody, as before the seeds: a non-ML and an ML service, built from nothing and pushed."""
    found = {}
    with variant.registry, variant.engine("before") as engine:
        engine.load(variant.python, variant.tarball, stand_in.CHANGES)
        for service in (NON_ML, ML):
            held = set(variant.registry.blobs())
            dockerfile = variant.fleet.folder / "docker" / f"{service}.before.Dockerfile"
            seconds = engine.build(variant.fleet.folder, dockerfile, "before:test")
            engine.push("before:test", f"{variant.registry.address}/before/{service}:test")
            pushed = sum(size for digest, size in variant.registry.blobs().items() if digest not in held)
            found[service] = {"seconds": seconds, "size": engine.size("before:test"), "bytes": pushed}
            say(f"before {service}: {found[service]}")
    return found


def measure(program: str, only: set[str]) -> dict:
    """The whole run."""
    work = Work(program)
    variants = [Variant(name, work.fresh(name), only) for name in images_report.VARIANTS]
    for variant in variants:
        variant.first(work)
    for variant in variants:
        variant.changes(work)
        shutil.rmtree(LAB / variant.name / "first")
    for variant in variants:
        variant.again(work)
    starts(variants)
    facts = {"python": round(variants[0].result["python"] / 1e6), "dependency": DEPENDENCY, "bump": f"{BUMPED} → {BUMP}", "starts": STARTS,
             "started": ", ".join(STARTED), "cores": os.cpu_count(), "engine": engine_version(variants[0])}
    one_list = before(variants[0])
    return {"facts": facts, "before": one_list, "variants": {variant.name: rounded(variant.result) for variant in variants}}


def engine_version(variant: Variant) -> str:
    """Docker's version, as the server tells it."""
    with variant.engine("again") as engine:
        return engine.docker("version", "--format", "{{.Server.Version}}").strip().partition("+")[0]


def rounded(value):
    """Seconds to hundredths: more would be noise in the committed file."""
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    return round(value, 2) if isinstance(value, float) else [rounded(each) for each in value] if isinstance(value, list) else value


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "target/release/dockwright"))
    parser.add_argument("--services", default="")
    parser.add_argument("--keep", action="store_true", help="leave target/bench-images for a look into the layers")
    arguments = parser.parse_args()
    engines.stop_on_signals()
    shutil.rmtree(LAB, ignore_errors=True)
    only = {NON_ML, ML, *arguments.services.split(",")} - {""} if arguments.services else set()
    try:
        data = measure(arguments.program, only)
    finally:
        if not arguments.keep:
            shutil.rmtree(LAB, ignore_errors=True)
    if not only:
        images_report.DATA.write_text(json.dumps(data, indent=1) + "\n")
        for path, text in (images_report.files(data) | seed_numbers.files(data)).items():
            path.write_text(text)
    print(images_report.main_table(data), images_report.ratio_table(data), sep="\n\n")
    return 0 if all(good for *_, good in images_report.verdicts(data)) else 1


if __name__ == "__main__":
    sys.exit(main())
