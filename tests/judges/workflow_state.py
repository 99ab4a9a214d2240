#!/usr/bin/env python3
"""Runs the step of a generated workflow that decides what is built, over a random history, and compares it with an oracle.

    workflow_state.py DOCKWRIGHT REGISTRY RUNS SEED

DOCKWRIGHT is the program, REGISTRY the host and port of an empty registry. Pushes to the branch succeed, fail half-way, or are superseded before they
built anything; pull requests, forks and merge queues run in between. The oracle knows nothing of git or dockwright: it reads what an image takes from
the folders of the checkout. None that must be built may be missing; its last line counts the others.
"""

import hashlib
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import urllib.request

import yaml

PROGRAM, REGISTRY, RUNS, SEED = pathlib.Path(sys.argv[1]).resolve(), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
DICE = random.Random(SEED)
SERVICES = {"svc-a": "base-one", "svc-b": "base-one", "svc-c": "base-two", "svc-d": None, "svc-e": None}
BASES = {"base-one": None, "base-two": "base-one"}
DECLARATION = f"""registry: "{REGISTRY}"
owner: acme
python: "3.12"
shared: [libs]
outputs:
  workflow: {{ install: "true" }}
bases:
  base-one: {{ version: v1, pip: [httpx] }}
  base-two: {{ version: v1, from: base-one, pip: [attrs] }}
kinds:
  one: {{ template: runtime-on-base, base: base-one }}
  two: {{ template: runtime-on-base, base: base-two }}
  alone: {{ template: multi-stage-slim }}
services:
  svc-a: {{ kind: one, port: 8000, pip: [idna] }}
  svc-b: {{ kind: one, port: 8001 }}
  svc-c: {{ kind: two, port: 8002 }}
  svc-d: {{ kind: alone, port: 8003, pip: [fastapi] }}
  svc-e: {{ kind: alone, port: 8004 }}
"""


class Scratch:
    """A repository, and the folder of a runner."""

    def __init__(self, folder):
        self.root, self.runner = folder / "repository", folder / "runner"
        for path in (self.root / "libs", self.runner):
            path.mkdir(parents=True)
        programs = folder / "programs"
        programs.mkdir()
        (programs / "dockwright").symlink_to(PROGRAM)
        docker = programs / "docker"
        docker.write_text('#!/bin/sh\nshift\nexec docker-buildx "$@"\n')
        docker.chmod(0o755)
        self.environment = {**os.environ, "PATH": f"{programs}:{os.environ['PATH']}", "RUNNER_TEMP": str(self.runner),
                            "GIT_CONFIG_GLOBAL": "/dev/null", "HOME": str(folder)}
        self.write("libs/common.py", "x = 0\n")
        self.write("README.md", "fleet\n")
        for service in SERVICES:
            self.write(f"{source(service)}/__init__.py", "")
            self.write(f"{source(service)}/main.py", "app = None\n")
        self.write("services.yaml", DECLARATION)
        self.git("init", "--quiet", "--initial-branch", "main")
        self.git("config", "user.name", "x")
        self.git("config", "user.email", "x@localhost")
        self.commit()
        workflow = yaml.safe_load((self.root / ".github/workflows/images.yaml").read_text())
        steps = workflow["jobs"]["check"]["steps"]
        self.script = next(step["run"] for step in steps if step.get("id") == "plan")

    def write(self, path, text):
        path = self.root / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def run(self, *words, **more):
        return subprocess.run(words, cwd=self.root, check=True, stdout=subprocess.PIPE, env=self.environment | more, text=True).stdout

    def git(self, *words):
        return self.run("git", *words)

    def commit(self):
        self.run("dockwright", "generate")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", "change")

    def head(self):
        return self.git("rev-parse", "HEAD").strip()

    def planned(self, pushes, base=""):
        """What the step hands to the jobs: name to the tag of its inputs."""
        output = self.runner / "output"
        output.write_text("")
        self.run("bash", "-c", self.script, PUSHES="true" if pushes else "false", BASE=base, GITHUB_OUTPUT=str(output))
        lists = [json.loads(line.split("=", 1)[1]) for line in output.read_text().splitlines()]
        return {image["image"]: f"inputs-{image['inputs']}" for images in lists for image in images}

    def identities(self):
        """What each image is made of, by the oracle: bases before what is on them."""
        found = {}
        for image, base in {**BASES, **SERVICES}.items():
            folders = [f"generated/{image}"] + ([source(image), "libs"] if image in SERVICES else [])
            digest = hashlib.sha256(found.get(base, "").encode())
            for path in sorted(path for folder in folders for path in (self.root / folder).rglob("*") if path.is_file()):
                digest.update(f"{path.relative_to(self.root)}\0".encode() + path.read_bytes() + b"\0")
            found[image] = digest.hexdigest()
        return found

    def change(self):
        """Something that a commit does."""
        service = DICE.choice(list(SERVICES))
        number = DICE.randrange(5)
        kind = DICE.randrange(7)
        declaration = (self.root / "services.yaml").read_text()
        if kind <= 2:
            self.write(f"{source(service)}/main.py", f"app = {number}\n")
        elif kind == 3:
            self.write("README.md", f"fleet {DICE.random()}\n")
        elif kind == 4:
            self.write("libs/common.py", f"x = {number}\n")
        elif kind == 5:
            lines = [f"  {service}: {{" + line.split("{", 1)[1].replace("port: 8", f"port: {number + 1}", 1)
                     if line.startswith(f"  {service}:") and "port: 8" in line else line for line in declaration.splitlines()]
            self.write("services.yaml", "\n".join(lines) + "\n")
        else:
            self.write("services.yaml", declaration.replace("[attrs", f"[pkg{number}, attrs", 1) if "pkg" not in declaration
                       else declaration.replace("[pkg", "[other", 1))
        self.commit()


