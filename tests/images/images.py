#!/usr/bin/env python3
"""Builds the generated Dockerfiles for real, runs the images, and looks at them from outside and inside.

usage: images.py [--builder docker|buildah] [--all | --only IMAGE,…] [--on-base SERVICE|all|none] [--twice all|some|none]
                 [--behavior all|third|none] [--examples all|third|none|NAME,…] [--torch [--torch-index URL]] [--clean]

Without --all: both bases, the three ML services, three others, and one of the others once more on base-runtime.
needs: root, a Debian machine with apt-get and wget, a network. What it keeps for the next run lies below target/ci.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import behavior
import buildah
import debian
import engine
import examples
import fleet
import mounts
import pairs
import reproducible
import sizes
import stand_in

SOME = ["base-runtime", "base-ml", "svc-ocr", "svc-rag-indexer", "svc-rag-retriever", "svc-ingestion", "svc-kg", "svc-coverage"]
ON_BASE = "svc-coverage"  # the one of them that goes onto base-runtime
TWICE = ["base-runtime", "base-ml", "svc-ocr", "svc-ingestion", "svc-coverage"]  # apt on a base, apt without one, and neither
# What services.yaml stands for, said once more by hand.
USER, PORT, PATH = "10001:10001", 8000, "/healthz"
SECOND = 1_000_000_000
ENVIRONMENT = {"PYTHONDONTWRITEBYTECODE=1", "PYTHONFAULTHANDLER=1", "PYTHONPATH=/app", "PYTHONUNBUFFERED=1"}
WORKS = {"svc-ocr": [["tesseract", "--version"], ["pdftoppm", "-v"]]}
PROBE = pathlib.Path(__file__).with_name("probe.py").read_text()


class Judge:
    """Collects what is wrong with one image."""

    def __init__(self) -> None:
        self.wrong: list[str] = []

    def same(self, what: str, got: object, wanted: object) -> None:
        if got != wanted:
            self.wrong.append(f"{what} is {got!r}, not {wanted!r}")

    def true(self, what: str, holds: bool) -> None:
        if not holds:
            self.wrong.append(what)

    def end(self) -> None:
        if self.wrong:
            raise engine.Failed("\n".join(f"    {line}" for line in self.wrong))


class Proof:
    """A fleet and the builder that builds it."""

    def __init__(self, builder: engine.Engine | buildah.Buildah, made: fleet.Fleet) -> None:
        self.builder, self.fleet = builder, made
        self.layers: dict[str, dict[str, str]] = {}  # by image: its Python layers by step
        dev = (made.folder / "generated/requirements/dev.txt").read_text().splitlines()
        self.dev = {canonical(line) for line in dev if line and not line.startswith("#")}

    def prove(self, image: fleet.Image) -> str:
        """Builds and checks one image; a line about it."""
        seconds = self.builder.build(self.fleet.folder, self.fleet.folder / image.dockerfile, image.tag)
        self.layers[image.name] = self.builder.python_layers(image.tag) if self.builder.confines else {}
        judge = Judge()
        self.judge_config(judge, image, self.builder.config(image.tag))
        healthy = "" if image.is_base else f", healthy in {self.judge_running(judge, image):.1f} s"
        if image.is_base:
            self.judge_inside(judge, image, self.builder.run(image.tag, ["python", "-c", PROBE]), confined=False)
        judge.end()
        return f"{image.name:<22} {image.template:<17} built in {seconds:5.1f} s, {self.builder.size(image.tag) / 1e6:6.0f} MB{healthy}"

    def judge_config(self, judge: Judge, image: fleet.Image, config: dict) -> None:
        judge.same("User", config.get("User"), USER)
        judge.same("WorkingDir", config.get("WorkingDir"), "/app")
        judge.same("Entrypoint", config.get("Entrypoint") or None, None)  # buildah writes an empty list
        judge.same("ExposedPorts", config.get("ExposedPorts") or None, None if image.is_base else {f"{PORT}/tcp": {}})
        labels = config.get("Labels") or {}
        judge.same("the label title", labels.get("org.opencontainers.image.title"), image.name)
        below = next((other.tag for other in self.fleet.images if other.name == image.base), image.base)
        judge.same("the label base.name", labels.get("org.opencontainers.image.base.name"), below)
        judge.same("empty labels and versions that are the base's", [key for key, value in labels.items() if not value or key.endswith("image.version")], [])
        if image.is_base:
            judge.same("the label of the version", labels.get(f"dockwright.{image.name}.version"), image.tag.split(":")[1])
        judge.true("PATH does not begin with /opt/venv/bin", any(word.startswith("PATH=/opt/venv/bin:") for word in config["Env"]))
        judge.true(f"Env lacks {ENVIRONMENT - set(config['Env'])}", set(config["Env"]) >= ENVIRONMENT)
        if image.is_base:
            judge.same("Healthcheck", config.get("Healthcheck"), None)
            return
        app = f"apps.{image.name.replace('-', '_')}.main:app"
        judge.same("Cmd", config.get("Cmd"), ["python", "-m", "uvicorn", app, "--host", "0.0.0.0", "--port", str(PORT), "--timeout-graceful-shutdown", "8"])
        check = config.get("Healthcheck") or {}
        judge.same("the health check's form", (check.get("Test") or [None])[0], "CMD")
        times = [check.get(name, 0) // SECOND for name in ("Interval", "Timeout", "StartPeriod")] + [check.get("Retries")]
        judge.same("the health check's interval, timeout, start period and retries", times, [30, 5, 60 if image.kind == "ml" else 20, 3])

    def judge_running(self, judge: Judge, image: fleet.Image) -> float:
        """Starts the image's own command, waits for its health path and asks its own health check; seconds until it was healthy."""
        check = self.builder.config(image.tag).get("Healthcheck", {}).get("Test", ["CMD", "false"])[1:]
        with self.builder.start(image.tag) as container:
            early = container.run(check).returncode
            judge.true(f"the health check says {early} before the service listens", early != 0 or container.status_of(PATH, PORT) == 200)
            healthy = container.wait_healthy(PATH, PORT)
            judge.same("the health check's exit status", container.run(check).returncode, 0)
            judge.same("the status of a path that is not there", container.status_of("/nothing-here", PORT), 404)
            told = container.run(["python", "-c", PROBE])
            judge.true(f"the probe failed inside: {told.stderr}", told.returncode == 0)
            self.judge_inside(judge, image, told.stdout, confined=self.builder.confines)
            for command in WORKS.get(image.name, []):
                judge.same(f"the status of {' '.join(command)}", container.run(command).returncode, 0)
            status = container.stop()
            if self.builder.confines:  # buildah's own status is no service's
                judge.same("the exit status after SIGTERM", status, 0)
        return healthy

    def judge_inside(self, judge: Judge, image: fleet.Image, told: str, *, confined: bool) -> None:
        inside = json.loads(told)
        judge.true("no bytecode was compiled", inside["compiled"] > 1000)
        judge.same("bytecode that holds a time instead of a digest", inside["compiled_by_time"], 0)
        judge.same("build tools inside", inside["tools"], [])
        installed = {canonical(name) for name in inside["distributions"]}
        wanted_by = {canonical(name): {canonical(other) for other in others} for name, others in inside["wanted_by"].items()}
        unasked = {name for name in installed & self.dev if not wanted_by.get(name, set()) - self.dev}
        judge.same("development packages inside that no other package needs", sorted(unasked), [])
        wanted = {canonical(line) for line in self.fleet.requirements(image)}
        judge.same("declared packages that are not inside", sorted(wanted - installed), [])
        if not image.is_base:
            judge.same("uid, gid and groups", set(inside["ids"]), {10001})
            judge.same("what the service may write", inside["writable"], [])
        if confined:
            judge.same("capabilities", inside["capabilities"], 0)
            judge.true("privileges can be gained", inside["no_new_privileges"])

    def prove_equal(self, again: fleet.Fleet, image: fleet.Image) -> str:
        """Builds once more from nothing, from another checkout; the layers of Python packages must have the same digests.

        The first build may have found layers in the builder's cache. What Docker Engine 26 puts on top of a layer that it has under two names lists
        its files by path, and else as a walk over the tree comes to them: the same files, another digest. So the first build is made from nothing
        too before anything is called different.
        """
        second, note = self.layers_from_nothing(again, image), ""
        if self.layers[image.name] != second:
            note = ", after the first one was made from nothing too"
            self.layers[image.name] = self.layers_from_nothing(self.fleet, image)
            second = self.layers_from_nothing(again, image)
        differ = [step for step, digest in second.items() if self.layers[image.name].get(step) != digest]
        if differ or not second or len(second) != len(self.layers[image.name]):
            raise engine.Failed(f"    Python layers of two builds from nothing differ: {differ or second}")
        return f"{image.name:<22} {len(second)} Python layer{'s have' if len(second) > 1 else ' has'} equal digests in a second build from nothing{note}"

    def layers_from_nothing(self, made: fleet.Fleet, image: fleet.Image) -> dict[str, str]:
        self.builder.build(made.folder, made.folder / image.dockerfile, image.tag, no_cache=True)
        return self.builder.python_layers(image.tag)


