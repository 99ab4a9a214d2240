"""Two builds of one commit have equal image digests where the bake file declares `reproducible: true`, from two checkouts and without a cache.

    failed = reproducible.run(folder, program, "python:3.13-slim")

The builder is BuildKit as Docker Engine has it, with containerd's image store: Debian has no buildkitd of its own. Docker's exporter of images always
unpacks what it exports and so refuses to rewrite times; BuildKit's exporter of archives, which Docker leaves as it is, does not. So images are
exported as OCI archives, and the digests compared are those of the manifests in them.
"""

import json
import os
import pathlib
import subprocess
import tarfile
import time

import debian
import engine
import stand_in

BAKE = "generated/docker-bake.hcl"
DECLARATION = """\
registry: registry.invalid
owner: same
python: "{python}"
shared: [libs]
outputs: {{ bake: {{ reproducible: true }} }}
bases:
  base-runtime: {{ version: v1, pip: [starlette, uvicorn] }}
services:
  svc-on-base: {{ template: runtime-on-base, base: base-runtime, port: 8000, pip: [idna==3.10], apt: [libpq5] }}
  svc-slim: {{ template: multi-stage-slim, port: 8000, pip: [idna], apt: [libmagic1], run: "touch /app/built", dirs: [data] }}
"""
COMMITTED = "1700000000"  # the time of the commit that is built
NAMES = ["base-runtime", "svc-on-base", "svc-slim"]


def run(folder: pathlib.Path, program: str, python_image: str) -> list[str]:
    """Builds twice and compares; what failed."""
    started = time.monotonic()
    try:
        with engine.Engine(stand_in.FOLDER / "containerd", containerd_store=True) as builder, engine.Registry(folder / "registry") as registry:
            stand_in.load(builder)
            remote = f"{registry.address}/{python_image}"
            builder.push(python_image, remote)
            first, second = (build(builder, checkout(folder / name, program, python_image, age), remote) for name, age in (("one", 0), ("two", 86_400)))
    except (engine.Failed, subprocess.SubprocessError) as error:
        print(f"reproducible FAILED\n{error}", flush=True)
        return ["reproducible"]
    differ = [name for name in NAMES if first[name] != second[name]]
    for name in NAMES:
        said = f"is {second[name][:19]}… in two builds without a cache" if name not in differ else f"differs: {first[name]}, {second[name]}"
        print(f"{name:<22} the digest of the image {said} ({time.monotonic() - started:.0f} s)", flush=True)
    return [f"reproducible {name}" for name in differ]


def checkout(folder: pathlib.Path, program: str, python_image: str, age: int) -> pathlib.Path:
    """The fleet, its files `age` seconds old."""
    python = python_image.removeprefix("python:").split("-")[0]
    files = {"services.yaml": DECLARATION.format(python=python), "libs/shared.py": "ANSWER = 42\n"}
    files |= {f"apps/{name.replace('-', '_')}/main.py": "import libs.shared\n" for name in NAMES[1:]}
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    done = subprocess.run([program, "generate"], cwd=folder, capture_output=True, text=True)
    if done.returncode != 0:
        raise debian.Missing(f"dockwright generate failed:\n{done.stdout}{done.stderr}")
    then = time.time() - age
    for path in folder.rglob("*"):
        os.utime(path, (then, then))
    return folder


def build(builder: engine.Engine, folder: pathlib.Path, python: str) -> dict[str, str]:
    """All images by one bake without a cache, as OCI archives; the digests of their manifests."""
    archives = {name: folder / f"{name}.tar" for name in NAMES}
    outputs = [word for name, path in archives.items() for word in ("--set", f"{name}.output=type=oci,dest={path},rewrite-timestamp=true")]
    below = f"*.contexts.{python.partition('/')[2]}-{stand_in.SUITE}=docker-image://{python}"
    builder.bake(folder, BAKE, ["--no-cache", "--set", below, *outputs, "all"], {"SOURCE_DATE_EPOCH": COMMITTED})
    return {name: digest(path) for name, path in archives.items()}


def digest(archive: pathlib.Path) -> str:
    """The digest of the one manifest that an OCI archive holds."""
    with tarfile.open(archive) as opened:
        manifests = json.load(opened.extractfile("index.json"))["manifests"]
    if len(manifests) != 1 or not manifests[0]["mediaType"].endswith("image.manifest.v1+json"):
        raise engine.Failed(f"    {archive.name} holds {[manifest['mediaType'] for manifest in manifests]}: more than the image, or not it")
    return manifests[0]["digest"]
