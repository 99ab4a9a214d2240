#!/usr/bin/env python3
"""Builds, pushes and starts the fleet by the seed templates and by dockwright's, and writes docs/images.md, images.svg and images.json,
and the figures of docs/templates.md and docs/seed-numbers.md.

usage: scripts/bench_images.py [--program PATH] [--services a,b,…] [--at-once] [--resume] [--keep]

Runs as root (a private Docker Engine and registry, see tests/images); needs about 30 GB below target/bench-images while it runs. With --services only
those are built (svc-kg and svc-rag-retriever always) and nothing is written: for work on the templates. Figures are kept as each is measured, so that
--resume goes on with a run that was ended. Ends with the table and the ratios that must hold, and with status 1 where one does not.
"""

import argparse
import concurrent.futures
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

import bench_cache
import images_report
from bench_fleets import BUMP, BUMPED, DEPENDENCY, ML, NON_ML, ROOT, SOURCES, Frozen, Ours, Seed

import engine as engines  # from tests/images, which bench_fleets puts on the path
import stand_in

LAB = ROOT / "target/bench-images"
STARTED = ["svc-kg", "svc-extract", "svc-rag-retriever"]
STARTS = 7
ROUNDS = 5  # of what takes a second, the variants in turn
CHANGED = ["seed", "slim", "base"]  # the variants that are changed and started; uv writes the same files as pip
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
PATCH_RELEASE = r"sed -i 's/% sys.version_info\[:3\]/% (3, 99, 9)/' /usr/lib/python3*/venv/__init__.py && grep -q '(3, 99, 9)' /usr/lib/python3*/venv/__init__.py"


def say(text: str) -> None:
    """A line for who is waiting."""
    print(f"{time.strftime('%H:%M:%S')}  {text}", flush=True)