def canonical(requirement: str) -> str:
    """PEP 503, without extras, version and marker."""
    name = requirement.split(";")[0]
    for stop in "[<>=!~ @":
        name = name.split(stop)[0]
    return name.lower().replace("_", "-").replace(".", "-")


def each(images: list[fleet.Image], step) -> list[str]:
    """Runs a step for every image, bases first, then two services at a time; prints as each is done and returns what failed."""
    failed = []

    def one(image: fleet.Image) -> None:
        try:
            print(step(image), flush=True)
        except (engine.Failed, subprocess.SubprocessError) as error:
            failed.append(image.name)
            print(f"{image.name:<22} FAILED\n{error}", flush=True)

    for image in images:
        if image.is_base:
            one(image)
    services = [image for image in images if not image.is_base]
    if failed:
        print("nothing is built on a base that failed", flush=True)
        return failed + [image.name for image in services]
    pool = concurrent.futures.ThreadPoolExecutor(2)
    try:
        list(pool.map(one, services))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)  # after a signal nothing is waited for: the builder's end ends its builds
    return failed


def relabel(builder: engine.Engine, made: fleet.Fleet, proof: Proof, names: list[str]) -> list[str]:
    """A base's next version changes labels alone: no step may run again, in the base or on top of it."""
    path = made.folder / "services.yaml"
    path.write_text(path.read_text().replace("base-runtime: { version: v1.0.1, fingerprint: v1.0.1@", "base-runtime: { version: v1.0.2, fingerprint: v1.0.2@"))
    made.generate()
    changed = fleet.Fleet(made.folder, made.program, fleet.images(made.folder, made.program))

    def step(image: fleet.Image) -> str:
        _, log = builder.build_log(made.folder, made.folder / image.dockerfile, image.tag)
        judge = Judge()
        judge.same("steps that ran again after a label changed", buildkit_steps_run(log), [])
        judge.same("layers after a label changed", builder.python_layers(image.tag), proof.layers[image.name])
        labels = json.dumps(builder.config(image.tag)["Labels"])
        judge.true(f"v1.0.2 is not in {labels}", "v1.0.2" in labels)
        judge.end()
        return f"{image.name:<22} no step runs again after a label changed"

    return each([changed.image(name) for name in names], step)


