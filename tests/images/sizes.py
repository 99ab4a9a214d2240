"""Whether `dockwright sizes` counts what the engine, skopeo and a plain count of files do.

    python3 tests/images/sizes.py                    # the images that an earlier `images.py` left in target/ci
    python3 tests/images/sizes.py --grow svc-kg      # what `--compare` says once pandas is added to a service
    proof = sizes.prove(builder, made)               # in a run of images.py: raises `engine.Failed` where a number differs

Compared for every image that is there: its size with `docker image inspect`, each layer with `docker image history`, and, of an OCI layout that
skopeo copies, the layers with `skopeo inspect --raw`. Waste is counted once more in Python, by unpacking nothing and sharing no code.
"""

import argparse
import collections
import hashlib
import io
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile

import debian
import engine
import fleet
import stand_in

KINDS = ["overwritten", "deleted", "cache", "bytecode", "tests", "static-library", "duplicate"]
CACHES = ("var/cache/", "var/lib/apt/lists/", "var/tmp/", "tmp/", "root/.cache/")


def measured(made: fleet.Fleet, archive: pathlib.Path) -> dict:
    """What the program says of an archive, by image."""
    command = [made.program, "sizes", str(archive), "--file", str(made.folder / "services.yaml"), "--format", "json"]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise engine.Failed(f"    {' '.join(command)}: status {result.returncode}\n{engine.tail(result.stderr)}")
    return json.loads(result.stdout)


class Layer:
    """The entries of a layer: path to (kind, size, digest or target)."""

    def __init__(self, archive: tarfile.TarFile) -> None:
        self.entries: dict[str, tuple[str, int, str]] = {}
        self.deleted: list[str] = []
        self.opaque: list[str] = []
        for member in archive:
            path = "/".join(name for name in member.name.split("/") if name not in ("", "."))
            folder, _, name = path.rpartition("/")
            if name == ".wh..wh..opq":
                self.opaque.append(folder)
            elif name.startswith(".wh."):
                self.deleted.append((folder + "/" if folder else "") + name[4:])
            elif member.isfile():
                content = archive.extractfile(member).read()
                self.entries[path] = ("file", len(content), hashlib.sha256(content).hexdigest())
            elif member.islnk():
                self.entries[path] = ("link", 0, member.linkname.strip("/"))
            elif member.issym():
                self.entries[path] = ("symlink", len(member.linkname.encode()), member.linkname)
            elif member.isdir():
                self.entries[path] = ("folder", 0, "")
            else:
                self.entries[path] = ("other", 0, "")

    def file_of(self, path: str) -> str | None:
        """The path of the file that an entry is, or is another name of."""
        for _ in range(5):
            kind, _, target = self.entries.get(path, ("", 0, ""))
            if kind == "file":
                return path
            if kind != "link":
                return None
            path = target
        return None

    def files(self) -> int:
        return sum(size for kind, size, _ in self.entries.values() if kind == "file")

    def links(self) -> int:
        return sum(size for kind, size, _ in self.entries.values() if kind == "symlink")


