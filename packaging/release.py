#!/usr/bin/env python3
"""What a release consists of, for the release workflows and for trying it by hand.

    release.py version [TAG]              checks that the repository can be released, prints the version
    release.py notes                      the section of CHANGELOG.md for that version
    release.py archive BINARY TARGET OUT  BINARY with manual pages, completions and licence, as OUT/dockwright-TARGET.tar.gz
    release.py sbom OUT                   what the binary is built from, as CycloneDX
    release.py checksums FOLDER           FOLDER/SHA256SUMS

Archives, SBOM and checksums depend on the sources alone: two runs write equal bytes.
"""

import gzip
import hashlib
import io
import json
import os
import pathlib
import re
import subprocess
import sys
import tarfile
import tomllib
import uuid

ROOT = pathlib.Path(__file__).resolve().parent.parent
PACKAGE = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]
NAME, VERSION = PACKAGE["name"], PACKAGE["version"]


def main():
    command, *arguments = sys.argv[1:] or ["help"]
    commands = {"version": version, "notes": notes, "archive": archive, "sbom": sbom, "checksums": checksums}
    if command not in commands:
        sys.exit(__doc__)
    commands[command](*arguments)


def version(tag=""):
    """A release is refused while something that it says of itself is not true."""
    if tag and tag != f"v{VERSION}":
        sys.exit(f"the tag is {tag}, but Cargo.toml has version {VERSION}; expected the tag v{VERSION}")
    section()
    server, repository = os.environ.get("GITHUB_SERVER_URL"), os.environ.get("GITHUB_REPOSITORY")
    if server and PACKAGE["repository"] != f"{server}/{repository}":
        sys.exit(f"Cargo.toml has the repository {PACKAGE['repository']}; expected {server}/{repository}, in pyproject.toml too")
    print(VERSION)


def notes():
    print(section())


def section():
    """The text below `## VERSION` of the changelog."""
    text = (ROOT / "CHANGELOG.md").read_text()
    found = re.search(rf"^## {re.escape(VERSION)}\b[^\n]*\n(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if not found or not found[1].strip():
        sys.exit(f"CHANGELOG.md has no section `## {VERSION}`; rename `## Unreleased`")
    return found[1].strip()


def archive(binary, target, out):
    folder = f"{NAME}-{VERSION}-{target}"
    members = {NAME: (0o755, pathlib.Path(binary).read_bytes())}
    for name in ("LICENSE", "README.md", "CHANGELOG.md", "SECURITY.md"):
        members[name] = (0o644, (ROOT / name).read_bytes())
    # A binary for another processor cannot print its pages here; one of the same sources can.
    program = os.environ.get("DOCKWRIGHT_PRINTS", binary)
    for name, arguments in printed(program):
        members[name] = (0o644, subprocess.run([program, *arguments], check=True, stdout=subprocess.PIPE).stdout)
    target_path = pathlib.Path(out) / f"{NAME}-{target}.tar.gz"
    target_path.parent.mkdir(parents=True, exist_ok=True)
    target_path.write_bytes(packed(folder, members))
    print(target_path)


def printed(program):
    """Files of an archive that the program itself prints."""
    usage = subprocess.run([program, "--help"], check=True, stdout=subprocess.PIPE, text=True).stdout
    commands = re.findall(r"^  ([a-z]+)  ", usage.split("\nCommands:\n")[1].split("\n\n")[0], re.MULTILINE)
    shells = {"bash": NAME, "zsh": f"_{NAME}", "fish": f"{NAME}.fish"}
    yield "man/man1/dockwright.1", ["man"]
    for command in commands:
        if command != "help":
            yield f"man/man1/dockwright-{command}.1", ["man", command]
    for shell, name in shells.items():
        yield f"completions/{shell}/{name}", ["completions", shell]


def packed(folder, members):
    """A gzipped tar without times, owners or an order of the file system."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, (mode, content) in sorted(members.items()):
            entry = tarfile.TarInfo(f"{folder}/{name}")
            entry.mode, entry.size = mode, len(content)
            tar.addfile(entry, io.BytesIO(content))
    return gzip.compress(plain.getvalue(), compresslevel=9, mtime=0)


def sbom(out):
    locked = tomllib.loads((ROOT / "Cargo.lock").read_text())["package"]
    digests = {(package["name"], package["version"]): package.get("checksum") for package in locked}
    everywhere = built_from(metadata())
    musl = metadata("--features", "mimalloc")
    root, edges = musl["resolve"]["root"], built_from(musl)
    packages = {package["id"]: package for package in musl["packages"]}
    # What the musl binaries alone have is optional.
    components = sorted((component(packages[node], digests) | ({} if node in everywhere else {"scope": "optional"})
                         for node in edges if node != root), key=lambda one: one["bom-ref"])
    dependencies = sorted(({"ref": purl(packages[node]), "dependsOn": [purl(packages[to]) for to in links]}
                           for node, links in edges.items()), key=lambda one: one["ref"])
    document = {
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, purl(packages[root]))}",
        "metadata": {"component": component(packages[root], digests) | {"type": "application"}},
        "components": components, "dependencies": dependencies,
    }
    pathlib.Path(out).write_text(json.dumps(document, indent=2) + "\n")


def metadata(*features):
    command = ["cargo", "metadata", "--locked", "--format-version", "1", *features]
    return json.loads(subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE).stdout)


def built_from(described):
    """The packages that the binary is built from, each with those it takes."""
    nodes = {node["id"]: node for node in described["resolve"]["nodes"]}
    edges, open_nodes = {}, [described["resolve"]["root"]]
    while open_nodes:
        node = open_nodes.pop()
        if node not in edges:
            edges[node] = sorted(link["pkg"] for link in nodes[node]["deps"] if is_built_in(link))
            open_nodes += edges[node]
    return edges


def is_built_in(link):
    return any(kind["kind"] in (None, "build") for kind in link["dep_kinds"])


def purl(package):
    return f"pkg:cargo/{package['name']}@{package['version']}"


def component(package, digests):
    one = {"type": "library", "bom-ref": purl(package), "name": package["name"], "version": package["version"], "purl": purl(package)}
    if package.get("license"):
        one["licenses"] = [{"expression": package["license"].replace("/", " OR ")}]
    if digest := digests.get((package["name"], package["version"])):
        one["hashes"] = [{"alg": "SHA-256", "content": digest}]
    return one


def checksums(folder):
    folder = pathlib.Path(folder)
    files = sorted(path for path in folder.iterdir() if path.is_file() and path.name != "SHA256SUMS")
    lines = [f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n" for path in files]
    (folder / "SHA256SUMS").write_text("".join(lines))


main()