class Variant:
    """One fleet with an engine and a registry of its own. Figures are kept beside them, so that an ended run can be gone on with."""

    def __init__(self, name: str, work: "Work", only: set[str]) -> None:
        self.name, self.work, self.only = name, work, only
        self.folder = LAB / name
        self.registry = engines.Registry(self.folder / "registry")
        self.python, _ = stand_in.make()
        self.kept = self.folder / "result.json"
        self.result = json.loads(self.kept.read_text()) if self.kept.exists() else {}
        self.known = set(self.result.get("known", []))
        if not self.result:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.fleet = work.fresh(name)

    def images(self, names=None) -> list[str]:
        """Bases first; without the services that this run leaves out."""
        return [name for name in names or self.fleet.images if not self.only or name in self.only or name.startswith("base-")]

    @contextlib.contextmanager
    def engine(self, folder: str):
        """An engine on `folder`; a new folder is a machine that has never built anything."""
        with engines.Engine(self.folder / folder) as engine:
            stand_in.load(engine)
            yield engine

    def remote(self, image: str) -> str:
        """The image's name in the registry."""
        return f"{self.registry.address}/harkon/{self.fleet.tag(image).rpartition('/')[2]}"

    def build(self, engine: engines.Engine, names=None) -> float:
        """Builds one after another; seconds."""
        return sum(engine.build(self.fleet.folder, self.fleet.dockerfile(name), self.fleet.tag(name), timeout=3600) for name in self.images(names))

    def new_bytes(self, push, *arguments) -> tuple[float, int]:
        """Seconds of a push, and the bytes of the blobs that it brought. A blob that an ended run left behind is new too."""
        seconds = push(*arguments, timeout=3600)
        blobs = self.registry.blobs()
        size = sum(size for digest, size in blobs.items() if digest not in self.known)
        self.known |= set(blobs)
        return seconds, size

    def push(self, engine: engines.Engine, names=None) -> tuple[float, dict[str, int]]:
        """Pushes; seconds, and for each image the bytes of the blobs that the registry did not have."""
        pushed = {name: self.new_bytes(engine.push, self.fleet.tag(name), self.remote(name)) for name in self.images(names)}
        return sum(seconds for seconds, _ in pushed.values()), {name: size for name, (_, size) in pushed.items()}

    def push_python(self, engine: engines.Engine) -> None:
        """The external image below is not counted: a mirror has it."""
        held = set(self.registry.blobs())
        engine.push(self.python, f"{self.registry.address}/{self.python}", timeout=3600)
        self.known |= set(self.registry.blobs()) - held

    def step(self, engine: engines.Engine, key: str, names=None) -> dict:
        """Builds and pushes what a change asks for."""
        seconds = self.build(engine, names)
        pushed, sizes = self.push(engine, names)
        total = sum(sizes.values())
        say(f"{self.name:5} {key:14} build {seconds:7.1f} s   push {pushed:6.1f} s {total / 1e6:10.3f} MB")
        return {"seconds": seconds, "push_seconds": pushed, "bytes": total, "images": sizes}

    def keep(self, **figures) -> None:
        """Keeps figures of a step that is done."""
        self.result |= figures | {"known": sorted(self.known)}
        self.kept.write_text(json.dumps(self.result, indent=1))

    def first(self, engine: engines.Engine) -> None:
        """From nothing: builds, sizes, first push."""
        if "first_push" in self.result:
            return
        self.fleet = self.work.fresh(self.name)
        self.push_python(engine)
        step = self.step(engine, "first_push")
        sizes = {name: engine.size(self.fleet.tag(name)) for name in self.images()}
        digests = {name: engine.layers(self.fleet.tag(name)) for name in self.images()}
        packages = {name: engine.python_layers(self.fleet.tag(name)) for name in self.images()}
        services = sum(size for name, size in sizes.items() if not name.startswith("base-"))
        self.keep(sizes=sizes, sum=services, unique=unique(engine, digests), python=engine.size(self.python), packages=packages, first_push=step)

    def change(self, engine: engines.Engine, key: str, change) -> None:
        """(i) to (iv): a change of the fleet as it was, on the builder of the first build."""
        self.fleet = self.work.fresh(self.name)
        images = change(self.fleet)
        step = self.step(engine, key, images)
        on_base = sum(size for name, size in step["images"].items() if not name.startswith("base-"))
        self.keep(**{key: step | {"services": on_base}})

    def other_python(self, engine: engines.Engine, name: str, command: str) -> None:
        """The external image with one more layer, in its place and in the registry."""
        context = self.folder / name
        context.mkdir(exist_ok=True)
        if not engine.call("image", "ls", "--quiet", "python:before").stdout.strip():
            engine.docker("tag", self.python, "python:before")
        (context / "Dockerfile").write_text(f"FROM python:before\nRUN {command}\n")
        engine.build(context, context / "Dockerfile", self.python)
        engine.docker("tag", self.python, f"{self.python}-{stand_in.SUITE}")
        self.push_python(engine)

    def other_interpreter(self, engine: engines.Engine) -> None:
        """(v'): everything again on the external image with another patch release of Python."""
        if "interpreter" in self.result:
            return
        self.other_python(engine, "interpreter", PATCH_RELEASE)
        self.empty(engine)
        self.fleet = self.work.fresh(self.name)
        self.keep(interpreter=self.step(engine, "interpreter"))

    def empty(self, engine: engines.Engine) -> None:
        """Drops images and build cache, which other images below make useless; pip's cache stays."""
        engine.call("image", "rm", "--force", *(self.fleet.tag(name) for name in self.images()))
        engine.docker("image", "prune", "--force")
        engine.docker("builder", "prune", "--all", "--force", "--filter", "type=regular")

    def again(self, engine: engines.Engine) -> None:
        """(v): what a builder pushes that has never built anything before, on an external image with one more layer."""
        if "again" in self.result:
            return
        _, sizes = self.push(engine)
        now = {name: engine.python_layers(self.fleet.tag(name)) for name in self.images()}
        different = [name for name in now if not now[name] or now[name] != self.result["packages"][name]]
        self.keep(again={"bytes": sum(sizes.values()), "images": len(now), "different": different, "pushed": sizes})
        say(f"{self.name:5} (v) {sum(sizes.values()) / 1e6:.3f} MB; Python layers differ from the first build's: {', '.join(different) or 'none'}")


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
    """Pristine fleets, copied for every change: as after a new checkout, files are as old as the copy."""

    def __init__(self, program: str) -> None:
        self.program = program
        self.slim = Ours(self.folder("slim"), program, on_base=False)
        Ours(self.folder("base"), program, on_base=True)
        Ours(self.folder("uv"), program, on_base=True, uv=True)

    def folder(self, name: str) -> pathlib.Path:
        """Where the pristine fleet of a variant is."""
        return LAB / "fleet" / name

    def fresh(self, name: str) -> Frozen:
        """The fleet of a variant as it was at first."""
        folder = LAB / name / "fleet"
        shutil.rmtree(folder, ignore_errors=True)
        if name == "seed":
            folder.mkdir(parents=True)
            return Seed(folder, self.slim)
        shutil.copytree(self.folder(name), folder, copy_function=shutil.copy)
        return Ours(folder, self.program, on_base=name != "slim")


