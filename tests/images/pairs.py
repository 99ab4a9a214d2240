"""Whether the judge is right: originals that a person could have written, beside the images that `adopt` makes of them, both built.

    failed = pairs.run(engine, folder, program, "python:3.13-slim", third=None)     # None: all of them

`dockwright diff` says how the two Dockerfiles differ, from their text alone. What `docker inspect`, the files below the workdir with their digests,
the installed distributions and Debian's packages say of the built images has to be just that: each difference is named, and nothing else is.
"""

import hashlib
import json
import pathlib
import re
import shutil
import subprocess
import tarfile
import time

import debian
import engine

FIXTURES = debian.ROOT / "tests/fixtures/adopt"
THIRDS = (
    ("apt", "data-folder", "env", "entrypoint", "ports"),
    ("group", "volume", "stop-signal", "two-stages", "library"),
    ("user", "wheels", "labels", "flat-shell", "curl-probe"),
)
DISTRIBUTIONS = ("import importlib.metadata as m; "
                 "print(*sorted({re.sub(r'[-_.]+', '-', d.metadata['Name']).lower() + ' ' + d.version for d in m.distributions()}), sep='\\n')")
# Where programs are looked for follows from where packages are installed.
PATH = "PATH"


class Image:
    """A built image and what it holds."""

    def __init__(self, builder: engine.Engine, tag: str, folder: pathlib.Path) -> None:
        self.builder, self.tag, self.folder = builder, tag, folder
        self.config = builder.config(tag)
        self.workdir = self.config.get("WorkingDir") or "/"

    def environment(self) -> dict[str, str]:
        pairs = (entry.split("=", 1) for entry in self.config.get("Env") or [])
        return {name: value for name, value in pairs if name != PATH}

    def files(self) -> dict[str, str]:
        """Digests of the files below the workdir. What Python wrote while it was built is nobody's file."""
        container = self.builder.docker("create", f"--label={engine.LABELLED}", self.tag, "true").strip()
        archive = self.folder / "export.tar"
        self.builder.docker("export", "--output", str(archive), container)
        self.builder.docker("rm", "--force", container)
        found = {}
        with tarfile.open(archive) as members:
            for member in members:
                path = "/" + member.name
                if member.isfile() and path.startswith(self.workdir.rstrip("/") + "/") and "/__pycache__/" not in path:
                    found[path] = hashlib.sha256(members.extractfile(member).read()).hexdigest()
        archive.unlink()
        return found

    def distributions(self) -> set[str]:
        """Names and versions of what Python finds."""
        return {*self.builder.run(self.tag, ["python", "-c", "import re; " + DISTRIBUTIONS]).splitlines()}

    def account(self) -> str:
        """The numbers of the user and the group that the program runs as, whatever USER calls them."""
        asked = ("run", "--rm", "--network=none", f"--label={engine.LABELLED}", "--entrypoint")
        return " ".join(self.builder.docker(*asked, "id", self.tag, option).strip() for option in ("-u", "-g"))

    def packages(self) -> set[str]:
        return {*self.builder.run(self.tag, ["dpkg-query", "--show", "--showformat", "${Package}\\n"]).splitlines()}


def differing(before: dict, after: dict) -> set[str]:
    return {key for key in before.keys() | after.keys() if before.get(key) != after.get(key)}


class Said:
    """What `dockwright diff` says, by aspect."""

    def __init__(self, report: dict) -> None:
        self.likeness = report["likeness"]
        self.texts: dict[str, list[str]] = {}
        for difference in report["differences"]:
            self.texts.setdefault(difference["aspect"], []).append(difference["text"])

    def names(self, aspect: str, pattern: str) -> set[str]:
        """What the texts of an aspect name."""
        return {name for text in self.texts.get(aspect, []) for name in re.findall(pattern, text)}

    def has(self, aspect: str) -> bool:
        return aspect in self.texts


