#!/usr/bin/env python3
"""Writes the repository that pre-commit takes the hooks from: mirror.py VERSION FOLDER.

pre-commit installs the repository that a configuration names, so the hooks have one of their own: its package is empty and depends on the wheel, which
installs in a second. Each release of dockwright gets a commit and a tag there; docs/releasing.md says when.
"""

import pathlib
import shutil
import sys

NAME = "dockwright"
HERE = pathlib.Path(__file__).resolve().parent

PYPROJECT = """\
[build-system]
requires = ["setuptools>=64"]
build-backend = "setuptools.build_meta"

[project]
name = "{name}-pre-commit"
version = "{version}"
description = "Hooks of pre-commit for {name}"
requires-python = ">=3.8"
dependencies = ["{name}=={version}"]

[tool.setuptools]
packages = []
"""


def main():
    version, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "pyproject.toml").write_text(PYPROJECT.format(name=NAME, version=version))
    for name in (".pre-commit-hooks.yaml", "README.md"):
        shutil.copy(HERE / name, folder / name)


main()