def waste(layers: list[Layer]) -> dict[str, tuple[int, int]]:
    """Bytes and files by kind, counted the slow way: a dictionary of paths, gone through for every deletion."""
    seen: dict[str, tuple[int, str]] = {}
    fate: dict[tuple[int, str], str] = {}

    def drop(path: str, why: str) -> None:
        layer, _ = seen.pop(path)
        if (file := layers[layer].file_of(path)) is not None:
            fate.setdefault((layer, file), why)

    for number, layer in enumerate(layers):
        # Paths in folders are looked up by their folders, so that this stays quick enough.
        below = collections.defaultdict(list)
        for path in seen:
            parts = path.split("/")
            for end in range(1, len(parts)):
                below["/".join(parts[:end])].append(path)
        gone = set()
        for path in layer.deleted:
            gone.update([path] if path in seen else [])
            gone.update(below[path])
        for folder in layer.opaque:
            gone.update(below[folder] if folder else seen)
        for path in gone:
            drop(path, "deleted")
        for path, (kind, _, _) in layer.entries.items():
            if kind != "folder":
                for inner in below[path]:
                    if inner in seen and seen[inner][0] < number:
                        drop(inner, "deleted")
            if path in seen:
                drop(path, "overwritten")
            seen[path] = (number, kind)
    visible: dict[tuple[int, str], str] = {}
    for path in sorted(seen, key=lambda path: path.encode("utf-8", "surrogateescape")):
        layer, _ = seen[path]
        if (file := layers[layer].file_of(path)) is not None:
            visible.setdefault((layer, file), path)
    found: dict[str, list[int]] = {kind: [0, 0] for kind in KINDS}

    def count(kind: str, size: int) -> None:
        if size:
            found[kind][0] += size
            found[kind][1] += 1

    for (layer, file), why in fate.items():
        if (layer, file) not in visible:
            count(why, layers[layer].entries[file][1])
    modules, rest = set(), []
    for (layer, file), path in visible.items():
        _, size, digest = layers[layer].entries[file]
        spare = False
        if "/__pycache__/" in path and path.endswith(".pyc") and "/" not in path.rpartition("/__pycache__/")[2]:
            folder, _, name = path.rpartition("/")
            module = folder + "/" + name.split(".")[0]
            spare = module in modules
            modules.add(module)
        kind = place(path, spare)
        if kind:
            count(kind, size)
        else:
            rest.append((layer, path, size, digest))
    first: dict[tuple[str, int], int] = {}
    for layer, _, size, digest in sorted(rest, key=lambda one: one[0]):
        if first.setdefault((digest, size), layer) < layer:
            count("duplicate", size)
    return {kind: (size, files) for kind, (size, files) in found.items() if files}


def place(path: str, spare: bool) -> str | None:
    if path.startswith(CACHES) or (path.startswith("home/") and path.split("/", 2)[-1].startswith(".cache/") and path.count("/") > 2):
        return "cache"
    if spare:
        return "bytecode"
    names = path.split("/")
    inside = next((at for at, name in enumerate(names) if name in ("site-packages", "dist-packages") or name.startswith("python3.")), None)
    if inside is not None and {"test", "tests"} & {*names[inside + 1:-1]}:
        return "tests"
    return "static-library" if path.endswith(".a") else None


def read_layers(saved: pathlib.Path) -> dict[str, Layer]:
    """By diff ID, the layers of what `docker save` wrote."""
    layers: dict[str, Layer] = {}
    with tarfile.open(saved) as archive:
        for entry in json.load(archive.extractfile("manifest.json")):
            config = json.load(archive.extractfile(entry["Config"]))
            for name, diff_id in zip(entry["Layers"], config["rootfs"]["diff_ids"]):
                if diff_id not in layers:
                    layers[diff_id] = Layer(tarfile.open(fileobj=io.BufferedReader(archive.extractfile(name), 1 << 20)))
    return layers


def number(text: str) -> int:
    return int(text.removesuffix("B"))


def prove(builder: engine.Engine, made: fleet.Fleet, images: list[fleet.Image], folder: pathlib.Path) -> str:
    """Compares the numbers of all images; what was compared, in a line."""
    saved = folder / "images.tar"
    builder.docker("save", "--output", str(saved), *(image.tag for image in images))
    told = measured(made, saved)
    layers = read_layers(saved)
    wrong: list[str] = []

    def same(what: str, found, expected) -> None:
        if found != expected:
            wrong.append(f"    {what}: {found}, expected {expected}")

    for image in images:
        sizes = next(one for one in told["images"] if one["name"] == image.name)
        own = [layers[layer["diff_id"]] for layer in sizes["layers"]]
        same(f"layers of {image.name}", [layer["diff_id"] for layer in sizes["layers"]], builder.layers(image.tag))
        # BuildKit adds up the files in a layer's archive. The lowest layer was imported: of that one overlay2 adds up what stat tells of
        # everything that is no folder, the lengths of symbolic links too.
        links = own[0].links()
        same(f"size of {image.name}", sizes["bytes"] + links, builder.size(image.tag))
        history = builder.docker("image", "history", "--human=false", "--no-trunc", "--format", "{{.Size}}\t{{.CreatedBy}}", image.tag).splitlines()
        steps = [line.split("\t", 1) for line in reversed(history)]
        listed = [number(size) for size, step in steps if number(size)]
        same(f"history of {image.name}", [size for at, layer in enumerate(sizes["layers"]) if (size := layer["bytes"] + (0 if at else links))], listed)
        found = {one["kind"]: (one["bytes"], one["files"]) for one in sizes["waste"]}
        same(f"waste of {image.name}", found, waste(own))
        same(f"steps without a cause in {image.name}", [layer["created_by"][:60] for layer in sizes["layers"][1:] if not layer["step"]], [])
    same("bytes stored once", told["total"]["stored_once"], sum(layers[diff_id].files() for diff_id in layers))
    if shutil.which("skopeo"):
        smallest = min(images, key=lambda image: builder.size(image.tag))
        layout = folder / "layout"
        subprocess.run(["skopeo", "copy", "--quiet", f"docker-archive:{saved}:{smallest.tag}", f"oci:{layout}:{smallest.tag}"], check=True)
        raw = subprocess.run(["skopeo", "inspect", "--raw", f"oci:{layout}:{smallest.tag}"], check=True, capture_output=True).stdout
        copied = measured(made, layout)["images"][0]
        same("compressed layers", [layer["compressed"] for layer in copied["layers"]], [layer["size"] for layer in json.loads(raw)["layers"]])
        same("bytes of the copy", copied["bytes"], next(one for one in told["images"] if one["name"] == smallest.name)["bytes"])
    if wrong:
        raise engine.Failed("\n".join(wrong[:40]))
    return f"sizes of {len(images)} images, {len(layers)} layers and their waste are those of docker, skopeo and a count of files"