def sizes_agree(builder: engine.Engine, made: fleet.Fleet, images: list[fleet.Image], folder: pathlib.Path) -> list[str]:
    """Whether `dockwright sizes` has the engine's numbers, skopeo's and those of a plain count of files."""
    folder.mkdir()
    try:
        print(sizes.prove(builder, made, images, folder), flush=True)
    except (engine.Failed, subprocess.SubprocessError) as error:
        print(f"sizes FAILED\n{error}", flush=True)
        return ["sizes"]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return []


def buildkit_steps_run(log: str) -> list[str]:
    """Steps of a plain BuildKit log that were not taken from the cache; FROM only names an image."""
    steps = dict(line[1:].split(" ", 1) for line in log.splitlines() if line.startswith("#") and " [" in line and "[internal]" not in line)
    cached = {line[1:].split(" ")[0] for line in log.splitlines() if line.endswith(" CACHED")}
    return [text for number, text in steps.items() if number not in cached and text.split("] ", 1)[-1].split(" ")[0] in ("RUN", "COPY", "WORKDIR")]


def open_builder(name: str | None, folder: pathlib.Path):
    """The builder that was asked for, or the Docker Engine, or buildah where that cannot start; which one is printed."""
    if name != "buildah":
        try:
            opened = engine.Engine(folder / "docker").__enter__()
            print(f"builder: docker {opened.docker('version', '--format', '{{.Server.Version}}').strip()} (BuildKit), in a private folder", flush=True)
            return opened
        except (engine.Failed, debian.Missing) as reason:
            if name == "docker":
                raise
            print(f"the Docker Engine cannot start here, so buildah builds: {reason}", flush=True)
    opened = buildah.Buildah(folder / "buildah").__enter__()
    print(f"builder: {opened.version()}, isolation chroot", flush=True)
    return opened


def current_third() -> int:
    """Which third of the behaviors this commit shows: 0, 1 or 2."""
    counted = subprocess.run(["git", "-c", f"safe.directory={debian.ROOT}", "rev-list", "--count", "HEAD"], cwd=debian.ROOT, capture_output=True, text=True)
    return int(counted.stdout or 0) % 3


def chosen(made: fleet.Fleet, names: list[str]) -> list[fleet.Image]:
    """The named images and the bases below them."""
    wanted = {*names}
    for image in reversed(made.images):
        if image.name in wanted:
            wanted.add(image.base)
    return [image for image in made.images if image.name in wanted]


