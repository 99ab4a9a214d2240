#!/usr/bin/env python3
"""Runs the hooks for real: try.py WHEELS FOLDER.

A scratch repository takes them from a `repo: local` with the wheel, as docs/ci.md shows it, and from the mirror. Both fail on a manual edit and pass once
the printed command was run; a merge with a conflict in generated files is settled as docs/how-to/merge-conflicts.md says.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import textwrap

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WHEELS, FOLDER = (pathlib.Path(word).resolve() for word in sys.argv[1:3])
ENVIRONMENT = os.environ | {
    "PRE_COMMIT_HOME": str(FOLDER / "cache"), "PIP_FIND_LINKS": str(WHEELS), "PIP_NO_INDEX": "1", "GIT_CONFIG_GLOBAL": "/dev/null",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
}
DECLARATION = """\
registry: registry.example.com
owner: acme
python: "3.12"
services:
  svc-a:
    template: multi-stage-slim
    port: 8000
    pip: [fastapi]
    apt: [libpq5]
    healthcheck: none
    env:
      SIDE: none
  svc-b: { template: multi-stage-slim, port: 8001 }
"""
EDITED = "generated/svc-a/Dockerfile"


def run(folder, *words, status=0):
    ended = subprocess.run(words, cwd=folder, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if ended.returncode != status:
        sys.exit(f"{' '.join(map(str, words))}: exit status {ended.returncode}, expected {status}\n{ended.stdout}")
    return ended.stdout


def git(folder, *words, status=0):
    return run(folder, "git", "-c", "user.name=x", "-c", "user.email=x@localhost", *words, status=status)


def repository(name):
    folder = FOLDER / name
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    return folder


def blocks(page, title=None):
    """The fenced blocks of a page of docs, or of what is below a title of it."""
    text = (ROOT / "docs" / page).read_text()
    if title:
        text = text.split(f"\n## {title}\n", 1)[1].split("\n## ", 1)[0]
    return [textwrap.dedent(block) for block in re.findall(r"```\w*\n(.*?)```", text, re.DOTALL)]


def fails_and_passes(folder, hook):
    """A manual edit fails the hook, and the command that it prints makes it pass."""
    text = (folder / EDITED).read_text()
    (folder / EDITED).write_text(text.replace("WORKDIR", "# by hand\nWORKDIR", 1))
    told = run(folder, "pre-commit", "run", hook, "--all-files", status=1)
    command = re.search(r"^ *dockwright (generate --overwrite .*)$", told, re.MULTILINE)
    if "# by hand" not in told or not command:
        sys.exit(f"the hook tells neither the edit nor a command\n{told}")
    print(told)
    run(folder, PROGRAM, *command[1].split())
    print(run(folder, "pre-commit", "run", hook, "--all-files"))


def settled(folder):
    """Both sides of a merge regenerate the same file."""
    def regenerated(branch, old, new):
        git(folder, "switch", "--quiet", "--create", branch, "main")
        text = (folder / "services.yaml").read_text()
        (folder / "services.yaml").write_text(text.replace(old, new))
        run(folder, PROGRAM, "generate")
        git(folder, "commit", "--quiet", "--all", "--message", branch)

    regenerated("left", "port: 8000", "port: 8003")
    regenerated("right", "SIDE: none", "SIDE: right")
    git(folder, "switch", "--quiet", "--create", "both", "left")
    git(folder, "merge", "--no-edit", "right", status=1)
    script, driver, attributes = blocks("how-to/merge-conflicts.md")
    environment = ENVIRONMENT | {"PATH": f"{PROGRAM.parent}:{ENVIRONMENT['PATH']}"}
    subprocess.run(["bash", "-euc", script], cwd=folder, env=environment, check=True)
    run(folder, PROGRAM, "check")
    git(folder, "commit", "--quiet", "--all", "--message", "merge")

    # The same where git takes ours by itself, and the hook does the rest.
    git(folder, "switch", "--quiet", "--create", "by-driver", "left")
    (folder / ".gitattributes").write_text(attributes)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "attributes")
    run(folder, "bash", "-euc", driver)
    git(folder, "merge", "--quiet", "--no-edit", "right")
    run(folder, PROGRAM, "check", status=1)
    run(folder, "pre-commit", "run", "dockwright-generate", "--all-files", status=1)
    run(folder, "pre-commit", "run", "dockwright-generate", "--all-files")
    run(folder, PROGRAM, "check")


def main():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    wheel = next(WHEELS.glob("*.whl"))
    version = wheel.name.split("-")[1]
    # What the mirror's own package is built with comes from the same folder.
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--dest", WHEELS, "setuptools"],
                   check=True)
    folder = repository("fleet")
    (folder / "services.yaml").write_text(DECLARATION)
    run(folder, PROGRAM, "generate")
    local = blocks("ci.md", "pre-commit")[0]
    local = re.sub(r"https://\S+\.whl#sha256=[0-9a-f]*", wheel.as_uri(), local)
    (folder / ".pre-commit-config.yaml").write_text(local)
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "x")
    fails_and_passes(folder, "dockwright-check")

    mirror = repository("mirror")
    run(ROOT, sys.executable, HERE / "mirror.py", version, mirror)
    git(mirror, "add", "--all")
    git(mirror, "commit", "--quiet", "--message", version)
    git(mirror, "tag", f"v{version}")
    for hook in ("dockwright-check", "dockwright-generate"):
        configuration = f"repos:\n  - repo: {mirror}\n    rev: v{version}\n    hooks: [{{ id: {hook} }}]\n"
        (folder / ".pre-commit-config.yaml").write_text(configuration)
        git(folder, "add", "--all")
        fails_and_passes(folder, hook)
    # What is out of date is written by the other hook.
    (folder / "services.yaml").write_text(DECLARATION.replace("8001", "8002"))
    told = run(folder, "pre-commit", "run", "dockwright-generate", "--all-files", status=1)
    if "files were modified by this hook" not in told:
        sys.exit(told)
    run(folder, "pre-commit", "run", "dockwright-generate", "--all-files")
    git(folder, "commit", "--quiet", "--all", "--message", "hooks")
    settled(folder)


PROGRAM = pathlib.Path(os.environ.get("DOCKWRIGHT", ROOT / "target/release/dockwright")).resolve()
main()
