#!/usr/bin/env python3
"""Runs the steps of action.yml as a runner would, over a clean fleet, drift, a pull request of this repository, and one of a fork: action.py DOCKWRIGHT"""

import hashlib
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tempfile

import yaml

PROGRAM = pathlib.Path(sys.argv[1]).resolve()
ACTION = yaml.safe_load((pathlib.Path(__file__).resolve().parent.parent.parent / "action.yml").read_text())
STEPS = {step["name"]: step for step in ACTION["runs"]["steps"]}
DECLARATION = 'registry: r.example\nowner: a\npython: "3.12"\nservices: { svc-a: { template: multi-stage-slim, port: 8000 } }\n'


class Job:
    def __init__(self, folder, **inputs):
        self.root, self.runner = folder / "repository", folder / "runner"
        self.runner.mkdir(exist_ok=True)
        self.inputs = {name: declared.get("default", "") for name, declared in ACTION["inputs"].items()} | inputs
        self.path = [str(folder / "programs"), os.environ["PATH"]]
        self.outputs = {}

    def value(self, text, context):
        """An expression of the few forms that the action has."""
        def one(found):
            words = found[1].strip()
            if words.startswith("inputs."):
                return self.inputs[words.removeprefix("inputs.")]
            return context.get(words, "")
        return re.sub(r"\$\{\{(.*?)\}\}", one, text)

    def step(self, name, context=None, status=0):
        context = (context or {}) | {f"steps.check.outputs.{key}": value for key, value in self.outputs.items()}
        step = STEPS[name]
        files = {key: self.runner / key.lower() for key in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY")}
        for path in files.values():
            path.write_text("")
        environment = os.environ | {"PATH": ":".join(self.path), "RUNNER_TEMP": str(self.runner), "GIT_CONFIG_GLOBAL": "/dev/null"}
        environment |= {key: str(path) for key, path in files.items()}
        environment |= {key: self.value(str(text), context) for key, text in step.get("env", {}).items()}
        ended = subprocess.run(["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", self.value(step["run"], context)], cwd=self.root,
                               env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        assert ended.returncode == status, (name, ended.returncode, ended.stdout)
        if step.get("id") == "check":
            self.outputs = dict(line.split("=", 1) for line in files["GITHUB_OUTPUT"].read_text().splitlines())
        self.summary = files["GITHUB_STEP_SUMMARY"].read_text()
        return ended.stdout


def git(folder, *words):
    command = ["git", "-c", "user.name=x", "-c", "user.email=x@localhost", *words]
    return subprocess.run(command, cwd=folder, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def scratch(folder):
    """A remote with a branch of a pull request that changed services.yaml alone, checked out; and an archive of a release."""
    root = folder / "repository"
    root.mkdir()
    git(folder, "init", "--quiet", "--bare", "remote.git")
    git(root, "init", "--quiet", "--initial-branch", "main")
    (root / "services.yaml").write_text(DECLARATION)
    subprocess.run([PROGRAM, "generate"], cwd=root, check=True, stdout=subprocess.DEVNULL)
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "x")
    git(root, "switch", "--quiet", "--create", "topic")
    (root / "services.yaml").write_text(DECLARATION.replace("8000", "8001"))
    git(root, "commit", "--quiet", "--all", "--message", "port")
    git(root, "push", "--quiet", str(folder / "remote.git"), "main", "topic")
    archive = folder / "dockwright.tar.gz"
    with tarfile.open(archive, "w:gz") as tar:
        tar.add(PROGRAM, "dockwright-1.2.3-x/dockwright")
    programs = folder / "programs"
    programs.mkdir()
    # In place of the network.
    curl = programs / "curl"
    curl.write_text(f'#!/bin/sh\nwhile [ "$1" != --output ]; do shift; done\necho "$3" > {folder}/asked\ncp {archive} "$2"\n')
    curl.chmod(0o755)
    return archive


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        archive = scratch(folder)
        digest = hashlib.sha256(archive.read_bytes()).hexdigest()
        context = {"github.event_name": "pull_request", "github.server_url": "https://git.example", "github.action_repository": "a/b"}

        for inputs, told in [({"sha256": digest}, "give a version"), ({"version": "1.2.3", "sha256": "0" * 64}, "another SHA-256"),
                             ({"version": "1.2.3", "sha256": "x"}, "64 hexadecimal digits"), ({"version": "../x", "sha256": digest}, "give a version")]:
            assert told in Job(folder, **inputs).step("install dockwright", context, status=2)
        target = Job(folder, version="1.2.3", sha256=digest)
        assert "not on pull_request_target" in target.step("install dockwright", context | {"github.event_name": "pull_request_target"}, status=2)

        job = Job(folder, version="1.2.3", sha256=digest.upper(), args="--hints")
        job.step("install dockwright", context)
        assert re.fullmatch(r"https://git\.example/a/b/releases/download/v1\.2\.3/dockwright-\S+\.tar\.gz\n", (folder / "asked").read_text())
        job.step("check", context)
        assert job.outputs == {"status": "1", "clean": "false", "patch": "true"}, job.outputs
        assert "**out of date**" in job.summary, job.summary
        job.step("result", context, status=1)

        # A fork gets the patch, and it makes the check pass.
        git(job.root, "apply", "--index", str(job.runner / "dockwright.patch"))
        job.step("check", context)
        assert job.outputs == {"status": "0", "clean": "true", "patch": "false"}, job.outputs
        job.step("result", context)
        git(job.root, "reset", "--quiet", "--hard")

        # A branch of the repository itself gets a commit, from a checkout of the merge.
        head = git(job.root, "rev-parse", "topic")
        git(job.root, "switch", "--quiet", "--detach", "main")
        git(job.root, "merge", "--quiet", "--no-ff", "--message", "merge", "topic")
        pull = {"github.event.pull_request.head.sha": head, "github.event.pull_request.head.ref": "topic"}
        STEPS["commit what generate writes"]["env"]["REMOTE"] = str(folder / "remote.git")
        job.step("commit what generate writes", context | pull)
        git(job.root, "fetch", "--quiet", str(folder / "remote.git"), "topic")
        assert git(job.root, "rev-parse", "FETCH_HEAD^") == head
        git(job.root, "switch", "--quiet", "--detach", "FETCH_HEAD")
        job.step("check", context)
        assert job.outputs["clean"] == "true", job.outputs
    print("every step did what it says")


main()