class Pair:
    """An original and its adopted image, built, and what is said of them."""

    def __init__(self, before: Image, after: Image, said: Said, bare: Image) -> None:
        self.before, self.after, self.said, self.bare = before, after, said, bare

    def disagreements(self) -> list[str]:
        """Where images and judge differ."""
        found = []
        for aspect, seen, told in (*self.sets(), *self.aspects()):
            if seen != told:
                found.append(f"    {aspect}: the images have {seen or 'no difference'}, and the judge says {told or 'none'}")
        return found

    def sets(self):
        """Differences with names: those seen, and those told."""
        before, after, said = self.before, self.after, self.said
        yield "env", differing(before.environment(), after.environment()), said.names("env", r"ENV (\w+)")
        below = before.workdir.rstrip("/") + "/"
        told = {path for path in said.names("files", r"(/[^\s,]+)") if path.startswith(below)}
        yield "files", differing(before.files(), after.files()), told
        labels = differing(before.config.get("Labels") or {}, after.config.get("Labels") or {})
        yield "labels", labels, said.names("labels", r"label (\S+)")

    def aspects(self):
        """Whether there is a difference at all: seen, and told."""
        before, after, said = self.before, self.after, self.said
        yield "user", before.account() != after.account(), said.has("user")
        yield "interface", any(self.differs(key) for key in ("ExposedPorts", "Volumes", "StopSignal")), said.has("interface")
        yield "health", self.differs("Healthcheck"), said.has("health")
        started = [[*(config.get("Entrypoint") or []), *(config.get("Cmd") or [])] for config in (before.config, after.config)]
        yield "command", started[0] != started[1] or self.differs("WorkingDir"), said.has("command")
        # A virtual environment does not see what the image below has for itself.
        own = self.bare.distributions()
        yield "python", before.distributions() - own != after.distributions() - own, said.has("python")
        yield "packages", before.packages() != after.packages(), said.has("packages")

    def differs(self, key: str) -> bool:
        """Whether a value of the configuration differs; an empty one is none."""
        values = [config.get(key) or None for config in (self.before.config, self.after.config)]
        return values[0] != values[1]


class Pairs:
    """The originals in a folder of their own, adopted there."""

    def __init__(self, builder: engine.Engine, folder: pathlib.Path, program: str, python_image: str) -> None:
        self.builder, self.folder, self.program, self.python_image = builder, folder, program, python_image
        shutil.copytree(FIXTURES, folder)
        names = {name for names in THIRDS for name in names}
        for service in (folder / "services").iterdir():
            if service.name not in names:
                shutil.rmtree(service)
        for dockerfile in folder.glob("services/*/Dockerfile"):
            dockerfile.write_text(dockerfile.read_text().replace("python:3.12-slim", python_image))
        self.dockwright("adopt", "--write", statuses=(0, 1))
        self.dockwright("check")

    def dockwright(self, *arguments: str, statuses: tuple[int, ...] = (0,)) -> str:
        done = subprocess.run([self.program, *arguments], cwd=self.folder, capture_output=True, text=True)
        if done.returncode not in statuses:
            raise engine.Failed(f"dockwright {' '.join(arguments)}: status {done.returncode}\n{engine.tail(done.stdout + done.stderr)}")
        return done.stdout

    def built(self, side: dict, tag: str) -> Image:
        self.builder.build(self.folder / side["context"], self.folder / side["path"], tag)
        return Image(self.builder, tag, self.folder)

    def pair(self, name: str) -> Pair:
        report = json.loads(self.dockwright("diff", f"services/{name}/Dockerfile", f"generated/{name}/Dockerfile", "--format", "json", statuses=(0, 1)))
        before, after = (self.built(report[side], f"pairs/{name}:{side}") for side in ("before", "after"))
        return Pair(before, after, Said(report), Image(self.builder, self.python_image, self.folder))


def run(builder: engine.Engine, folder: pathlib.Path, program: str, python_image: str, third: int | None) -> list[str]:
    """Builds the pairs, or a third of them; the names of those where images and judge disagree."""
    pairs, failed = Pairs(builder, folder, program, python_image), []
    for name in [name for at, names in enumerate(THIRDS) if third in (None, at) for name in names]:
        started = time.monotonic()
        try:
            pair = pairs.pair(name)
            if wrong := pair.disagreements():
                raise engine.Failed("\n".join(wrong))
            print(f"pair {name:<17} {pair.said.likeness}, as both images say ({time.monotonic() - started:.0f} s)", flush=True)
        except (engine.Failed, subprocess.SubprocessError) as error:
            failed.append(name)
            print(f"pair {name:<17} FAILED\n{error}", flush=True)
    return failed
