#!/usr/bin/env python3
"""How long `dockwright sizes` takes to read a large image as a stream, and how much memory, beside `gzip -t` on the same layers.

The image has ten layers of files of this machine, compressed by gzip, in an OCI layout as one tar file; it is made once, in target/ci/sizes. Both
programs get it on standard input, alternately. The exit status is 1 if the median of dockwright takes more than 1.3 times the processor time of
`gzip -t`, or any run more than 200 MB of memory. Processor time: other work on the machine does not change it, and both use one core.

usage: scripts/bench_sizes.py [--gigabytes 5] [--program target/release/dockwright] [--rounds 3]
"""

import argparse
import concurrent.futures
import hashlib
import io
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tarfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
LAYERS = 10
RATIO, MEGABYTES = 1.3, 200


class Hashed:
    """A file that is hashed as it is written."""

    def __init__(self, inner) -> None:
        self.inner, self.digest, self.bytes = inner, hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.bytes += len(data)
        self.inner.write(data)
        return len(data)


def layer(folder: pathlib.Path, number: int, most: int, source: str) -> tuple[str, pathlib.Path]:
    """A layer with files of `source`: the digest of its tar archive, and where it is compressed."""
    path = folder / f"layer{number}.tar.gz"
    with path.open("wb") as stored, subprocess.Popen(["gzip", "-6"], stdin=subprocess.PIPE, stdout=stored) as gzip:
        hashed = Hashed(gzip.stdin)
        with tarfile.open(fileobj=hashed, mode="w|", format=tarfile.PAX_FORMAT) as archive:
            turn = 0
            while hashed.bytes < most:
                for file in files(source):
                    if hashed.bytes >= most:
                        break
                    archive.add(file, arcname=f"opt/{number}/{turn}{file}", recursive=False)
                turn += 1
        gzip.stdin.close()
    return hashed.digest.hexdigest(), path


def files(source: str):
    for folder, folders, names in os.walk(source):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path) and os.access(path, os.R_OK):
                yield path


def sha256(path: pathlib.Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def image(folder: pathlib.Path, most: int, source: str) -> pathlib.Path:
    """The image as one tar file, whose layers are beside it."""
    made = folder / f"image-{most}.tar"
    if made.exists():
        return made
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    with concurrent.futures.ProcessPoolExecutor() as pool:
        layers = list(pool.map(layer, *zip(*((folder, number, most // LAYERS, source) for number in range(LAYERS)))))
    with tarfile.open(folder / "part", "w") as archive:

        def add(path: str, data: bytes) -> None:
            member = tarfile.TarInfo(path)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))

        def blob(value: dict) -> str:
            data = json.dumps(value).encode()
            digest = hashlib.sha256(data).hexdigest()
            add(f"blobs/sha256/{digest}", data)
            return digest

        named = [(sha256(path), path) for _, path in layers]
        for digest, path in named:
            archive.add(path, arcname=f"blobs/sha256/{digest}")
        rootfs = {"type": "layers", "diff_ids": [f"sha256:{digest}" for digest, _ in layers]}
        config = blob({"os": "linux", "architecture": "amd64", "rootfs": rootfs})
        kind = "application/vnd.oci.image"
        manifest = blob({
            "schemaVersion": 2,
            "config": {"mediaType": f"{kind}.config.v1+json", "digest": f"sha256:{config}", "size": 1},
            "layers": [{"mediaType": f"{kind}.layer.v1.tar+gzip", "digest": f"sha256:{digest}", "size": path.stat().st_size} for digest, path in named],
        })
        add("index.json", json.dumps({"manifests": [{"mediaType": f"{kind}.manifest.v1+json", "digest": f"sha256:{manifest}", "size": 1}]}).encode())
    (folder / "part").rename(made)
    return made


def run(command: list[str], paths: list[pathlib.Path]) -> tuple[float, float]:
    """Processor seconds and megabytes of a program that gets files on standard input, one after the other."""
    with subprocess.Popen(["cat", *map(str, paths)], stdout=subprocess.PIPE) as source:
        program = subprocess.Popen(command, stdin=source.stdout, stdout=subprocess.DEVNULL)
        source.stdout.close()
        _, status, usage = os.wait4(program.pid, 0)
        program.returncode = os.waitstatus_to_exitcode(status)
    if program.returncode != 0:
        sys.exit(f"{command}: exit status {program.returncode}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=5)
    parser.add_argument("--program", default=str(ROOT / "target/release/dockwright"))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--source", default="/usr", help="the folder whose files fill the layers")
    arguments = parser.parse_args()
    archive = image(ROOT / "target/ci/sizes", int(arguments.gigabytes * 1e9), arguments.source)
    layers = sorted(archive.parent.glob("layer*.tar.gz"))
    ours, theirs = [], []
    for _ in range(arguments.rounds):
        ours.append(run([arguments.program, "sizes", "-"], [archive]))
        theirs.append(run(["gzip", "-t"], layers))
    seconds, memory = statistics.median(each[0] for each in ours), max(each[1] for each in ours)
    gzip = statistics.median(each[0] for each in theirs)
    print(f"{archive.stat().st_size / 1e9:.2f} GB stored, {arguments.gigabytes:g} GB of files: dockwright {seconds:.1f} s and {memory:.0f} MB, "
          f"gzip -t {gzip:.1f} s: {seconds / gzip:.2f} times")
    return int(seconds > RATIO * gzip or memory > MEGABYTES)


if __name__ == "__main__":
    sys.exit(main())