def seconds_to_healthy(engine: engines.Engine, tag: str) -> float:
    """From starting the container to the first 200, asked in the container's own network."""
    with engine.start(tag) as container:
        command = ["nsenter", f"--net=/proc/{container.state()['Pid']}/ns/net", "/usr/bin/python3", "-I", "-c", PROBE, f"http://127.0.0.1:{PORT}/healthz"]
        subprocess.run(command, check=True, timeout=180)
        return time.monotonic() - container.started


def starts(variants: list[Variant], running: list[engines.Engine]) -> None:
    """Start to healthy, all variants in turn: the mean over the services of the medians over the starts. The first start of each is not counted."""
    if all("healthy" in variant.result for variant in variants):
        return
    services = [service for service in STARTED if service in variants[0].images()]
    measured = {(variant.name, service): [] for variant in variants for service in services}
    for service in services:
        for _ in range(STARTS + 1):
            for variant, engine in zip(variants, running):
                measured[variant.name, service].append(seconds_to_healthy(engine, variant.fleet.tag(service)))
    for variant in variants:
        medians = {service: statistics.median(measured[variant.name, service][1:]) for service in services}
        variant.keep(healthy=statistics.mean(medians.values()), starts=medians)
        say(f"{variant.name:5} start to healthy {medians}")


def before(variant: Variant) -> None:
    """One list of requirements for everybody, as before the seeds: a non-ML and an ML service, built from nothing and pushed."""
    found = {}
    variant.fleet = variant.work.fresh(variant.name)
    with variant.engine("before") as engine:
        for service in (NON_ML, ML):
            dockerfile = variant.fleet.folder / "docker" / f"{service}.before.Dockerfile"
            seconds = engine.build(variant.fleet.folder, dockerfile, "before:test", no_cache=True, timeout=3600)
            _, pushed = variant.new_bytes(engine.push, "before:test", f"{variant.registry.address}/before/{service}:test")
            found[service] = {"seconds": seconds, "size": engine.size("before:test"), "bytes": pushed}
            say(f"before {service}: {found[service]}")
    variant.keep(before=found)


CHANGES = {
    "libs": lambda fleet: fleet.change_libs(), "dependency": lambda fleet: fleet.add_dependency(NON_ML),
    "dependency_ml": lambda fleet: fleet.add_dependency(ML), "base_ml": lambda fleet: fleet.bump_base_ml(),
}


