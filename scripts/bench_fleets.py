"""The measured fleets: one declaration, built by the seed templates and by dockwright's, with the same pinned packages, and the edits of the scenarios.

The base fleet is `tests/images/fleet.py`; here its requirements are replaced by `tests/images/pins.json`.
"""

import json
import pathlib
import random
import re
import shutil
import sys

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/images"))

import fleet as test_fleet  # noqa: E402
from seed import render as seed  # noqa: E402

PINS = json.loads((ROOT / "tests/images/pins.json").read_text())
CHANGED = "# one more line\n"
DEPENDENCY = next(pin for pin in PINS["services"]["svc-reason"] if pin.startswith("networkx=="))
NON_ML, ML = "svc-kg", "svc-rag-retriever"
SOURCES = 50_000_000  # bytes beside a service's code: weights, grammars, pictures
UV = "0.13.9"
CERTIFICATES = {"SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt"}  # of the stand-in; uv has its own otherwise
BUMPED, BUMP = next(pin for pin in PINS["sets"]["ml"] if pin.startswith("nltk==")), "nltk==3.10.3"


class Frozen:
    """A fleet in a folder of its own, with pinned packages. Images are named as in services.yaml, bases first."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder

    def append(self, path: str, line: str) -> None:
        """Adds a line to a source file."""
        with open(self.folder / path, "a") as file:
            file.write(line)

    def change_app(self) -> list[str]:
        """(i): the images to build afterwards, as for the other changes."""
        self.append(f"apps/{NON_ML.replace('-', '_')}/main.py", CHANGED)
        return [NON_ML]

    def add_weight(self, size: int) -> None:
        """A file beside the service's code that no compression makes smaller; the same bytes each time."""
        if size:
            (self.folder / f"apps/{NON_ML.replace('-', '_')}/weights.bin").write_bytes(random.Random(size).randbytes(size))

    def change_libs(self) -> list[str]:
        """(ii)"""
        self.append("libs/health.py", CHANGED)
        return [name for name in self.images if not name.startswith("base-")]


class Ours(Frozen):
    """The fleet as `dockwright generate` writes it."""

    def __init__(self, folder: pathlib.Path, program: str, on_base: bool, uv: bool = False) -> None:
        super().__init__(folder)
        self.program = program
        if not folder.exists():
            test_fleet.make(folder, program, PINS["python"], on_base="*" if on_base else None)
            self.declare(freeze)
            if uv:
                self.declare(install_with_uv)
        self.read()

    def declare(self, edit) -> None:
        """Changes the declaration and generates what it stands for."""
        path = self.folder / "services.yaml"
        declared = yaml.safe_load(path.read_text())
        edit(declared)
        path.write_text(yaml.safe_dump(declared, sort_keys=False, width=200))
        test_fleet.Fleet(self.folder, self.program, []).generate()
        self.read()

    def read(self) -> None:
        """Reads the images again: a base's tag follows its version."""
        self.images = {image.name: image for image in test_fleet.images(self.folder, self.program)}

    def tag(self, image: str) -> str:
        """The image's reference."""
        return self.images[image].tag

    def dockerfile(self, image: str) -> pathlib.Path:
        """Where its Dockerfile is."""
        return self.folder / self.images[image].dockerfile

    def python_reference(self) -> str:
        """The external image as Dockerfiles name it."""
        return self.images["base-runtime"].base

    def add_dependency(self, service: str) -> list[str]:
        """(iii)"""
        self.declare(lambda declared: declared["services"][service].setdefault("pip", []).append(DEPENDENCY))
        return [service]

    def bump_base_ml(self) -> list[str]:
        """(iv): another release of a package, and the next version of the base. Returns base-ml and what stands on it."""
        def edit(declared: dict) -> None:
            declared["requirements"]["ml"] = [BUMP if pin == BUMPED else pin for pin in declared["requirements"]["ml"]]
            declared["bases"]["base-ml"] = {"version": "v1.0.2", "from": "base-runtime", "requirements": ["ml"]}
        self.declare(edit)
        return ["base-ml", *(name for name, image in self.images.items() if image.base == "base-ml")]


def freeze(declared: dict) -> None:
    """Pinned packages in place of the declared ones. A rule that speaks of repetition has nothing to say about pins, so policy is left out."""
    declared["requirements"] = {name: PINS["sets"][name] for name in declared["requirements"] if name != "dev"}
    for name, service in declared["services"].items():
        service["pip"] = list(PINS["services"][name])
    declared.pop("policy", None)
    declared.pop("outputs", None)


def install_with_uv(declared: dict) -> None:
    """uv in place of pip, for every image."""
    declared["installer"], declared["tools"] = "uv", {"uv": UV}
    for part in (*declared["bases"].values(), *declared["kinds"].values()):
        part["args"] = CERTIFICATES
        if "fingerprint" in part:
            del part["fingerprint"]


class Seed(Frozen):
    """The same fleet by the seed templates. `model` is where services, packages and sources come from."""

    def __init__(self, folder: pathlib.Path, model: Ours) -> None:
        super().__init__(folder)
        self.declared = yaml.safe_load((model.folder / "services.yaml").read_text())
        self.python = f"python:{PINS['python']}-slim"
        self.versions = {"base-runtime": "v1.0.1", "base-ml": "v1.0.1"}
        self.images = dict.fromkeys(model.images)
        self.extra: dict[str, list[str]] = {}
        self.ml = PINS["sets"]["ml"]
        for part in ("libs", "apps"):
            shutil.copytree(model.folder / part, folder / part, dirs_exist_ok=True)
        self.write()

    def services(self) -> list[seed.Service]:
        """The services as the seed templates need them: what the slim ones have from sets of their own is theirs."""
        found = []
        for name, service in self.declared["services"].items():
            sets = [each for each in service.get("requirements", []) if each != "base"]
            pip = [pin for each in sets for pin in PINS["sets"][each]] + service["pip"] + self.extra.get(name, [])
            found.append(seed.Service(name, name.replace("-", "_"), service["kind"] == "ml", service.get("apt", []), pip, service["port"]))
        return found

    def write(self) -> None:
        """Writes Dockerfiles and requirement files."""
        before = sorted({pin for pins in PINS["sets"].values() for pin in pins})
        seed.write(self.folder, self.services(), {"base": PINS["sets"]["base"], "ml": self.ml, "before": before}, self.python)
        for path in (self.folder / "docker").iterdir():
            text = path.read_text().replace("gitea.harkon.co.uk", "registry.invalid")
            path.write_text(re.sub(r"ARG BASE_VERSION=\S+", f"ARG BASE_VERSION={self.below(path.name)}", text))

    def below(self, file: str) -> str:
        """The version of the base that a Dockerfile is on."""
        return self.versions["base-runtime" if file.startswith("base-ml.") else "base-ml"]

    def tag(self, image: str) -> str:
        """The image's reference."""
        return f"registry.invalid/harkon/{image}:{self.versions.get(image, 'test')}"

    def dockerfile(self, image: str) -> pathlib.Path:
        """Where its Dockerfile is."""
        return self.folder / "docker" / f"{image}.Dockerfile"

    def add_dependency(self, service: str) -> list[str]:
        """(iii)"""
        self.extra[service] = [DEPENDENCY]
        self.write()
        return [service]

    def bump_base_ml(self) -> list[str]:
        """(iv)"""
        self.ml = [BUMP if pin == BUMPED else pin for pin in self.ml]
        self.versions["base-ml"] = "v1.0.2"
        self.write()
        return ["base-ml", *(service.name for service in self.services() if service.ml)]
