"""What an image is from inside, as JSON: this text is run by the image's own Python, as the image's own user."""

import importlib.metadata
import json
import os
import pathlib
import re
import shutil

TOOLS = ["gcc", "cc", "g++", "c++", "clang", "make", "cmake", "ld", "as", "git", "cargo", "rustc", "hadolint"]


def made_by_time(path: pathlib.Path) -> bool:
    """PEP 552: bit 0 of the second word of a .pyc is set where it holds a digest of its source instead of a time."""
    with open(path, "rb") as file:
        return not int.from_bytes(file.read(8)[4:], "little") & 1


def wanted_by(found: list[importlib.metadata.Distribution]) -> dict[str, list[str]]:
    """Which distributions need a name, whatever the platform; extras nobody asked for do not count."""
    needs = {}
    for distribution in found:
        for line in distribution.requires or []:
            if "extra ==" not in line:
                needs.setdefault(re.match(r"[\w.-]+", line)[0], []).append(distribution.metadata["Name"])
    return needs


status = dict(line.split(":", 1) for line in pathlib.Path("/proc/self/status").read_text().splitlines())
library = pathlib.Path("/opt/venv/lib")
compiled = list(library.rglob("*.pyc"))
distributions = list(importlib.metadata.distributions(path=[str(path) for path in library.glob("python3.*/site-packages")]))
print(json.dumps({
    "ids": [os.getuid(), os.getgid(), *os.getgroups()],
    "capabilities": int(status["CapEff"], 16),
    "no_new_privileges": status["NoNewPrivs"].strip() == "1",
    "distributions": sorted({found.metadata["Name"] for found in distributions}),
    "wanted_by": wanted_by(distributions),
    "tools": [tool for tool in TOOLS if shutil.which(tool)],
    "writable": [path for path in ("/", "/app", "/opt/venv", "/usr/bin", "/etc/passwd") if os.access(path, os.W_OK)],
    "compiled": len(compiled),
    "compiled_by_time": sum(map(made_by_time, compiled)),
}))
