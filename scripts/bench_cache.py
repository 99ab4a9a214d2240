"""What a fresh checkout on a new builder pushes where the fleet's bake file declares `cache: true`: layers come from the registry, none is built."""

import pathlib
import shutil
import time

from bench_fleets import Ours

import engine as engines  # from tests/images, which bench_fleets puts on the path
import images
import stand_in

BAKE = "generated/docker-bake.hcl"


def measure(work, folder: pathlib.Path) -> dict:
    """Two builders and one registry: the first fills the cache, the second has nothing but a fresh checkout. Bytes that the second one pushed."""
    shutil.rmtree(folder, ignore_errors=True)
    with engines.Registry(folder / "registry") as registry:
        with engines.Engine(folder / "first", containerd_store=True) as engine:
            python = push_python(engine, registry)
            bake(engine, checkout(work, folder / "one"), registry, python, "write")
        shutil.rmtree(folder / "first")
        known = registry.blobs()
        with engines.Engine(folder / "second", containerd_store=True) as engine:
            started = time.monotonic()
            log = bake(engine, checkout(work, folder / "two"), registry, python, "read")
            seconds = time.monotonic() - started
        new = {digest: size for digest, size in registry.blobs().items() if digest not in known}
    return {"bytes": sum(new.values()), "blobs": len(new), "seconds": seconds, "steps": len(images.buildkit_steps_run(log))}


def push_python(engine: engines.Engine, registry: engines.Registry) -> str:
    """The external image in the registry, so that both builders start from the same bytes."""
    python, _ = stand_in.make()
    stand_in.load(engine)
    engine.push(python, f"{registry.address}/{python}", timeout=3600)
    return python


def checkout(work, folder: pathlib.Path) -> Ours:
    """The fleet on runtime-on-base with a bake file that keeps caches; files are as old as the copy."""
    shutil.copytree(work.folder("base"), folder, copy_function=shutil.copy)
    fleet = Ours(folder, work.program, on_base=True)
    fleet.declare(lambda declared: declared.update(outputs={"bake": {"cache": True}}))
    return fleet


def bake(engine: engines.Engine, fleet: Ours, registry: engines.Registry, python: str, cache: str) -> str:
    """Builds and pushes all images; the log."""
    variables = {"REGISTRY": registry.address, "OWNER": "harkon", "TAG": "test", "CACHE": cache}
    below = fleet.python_reference()
    return engine.bake(fleet.folder, BAKE, ["--set", f"*.contexts.{below}=docker-image://{registry.address}/{python}", "--push", "all"], variables)