def in_turn(key: str, variants: list[Variant], running: list[engines.Engine], weight: int = 0) -> None:
    """(i), timed: the median of some rounds, each with all variants. With `weight` bytes of sources that stay as they are beside the changed line."""
    if all(key in variant.result for variant in variants):
        return
    seconds = {variant.name: [] for variant in variants}
    for variant, engine in zip(variants, running):
        variant.fleet = variant.work.fresh(variant.name)
        variant.fleet.add_weight(weight)
        variant.step(engine, f"{key}, before", [NON_ML])
    for _ in range(ROUNDS):
        for variant, engine in zip(variants, running):
            seconds[variant.name].append(variant.build(engine, variant.fleet.change_app()))
    for variant, engine in zip(variants, running):
        _, sizes = variant.push(engine, [NON_ML])
        variant.keep(**{key: {"seconds": statistics.median(seconds[variant.name]), "rounds": seconds[variant.name], "bytes": sum(sizes.values())}})
        say(f"{variant.name:5} {key:14} {seconds[variant.name]}, {sum(sizes.values()) / 1e6:.3f} MB")


def weighty_again(variants: list[Variant], running: list[engines.Engine]) -> None:
    """(v) for one service with many sources: what it pushes after a build from nothing, nothing changed but the checkout."""
    for variant, engine in zip(variants, running):
        if "weighty_again" in variant.result:
            continue
        variant.fleet = variant.work.fresh(variant.name)
        variant.fleet.add_weight(SOURCES)
        variant.step(engine, "50 MB, once", [NON_ML])
        variant.fleet = variant.work.fresh(variant.name)
        variant.fleet.add_weight(SOURCES)
        engine.build(variant.fleet.folder, variant.fleet.dockerfile(NON_ML), variant.fleet.tag(NON_ML), no_cache=True, timeout=3600)
        _, sizes = variant.push(engine, [NON_ML])
        variant.keep(weighty_again={"bytes": sum(sizes.values())})
        say(f"{variant.name:5} 50 MB, again    {sum(sizes.values()) / 1e6:.3f} MB")


def changes(variants: list[Variant], running: list[engines.Engine]) -> None:
    """(i) to (iv), timed: one at a time, the variants in turn."""
    in_turn("app", variants, running)
    in_turn("weighty_app", variants, running, SOURCES)
    weighty_again(variants, running)
    for key, change in CHANGES.items():
        for variant, engine in zip(variants, running):
            if key not in variant.result:
                variant.change(engine, key, change)


def cold(variants: list[Variant], running: list[engines.Engine]) -> None:
    """Builds everything on builders that have never built anything, timed: one image at a time, the variants in turn for each."""
    if all("cold" in variant.result for variant in variants):
        return
    for variant in variants:
        variant.fleet = variant.work.fresh(variant.name)
    seconds = {variant.name: 0.0 for variant in variants}
    for image in variants[0].images():
        for variant, engine in zip(variants, running):
            seconds[variant.name] += variant.build(engine, [image])
        say(f"cold, up to {image}: " + ", ".join(f"{name} {value:.1f} s" for name, value in seconds.items()))
    for variant in variants:
        variant.keep(cold={"seconds": seconds[variant.name], "at_once": False})


def cold_at_once(variants: list[Variant], running: list[engines.Engine]) -> None:
    """The same without times, the variants side by side: what counts as the time of a cold build is that of the first one."""
    def build(variant: Variant, engine: engines.Engine) -> None:
        if "again" not in variant.result:
            variant.fleet = variant.work.fresh(variant.name)
            variant.build(engine)

    side_by_side(build, variants, running)
    for variant in variants:
        variant.keep(cold={"seconds": variant.result["first_push"]["seconds"], "at_once": True})


def side_by_side(step, variants: list[Variant], running: list[engines.Engine]) -> None:
    """Where only bytes are asked for, the variants are built and pushed at the same time."""
    pool = concurrent.futures.ThreadPoolExecutor()
    try:
        list(pool.map(step, variants, running))
    finally:  # whoever failed or was told to end does not wait for the others: their engines stop, and so do they
        pool.shutdown(wait=False, cancel_futures=True)