def source(service):
    return f"apps/{service.replace('-', '_')}"


def ask(method, path, body=b"", **headers):
    url = path if path.startswith("http") else f"http://{REGISTRY}{path}"
    request = urllib.request.Request(url, data=body or None, method=method, headers=headers)
    with urllib.request.urlopen(request) as answer:
        return answer.headers


def push(image, tag):
    """What a job does at its end: the image has the tag of its inputs."""
    config = b'{"architecture":"amd64","os":"linux","rootfs":{"type":"layers","diff_ids":[]}}'
    digest = f"sha256:{hashlib.sha256(config).hexdigest()}"
    upload = ask("POST", f"/v2/acme/{image}/blobs/uploads/")["Location"]
    ask("PUT", f"{upload}{'&' if '?' in upload else '?'}digest={digest}", config, **{"Content-Type": "application/octet-stream"})
    media = "application/vnd.oci.image.manifest.v1+json"
    manifest = {"schemaVersion": 2, "mediaType": media, "layers": [],
                "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest, "size": len(config)}}
    ask("PUT", f"/v2/acme/{image}/manifests/{tag}", json.dumps(manifest).encode(), **{"Content-Type": media})


def main():
    pushed, built, needless = set(), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        scratch = Scratch(pathlib.Path(folder))
        for run in range(RUNS):
            if run:
                scratch.git("switch", "--quiet", "main")
            kind = "push" if run == 0 else DICE.choice(["push", "push", "push", "pull request", "merge queue", "fork"])
            before = scratch.identities()
            base = scratch.head()
            if kind != "push":
                scratch.git("switch", "--quiet", "--force-create", "topic")
            for _ in range(DICE.choice([1, 1, 2])):
                scratch.change()
            after = scratch.identities()
            plan = scratch.planned(kind == "push", "" if kind == "push" else base)
            if kind == "push":
                must = {image for image, identity in after.items() if (image, identity) not in pushed}
            else:
                must = {image for image, identity in after.items() if before[image] != identity}
            missed = must - set(plan)
            if missed:
                sys.exit(f"run {run}, {kind}: {sorted(missed)} must be built, but only {sorted(plan)} are planned")
            outcome = DICE.choice(["succeeds", "succeeds", "fails", "is superseded"]) if kind == "push" else "succeeds"
            done = {"succeeds": len(plan), "fails": DICE.randrange(len(plan) + 1), "is superseded": 0}[outcome]
            for image in list(plan)[:done]:
                built += 1
                needless += image not in must
                if kind == "push":
                    push(image, plan[image])
                    pushed.add((image, after[image]))
            if kind != "push" and DICE.random() < 0.5:
                # The branch is merged: what it changed reaches the branch by a push of its own, sometimes with a commit in between.
                scratch.git("switch", "--quiet", "main")
                scratch.git("merge", "--quiet", "--no-ff", "--message", "merge", "topic")
    print(f"{RUNS} runs: {built} images built, {needless} of them without need")
    if needless * 10 > built:
        sys.exit("more than a tenth of the images were built without need")


main()
