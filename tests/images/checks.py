#!/usr/bin/env python3
"""BuildKit's own checks (`docker build --check`), experimental ones included, of all Dockerfiles below a folder. Nothing is built.

usage: checks.py FOLDER     as root; prints a line for each finding that REASONS does not have, and fails where there is one

The Docker Engine of a newer Debian release does it: the one that builds knows no checks yet. Images that Dockerfiles name are all one empty image
there, so that no registry is asked.
"""

import concurrent.futures
import hashlib
import io
import json
import pathlib
import re
import sys
import tarfile
import tempfile

import debian
import engine

SUITE = "forky"
EMPTY = "empty:1"
# What is found in generated Dockerfiles and stays: the rule, what it says, and the reason.
REASONS = [
    ("InvalidDefinitionDescription", "^Comment for ", "the comment above the first instruction names the sources of the file; it describes no argument and no stage"),
    ("UndefinedVar", r"'\$PYTHONPATH'$", "a declared `{env.PYTHONPATH}` is the value of the image below, which is an empty one here"),
]
NAMED = re.compile(r"^FROM (?:--\S+ )?(\S+)(?: AS (\S+))?|--from=(\S+)|[,=]from=([^,\s]+)", re.MULTILINE)
PINNED = re.compile(r"@sha256:[0-9a-f]{64}")


class Checks(engine.Engine):
    """An engine that knows checks and one image."""

    def packages(self) -> pathlib.Path:
        return debian.unpack(engine.ENGINE_PACKAGES, SUITE)

    def load_empty(self) -> None:
        """An image without a file."""
        archive = self.run_folder / "empty.tar"
        with tarfile.open(archive, "w"):
            pass
        self.load(EMPTY, archive)

    def know(self, text: str) -> None:
        """Makes the images that a Dockerfile names known."""
        defaults = dict(re.findall(r'^ARG (\w+)="?([^"\n]*)"?$', text, re.MULTILINE))
        stages, images = set(), set()
        for base, stage, copied, mounted in NAMED.findall(text):
            named = base or copied or mounted
            if named not in stages and named != "scratch":
                images.add(re.sub(r"\$\{?(\w+)\}?", lambda found: defaults.get(found[1], ""), named))
            stages.add(stage or named)
        for image in images:
            self.docker("tag", EMPTY, image)

    def findings(self, dockerfile: pathlib.Path, text: str) -> list[dict]:
        """What the checks find in one Dockerfile."""
        arguments = ["build", "--call", "check,format=json", "--build-arg", "BUILDKIT_DOCKERFILE_CHECK=experimental=all", "--file", str(dockerfile), str(dockerfile.parent)]
        told = self.call(*arguments)
        try:
            answer = json.load(io.StringIO(told.stdout))
        except json.JSONDecodeError as error:
            raise engine.Failed(f"{dockerfile}: no checks were made\n{engine.tail(told.stdout + told.stderr)}") from error
        if "buildError" in answer:
            raise engine.Failed(f"{dockerfile}: {answer['buildError']}\n{text}")
        return answer.get("warnings") or []


def has_reason(rule: str, detail: str) -> bool:
    """Whether a finding is one of those that stay."""
    return any(rule == name and re.search(said, detail) for name, said, _ in REASONS)


def found_below(checks: Checks, folder: pathlib.Path, copies: pathlib.Path) -> list[str]:
    """A line for each finding without a reason. Equal texts are looked at once."""
    texts = {}
    for path in sorted(folder.rglob("Dockerfile")):
        texts.setdefault(PINNED.sub("", path.read_text()), path)

    def one(entry: tuple[str, pathlib.Path]) -> list[str]:
        text, path = entry
        copy = copies / hashlib.sha256(text.encode()).hexdigest() / "Dockerfile"
        copy.parent.mkdir()
        copy.write_text(text)
        ignore = path.with_name("Dockerfile.dockerignore")
        if ignore.exists():
            copy.with_name(ignore.name).write_bytes(ignore.read_bytes())
        found = [(each["ruleName"], each["detail"]) for each in checks.findings(copy, text)]
        return [f"{path}: {rule}: {detail}" for rule, detail in found if not has_reason(rule, detail)]

    for text in texts:
        checks.know(text)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        lines = [line for lines in pool.map(one, texts.items()) for line in lines]
    print(f"{len(texts)} Dockerfiles were checked")
    return lines


def main() -> int:
    engine.stop_on_signals()
    with tempfile.TemporaryDirectory(prefix="dockwright-checks-") as temporary, Checks(pathlib.Path(temporary) / "engine") as checks:
        checks.load_empty()
        copies = pathlib.Path(temporary) / "copies"
        copies.mkdir()
        found = found_below(checks, pathlib.Path(sys.argv[1]).absolute(), copies)
    print(*found, sep="\n", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