def run(arguments: argparse.Namespace, temporary: pathlib.Path) -> list[str]:
    image_name, _ = stand_in.make()
    on_base = {"all": "*", "none": None}.get(arguments.on_base, arguments.on_base)
    options = {"on_base": on_base, "torch": arguments.torch, "torch_index": arguments.torch_index}
    python = image_name.removeprefix("python:").removesuffix("-slim")
    made, again = (fleet.make(temporary / name, arguments.program, python, **options) for name in ("first", "second"))
    builder = open_builder(arguments.builder, stand_in.FOLDER)
    try:
        stand_in.load(builder)
        proof = Proof(builder, made)
        images = chosen(made, arguments.only.split(",") if arguments.only else [image.name for image in made.images] if arguments.all else SOME)
        failed = each(images, proof.prove)
        twice = {"all": [image.name for image in images], "some": TWICE, "none": []}[arguments.twice]
        if builder.name != "docker" and twice:
            # Its layers are not the same in a second build: what is promised is BuildKit's.
            print(f"{builder.name}: second builds are not compared", flush=True)
            twice = []
        failed += each([image for image in images if image.name in twice and image.name not in failed], lambda image: proof.prove_equal(again, image))
        if builder.name == "docker" and images and not failed:
            failed += sizes_agree(builder, made, images, temporary / "sizes")
        if builder.name == "docker" and arguments.behavior != "none":
            third = None if arguments.behavior == "all" else current_third()
            failed += behavior.run(builder, temporary / "behavior", arguments.program, image_name, third)
            if third in (None, 1):
                failed += reproducible.run(temporary / "reproducible", arguments.program, image_name)
        if builder.name == "docker" and arguments.examples != "none":
            only = {"all": None, "third": examples.THIRDS[current_third()]}.get(arguments.examples, arguments.examples.split(","))
            failed += examples.run(builder, temporary / "examples", arguments.program, image_name, only)
        if builder.name == "docker" and arguments.pairs != "none":
            third = None if arguments.pairs == "all" else current_third()
            failed += pairs.run(builder, temporary / "pairs", arguments.program, image_name, third)
        relabelled = [name for name in ("base-runtime", ON_BASE if on_base == "*" else on_base) if name in proof.layers]
        if builder.name == "docker" and not failed and "base-runtime" in relabelled:
            failed += relabel(builder, made, proof, relabelled)
    finally:
        builder.__exit__(None, None, None)
    if left := mounts.below(builder.folder, temporary):
        failed.append(f"mounts were left behind: {left}")
    return failed


def arguments_of(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", debian.ROOT / "target"))
    parser.add_argument("--builder", choices=["docker", "buildah"], help="without it: docker, or buildah where a Docker Engine cannot start")
    parser.add_argument("--all", action="store_true", help="all images of the fleet")
    parser.add_argument("--only", metavar="IMAGE,…", help="these images, bases that they stand on included")
    parser.add_argument("--on-base", default=ON_BASE, metavar="SERVICE", help="the service that goes onto base-runtime; `all` and `none` of the others")
    parser.add_argument("--twice", choices=["all", "some", "none"], default="some", help="which to build a second time from nothing")
    parser.add_argument("--behavior", choices=["all", "third", "none"], default="third",
                        help="what running containers do: all of it, a third that goes round with the commits, nothing")
    parser.add_argument("--examples", default="third", metavar="NAME,…",
                        help="example fleets: `all`, `third` (goes round with the commits), `none`, or names")
    parser.add_argument("--pairs", choices=["all", "third", "none"], default="third",
                        help="originals and the images that `adopt` makes of them: all, a third that goes round with the commits, none")
    parser.add_argument("--torch", action="store_true", help="keep torch, transformers and sentence-transformers (gigabytes)")
    parser.add_argument("--torch-index", metavar="URL", help="an index of CPU wheels for base-ml")
    parser.add_argument("--program", default=str(target / "release/dockwright"))
    parser.add_argument("--clean", action="store_true", help="forget what earlier runs kept")
    return parser.parse_args(words)


def main() -> int:
    arguments = arguments_of(sys.argv[1:])
    arguments.program = str(pathlib.Path(arguments.program).resolve())
    engine.stop_on_signals()
    if arguments.clean:
        for name in ("docker", "buildah"):
            shutil.rmtree(stand_in.FOLDER / name, ignore_errors=True)
    started = time.monotonic()
    try:
        with tempfile.TemporaryDirectory(prefix="dockwright-images-") as temporary:
            failed = run(arguments, pathlib.Path(temporary))
    except debian.Missing as missing:
        print(f"skipped: the builds of all images, {missing}")
        return 1 if os.environ.get("CI") else 0
    print(f"{'FAILED: ' + ', '.join(failed) if failed else 'all images are as declared'} ({time.monotonic() - started:.0f} s)")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