def grow(builder: engine.Engine, made: fleet.Fleet, image: fleet.Image, folder: pathlib.Path) -> str:
    """Adds pandas to a service, builds it, and returns what a comparison says of it; it must name the package and its line."""
    saved, before, file = folder / "grown.tar", folder / "before.json", made.folder / "services.yaml"
    builder.docker("save", "--output", str(saved), image.tag)
    before.write_text(json.dumps(measured(made, saved)))
    text = file.read_text()
    head = f"  {image.name}:\n"
    at = text.index(head) + len(head)
    entry = re.compile(r"^    pip: \[", re.MULTILINE).search(text, at)
    end = re.compile(r"^  \S", re.MULTILINE).search(text, at)
    if entry and (not end or entry.start() < end.start()):
        text, line = text[:entry.end()] + "pandas, " + text[entry.end():], text[:entry.end()].count("\n") + 1
    else:
        text, line = text[:at] + "    pip: [pandas]\n" + text[at:], text[:at].count("\n") + 1
    file.write_text(text)
    made.generate()
    tag = f"{image.tag}-grown"
    builder.build(made.folder, made.folder / image.dockerfile, tag)
    builder.docker("save", "--output", str(saved), tag)
    command = [made.program, "sizes", str(saved), "--file", str(file), "--compare", str(before)]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    for wanted in ("pandas", f"services.yaml:{line}:"):
        if wanted not in told:
            raise engine.Failed(f"    {wanted!r} is not in what the comparison says:\n{told}")
    return told


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=str(debian.ROOT / "target/release/dockwright"))
    parser.add_argument("--on-base", default="svc-coverage")
    parser.add_argument("--only", help="these images, comma between them")
    parser.add_argument("--keep", type=pathlib.Path, help="leave the archive and sizes.json in this folder")
    parser.add_argument("--grow", metavar="SERVICE", help="add pandas to this service and print what the comparison says")
    arguments = parser.parse_args()
    engine.stop_on_signals()
    image_name, _ = stand_in.make()
    python = image_name.removeprefix("python:").removesuffix("-slim")
    with tempfile.TemporaryDirectory(prefix="dockwright-sizes-") as temporary, engine.Engine(stand_in.FOLDER / "docker") as builder:
        made = fleet.make(pathlib.Path(temporary) / "fleet", str(pathlib.Path(arguments.program).resolve()), python, on_base=arguments.on_base)
        there = {*builder.docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").split()}
        images = [image for image in made.images if image.tag in there and (not arguments.only or image.name in arguments.only.split(","))]
        folder = arguments.keep or pathlib.Path(temporary)
        if arguments.grow:
            print(grow(builder, made, made.image(arguments.grow), folder))
            return 0
        print(prove(builder, made, images, folder))
        if arguments.keep:
            (folder / "sizes.json").write_text(json.dumps(measured(made, folder / "images.tar"), indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