def measure(program: str, only: set[str], at_once: bool) -> dict:
    """The whole run."""
    work = Work(program)
    variants = [Variant(name, work, only) for name in images_report.VARIANTS]
    with contextlib.ExitStack() as registries:
        for variant in variants:
            registries.enter_context(variant.registry)
        first_builds(variants)
        version = second_builds(variants, at_once)
        if "before" not in variants[0].result:
            before(variants[0])
    cached = next(variant for variant in variants if variant.name == "base")
    if "cached" not in cached.result:
        cached.keep(cached=bench_cache.measure(work, LAB / "cache"))
        say(f"base  cache: {cached.result['cached']}")
    return record(variants, version)


def first_builds(variants: list[Variant]) -> None:
    """The first build of each variant and what changes after it."""
    changed = [variant for variant in variants if variant.name in CHANGED]
    if not all("base_ml" in variant.result for variant in changed) or not all("first_push" in variant.result for variant in variants):
        with contextlib.ExitStack() as stack:
            running = [stack.enter_context(variant.engine("first")) for variant in variants]
            side_by_side(Variant.first, variants, running)
            changes(changed, running)
    for variant in variants:
        shutil.rmtree(variant.folder / "first", ignore_errors=True)


def second_builds(variants: list[Variant], at_once: bool) -> str:
    """Everything once more on builders that have never built anything, and starts; the engine's version."""
    for variant in variants:
        if "cold" not in variant.result and "again" not in variant.result:
            shutil.rmtree(variant.folder / "again", ignore_errors=True)
    with contextlib.ExitStack() as stack:
        running = [stack.enter_context(variant.engine("again")) for variant in variants]
        for variant, engine in zip(variants, running):
            if "again" not in variant.result:
                variant.other_python(engine, "layer", "echo one more layer >/etc/one-more-layer")
        (cold_at_once if at_once else cold)(variants, running)
        side_by_side(Variant.again, variants, running)
        starts([variant for variant in variants if variant.name in CHANGED], running)
        at = next(at for at, variant in enumerate(variants) if variant.name == "base")
        variants[at].other_interpreter(running[at])
        return running[0].docker("version", "--format", "{{.Server.Version}}").partition("+")[0].strip()


def record(variants: list[Variant], version: str) -> dict:
    """What docs/images.json keeps."""
    results = {variant.name: rounded({key: value for key, value in variant.result.items() if key not in ("packages", "known")}) for variant in variants}
    facts = {"python": round(results["seed"]["python"] / 1e6), "dependency": DEPENDENCY, "bump": f"{BUMPED} → {BUMP}", "starts": STARTS, "rounds": ROUNDS, "sources": SOURCES // 10**6,
             "started": ", ".join(STARTED), "cores": os.cpu_count(), "engine": version, "cold": images_report.COLD[results["seed"]["cold"].get("at_once", False)]}
    return {"facts": facts, "before": results["seed"].pop("before", None), "variants": results}


def rounded(value):
    """Seconds to hundredths: more would be noise in the committed file."""
    if isinstance(value, dict):
        return {key: rounded(each) for key, each in value.items()}
    return round(value, 2) if isinstance(value, float) else value


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(ROOT / "target/release/dockwright"))
    parser.add_argument("--services", default="")
    parser.add_argument("--resume", action="store_true", help="go on with a run that was ended")
    parser.add_argument("--at-once", action="store_true", help="no cold builds in turn: the first builds of all variants, side by side, are timed")
    parser.add_argument("--keep", action="store_true", help="leave target/bench-images for a look into the layers")
    arguments = parser.parse_args()
    engines.stop_on_signals()
    if not arguments.resume:
        shutil.rmtree(LAB, ignore_errors=True)
    only = {NON_ML, ML, *arguments.services.split(",")} - {""} if arguments.services else set()
    data = measure(arguments.program, only, arguments.at_once)
    if not arguments.keep:
        shutil.rmtree(LAB)
    if not only:
        images_report.DATA.write_text(json.dumps(data, indent=1) + "\n")
        for path, text in images_report.files(data).items():
            path.write_text(text)
    print(images_report.main_table(data), images_report.ratio_table(data), sep="\n\n")
    return 0 if all(good for *_, good in images_report.verdicts(data)) else 1


if __name__ == "__main__":
    sys.exit(main())
