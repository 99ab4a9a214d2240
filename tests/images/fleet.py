"""The test fleet: this repository's services.yaml with the edits listed here, sources for every service, and what dockwright generates.

    fleet = fleet.make(folder, program, "3.13")             # as declared: non-ML services on multi-stage-slim
    fleet = fleet.make(folder, program, "3.13", on_base="*") # every non-ML service on runtime-on-base ("svc-kg": that one)
    for image in fleet.images: image.name, image.base, image.tag, image.dockerfile, image.template
    engine.build(fleet.folder, fleet.folder / image.dockerfile, image.tag)     # in this order: bases first

`folder` is the build context. Services are FastAPI programs with `/healthz` that import every package they declare.
"""

import dataclasses
import json
import pathlib
import re
import subprocess

import debian

# Old text, new text, why. Each old text must stand in services.yaml exactly once.
EDITS = [
    ("registry: gitea.harkon.co.uk\n", "registry: registry.invalid\n", "nothing is pulled from, or pushed to, a registry of somebody's (RFC 6761)"),
    ("    - sentence-transformers\n    - torch\n    - transformers\n", "", "gigabytes of CUDA; --torch keeps them"),
    (", opencv-python-headless, torchvision]", ", opencv-python-headless]", "it brings torch"),
    ("    - rule: gpu-wheels-by-default\n      image: base-ml\n      reason: the index of CPU wheels is a choice of yours, which stands commented out at base-ml\n", "",
     "goes with torch"),
]
TORCH = 1  # EDITS from here on are left away with torch
# Packages whose import name is not the package's name in lower case with underscores.
MODULES = {
    "psycopg2-binary": "psycopg2", "nats-py": "nats", "ulid-py": "ulid", "python-dateutil": "dateutil", "python-multipart": "python_multipart",
    "python-levenshtein": "Levenshtein", "scikit-learn": "sklearn", "pymupdf": "pymupdf", "pillow": "PIL", "opencv-python-headless": "cv2",
    "beautifulsoup4": "bs4", "faiss-cpu": "faiss", "python-docx": "docx", "python-pptx": "pptx", "python-magic": "magic",
    "uvicorn[standard]": "uvicorn",
}
MAIN = '''"""{name}: answers its health check, and imports what it declares."""

import importlib

from fastapi import FastAPI

from libs.health import status

for module in {modules}:
    importlib.import_module(module)

app = FastAPI()


@app.get("/healthz")
def healthz() -> dict[str, str]:
    return status("{name}")
'''
HEALTH = '''"""Shared by all services."""


def status(service: str) -> dict[str, str]:
    return {"service": service, "status": "ok"}
'''


@dataclasses.dataclass(frozen=True)
class Image:
    """One image of the fleet: `base` is another one's name, or an external image's reference."""

    name: str
    kind: str
    template: str
    base: str
    port: int | None
    dockerfile: str
    tag: str

    @property
    def is_base(self) -> bool:
        return self.kind.startswith("base")


@dataclasses.dataclass(frozen=True)
class Fleet:
    """A generated fleet: the folder is the build context, images come bases first."""

    folder: pathlib.Path
    program: str
    images: list[Image]

    def image(self, name: str) -> Image:
        return next(image for image in self.images if image.name == name)

    def requirements(self, image: Image) -> list[str]:
        """What the image and the bases below it install, as declared."""
        below = self.requirements(self.image(image.base)) if any(image.base == other.name for other in self.images) else []
        path = (self.folder / image.dockerfile).with_name("requirements.txt")
        lines = path.read_text().splitlines() if path.exists() else []
        return below + [line for line in lines if line and not line.startswith(("#", "-"))]

    def generate(self) -> None:
        """Writes what services.yaml says by now. A base's changed content needs no new version: nothing here is ever published."""
        bases = re.findall(r"^  (base-[a-z-]+):", (self.folder / "services.yaml").read_text(), re.MULTILINE)
        done = subprocess.run([self.program, "generate", "--amend-base", *bases], cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise debian.Missing(f"dockwright generate failed in {self.folder}:\n{done.stdout}{done.stderr}")


def edit(text: str, old: str, new: str) -> str:
    if text.count(old) != 1:
        raise debian.Missing(f"an edit of tests/images/fleet.py does not fit services.yaml any more: {old!r} stands there {text.count(old)} times")
    return text.replace(old, new)


def declaration(python: str, on_base: str | None, torch: bool, torch_index: str | None) -> str:
    """services.yaml with the edits; `on_base` names the non-ML service that goes onto base-runtime, or `*` for all."""
    text = edit((debian.ROOT / "services.yaml").read_text(), 'python: "3.12"\n', f'python: "{python}"\n')
    for old, new, _ in EDITS[:TORCH] if torch else EDITS:
        text = edit(text, old, new)
    if torch_index:
        text = edit(text, "from: base-runtime, requirements: [ml] }", f'from: base-runtime, requirements: [ml], index_urls: ["{torch_index}"] }}')
    if on_base == "*":
        text = edit(text, "    template: multi-stage-slim\n    requirements: [base]\n", "    template: runtime-on-base\n    base: base-runtime\n")
        text = edit(edit(text, "requirements: [base, rdf]", "requirements: [rdf]"), "requirements: [base, pdf]", "requirements: [pdf]")
    elif on_base:
        text = edit(text, f"  {on_base}:\n    kind: non-ml\n", f"  {on_base}:\n    kind: non-ml\n    template: runtime-on-base\n    base: base-runtime\n    requirements: []\n")
    return text


def images(folder: pathlib.Path, program: str) -> list[Image]:
    listed = json.loads(subprocess.check_output([program, "list", "--format", "json"], cwd=folder))["images"]
    version = {image["name"]: image["kind"].split()[1] for image in listed if image["kind"].startswith("base ")}
    return [
        Image(image["name"], image["kind"], image["template"], image["base"], image["port"], image["path"],
              f"registry.invalid/harkon/{image['name']}:{version.get(image['name'], 'test')}")
        for image in listed
    ]


def module_of(requirement: str) -> str:
    name = requirement.lower()
    return MODULES.get(name, re.split(r"[\[<>=!~;@ ]", name)[0].replace("-", "_"))


def write_sources(fleet: Fleet) -> None:
    (fleet.folder / "libs").mkdir()
    (fleet.folder / "libs/__init__.py").touch()
    (fleet.folder / "libs/health.py").write_text(HEALTH)
    for image in fleet.images:
        if not image.is_base:
            source = fleet.folder / "apps" / image.name.replace("-", "_")
            source.mkdir(parents=True)
            (source / "__init__.py").touch()
            modules = [module_of(requirement) for requirement in fleet.requirements(image)]
            (source / "main.py").write_text(MAIN.format(name=image.name, modules=modules))
    close_to_others(fleet.folder / "libs", fleet.folder / "apps")


def close_to_others(*folders: pathlib.Path) -> None:
    """As a checkout with umask 077 leaves them: an image whose user cannot read its sources then does not start."""
    for folder in folders:
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o700 if path.is_dir() else 0o600)


def make(folder: pathlib.Path, program: str, python: str, *, on_base: str | None = None, torch: bool = False, torch_index: str | None = None) -> Fleet:
    """Writes declaration, sources and generated files into `folder`, which must not exist. `python` is the stand-in's version."""
    folder.mkdir(parents=True)
    (folder / "services.yaml").write_text(declaration(python, on_base, torch, torch_index))
    unlisted = Fleet(folder, program, [])
    unlisted.generate()
    fleet = Fleet(folder, program, images(folder, program))
    write_sources(fleet)
    return fleet
