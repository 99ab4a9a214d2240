#!/usr/bin/env python3
"""Debian packages unpacked into a folder of ours: nothing on the system changes, no maintainer script runs, no daemon is started by dpkg.

The source is the machine's own package source, with another suite's name where a newer release is wanted.

usage: debian.py [--suite SUITE] INTO PACKAGE...
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
CI = ROOT / "target/ci"
KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg"


class Missing(Exception):
    """What this machine lacks, and how to get it."""


def own_suite() -> str:
    """The machine's own release, such as `bookworm`."""
    release = pathlib.Path("/etc/os-release").read_text()
    names = dict(re.findall(r'^(\w+)="?([^"\n]*)', release, re.MULTILINE))
    if names.get("ID") != "debian" or "VERSION_CODENAME" not in names:
        raise Missing("packages are taken from the machine's own Debian sources, and this is not a Debian release")
    return names["VERSION_CODENAME"]


def origin() -> str:
    """The address of the package source that serves the machine's own release."""
    listed = subprocess.run(
        ["apt-get", "indextargets", "--format", "$(REPO_URI) $(RELEASE) $(COMPONENT)", "Created-By: Packages"],
        check=True, capture_output=True, text=True,
    ).stdout
    for line in listed.splitlines():
        address, suite, component = line.split()
        if (suite, component) == (own_suite(), "main"):
            return address
    raise Missing(f"apt has no source for {own_suite()} main")


def apt_options(folder: pathlib.Path, suite: str) -> list[str]:
    """Options that keep lists, state and cache of apt in `folder`, and its only source is `suite`."""
    for name in ("lists/partial", "cache/archives/partial", "deb"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "status").touch()
    (folder / "source.list").write_text(f"deb [signed-by={KEYRING}] {origin()} {suite} main\n")
    settings = {
        "Dir::Etc::sourcelist": folder / "source.list", "Dir::Etc::sourceparts": "/dev/null", "Dir::State": folder,
        "Dir::State::lists": folder / "lists", "Dir::State::status": folder / "status", "Dir::Cache": folder / "cache",
        "APT::Sandbox::User": subprocess.check_output(["id", "-un"], text=True).strip(),
    }
    return [word for key, value in settings.items() for word in ("-o", f"{key}={value}")]


def unpack(packages: list[str], suite: str | None = None, into: pathlib.Path | None = None) -> pathlib.Path:
    """Downloads the packages (not what they depend on), unpacks them below `<into>/root` and returns that folder. What is there already stays."""
    suite = suite or own_suite()
    folder = (into or CI / suite).absolute()
    unpacked = folder / "unpacked"
    unpacked.mkdir(parents=True, exist_ok=True)
    wanted = [package for package in packages if not (unpacked / package).exists()]
    if wanted:
        options = apt_options(folder, suite)
        subprocess.run(["apt-get", *options, "-qq", "update"], check=True, stdin=subprocess.DEVNULL)
        for package in wanted:
            subprocess.run(["apt-get", *options, "-qq", "download", package], cwd=folder / "deb", check=True, stdin=subprocess.DEVNULL)
            for deb in (folder / "deb").glob(f"{package}_*.deb"):
                subprocess.run(["dpkg-deb", "-x", str(deb), str(folder / "root")], check=True)
                deb.unlink()
            (unpacked / package).touch()
        shutil.rmtree(folder / "lists")
    return folder / "root"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--suite", help="a Debian release; the machine's own without it")
    parser.add_argument("into", type=pathlib.Path)
    parser.add_argument("packages", nargs="+")
    arguments = parser.parse_args()
    if shutil.which("apt-get") is None:
        raise Missing("there is no apt-get")
    print(unpack(arguments.packages, arguments.suite, arguments.into))
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Missing, subprocess.CalledProcessError) as error:
        sys.exit(f"{os.path.basename(__file__)}: {error}")
