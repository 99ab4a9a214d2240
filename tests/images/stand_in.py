#!/usr/bin/env python3
"""A stand-in for the external Python image, made of Debian packages, so that nothing is pulled from Docker Hub.

    name, tarball = stand_in.make()                  # ("python:3.13-slim", …/stand-in.tar); made once, kept below target/ci/images
    stand_in.load(engine)                            # under that name, and with the Debian release behind it

Debian trixie (minbase) with python3, pip and venv, `python` and `pip` as the official image has them, and what builds on this machine need to
reach packages: its certificates, its settings of pip and of apt. They are read from the machine when the tarball is made; none stands here.
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import debian
import mounts

SUITE = "trixie"
PACKAGES = ["python3", "python3-venv", "python3-pip", "ca-certificates"]
CHANGES = ("ENV LANG=C.UTF-8", 'CMD ["python3"]')
BUNDLE = "etc/ssl/certs/ca-certificates.crt"
FOLDER = debian.CI / "images"
# What the official slim images leave out too.
LEFT_OUT = ["usr/share/doc", "usr/share/man", "usr/share/info", "usr/share/locale"]
# Like the official images: apt keeps neither archives nor its binary caches.
APT_CLEAN = 'APT::Keep-Downloaded-Packages "false";\nDir::Cache::pkgcache "";\nDir::Cache::srcpkgcache "";\nAcquire::Languages "none";\n'
# What pip on this machine is told about the network; folders of this machine say nothing inside of an image.
PIP_SETTINGS = ["index-url", "extra-index-url", "trusted-host", "proxy", "timeout", "retries"]
APT_SETTINGS = re.compile(r"^Acquire::(Check-|https?::|Retries|ForceIPv)")


def certificates() -> pathlib.Path | None:
    """The machine's bundle of certificates, by the variables that pip, requests and OpenSSL read."""
    named = [os.environ.get(name) for name in ("PIP_CERT", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE")]
    return next((pathlib.Path(path) for path in [*named, "/" + BUNDLE] if path and os.path.isfile(path)), None)


def pip_configuration() -> str:
    """A pip.conf with the machine's settings of the network."""
    listed = subprocess.run([sys.executable, "-m", "pip", "config", "list"], capture_output=True, text=True).stdout
    settings = {}
    for key, value in re.findall(r"^\S*?\.([a-z-]+)='(.*)'$", listed, re.MULTILINE):
        if key in PIP_SETTINGS:
            settings[key] = value.replace("\\n", "\n    ")
    lines = [f"{key} = {value}" for key, value in sorted(settings.items())]
    return "\n".join(["[global]", f"cert = /{BUNDLE}", "disable-pip-version-check = true", *lines, ""])


def apt_configuration() -> str:
    dumped = subprocess.check_output(["apt-config", "dump", "Acquire"], text=True)
    return "".join(f"{line}\n" for line in dumped.splitlines() if APT_SETTINGS.match(line))


def finish(root: pathlib.Path) -> str:
    """Makes the Debian root like the official image, and returns its Python version, such as `3.13`."""
    interpreter = next(path for path in sorted((root / "usr/bin").glob("python3.*")) if re.fullmatch(r"python3\.\d+", path.name))
    version = interpreter.name.removeprefix("python")
    (root / "usr/local/bin/python").symlink_to("/usr/bin/python3")
    for path in (root / "usr/lib").glob("python3.*/EXTERNALLY-MANAGED"):
        path.unlink()
    if bundle := certificates():
        shutil.copyfile(bundle, root / BUNDLE)
    (root / "etc/pip.conf").write_text(pip_configuration())
    (root / "etc/apt/apt.conf.d/90clean").write_text(APT_CLEAN)
    (root / "etc/apt/apt.conf.d/99machine").write_text(apt_configuration())
    for folder in (*LEFT_OUT, "var/cache/apt/archives", "var/lib/apt/lists", "var/cache/debconf", "var/log"):
        shutil.rmtree(root / folder, ignore_errors=True)
        (root / folder).mkdir()
    return version


def bootstrap(folder: pathlib.Path) -> str:
    """Builds the root file system and its tarball in `folder`."""
    tools = debian.unpack(["debootstrap"])
    root = folder / "root"
    log = folder / "debootstrap.log"
    command = [str(tools / "usr/sbin/debootstrap"), "--variant=minbase", f"--include={','.join(PACKAGES)}", f"--keyring={debian.KEYRING}",
               SUITE, str(root), debian.origin()]
    try:
        with open(log, "wb") as output:
            done = subprocess.run(command, env={**os.environ, "DEBOOTSTRAP_DIR": str(tools / "usr/share/debootstrap")}, stdout=output,
                                  stderr=output, stdin=subprocess.DEVNULL, timeout=600)
    finally:
        mounts.unmount_below(root)  # its /proc, before anything deletes the folder
    if done.returncode != 0:
        raise debian.Missing("debootstrap failed:\n" + "\n".join(log.read_text(errors="replace").splitlines()[-20:]))
    version = finish(root)
    subprocess.run(["tar", "--numeric-owner", "--sort=name", "-C", str(root), "-cf", str(folder / "stand-in.tar"), "."], check=True)
    return version


def make() -> tuple[str, pathlib.Path]:
    """The image's name (`python:3.13-slim`) and its tarball, from the last run where this file was the same."""
    record, tarball = FOLDER / "stand-in.json", FOLDER / "stand-in.tar"
    made_by = hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()
    if not record.exists() or json.loads(record.read_text()).get("made_by") != made_by:
        if os.geteuid() != 0:
            raise debian.Missing("debootstrap needs root (sudo)")
        FOLDER.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=FOLDER, prefix="stand-in-") as name:
            version = bootstrap(pathlib.Path(name))
            os.replace(pathlib.Path(name, "stand-in.tar"), tarball)
        record.write_text(json.dumps({"image": f"python:{version}-slim", "made_by": made_by}) + "\n")
    return json.loads(record.read_text())["image"], tarball


def load(builder) -> None:
    """Gives a builder the image under both of the names that the official one has: without and with the Debian release."""
    name, tarball = make()
    for tag in (name, f"{name}-{SUITE}"):
        builder.load(tag, tarball, CHANGES)


if __name__ == "__main__":
    print(*make())
