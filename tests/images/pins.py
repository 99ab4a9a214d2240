#!/usr/bin/env python3
"""Pinned versions for the test fleet: `pins.json`, committed, so that two measured runs install the same files.

usage: tests/images/pins.py     asks pip, inside of the stand-in image, for one resolution that fits all images, and writes pins.json

Per requirement set, and per service for what it adds: every package that pip would install, as `name==version`. What an image has from its
base is left out of the images above, as in a lock.
"""

import json
import pathlib
import re
import sys

import yaml

import debian
import fleet as test_fleet
import stand_in
from engine import Engine

PINS = pathlib.Path(__file__).with_name("pins.json")
RESOLVE = ["python", "-m", "pip", "install", "--quiet", "--dry-run", "--ignore-installed", "--only-binary=:all:", "--root-user-action=ignore", "--report=-"]


def resolve(engine: Engine, image: str, requirements: list[str], constraints: list[str], folder: pathlib.Path) -> list[str]:
    """What pip would install for the requirements, sorted; extras are gone, since their packages are listed."""
    (folder / "requirements.txt").write_text("\n".join(requirements) + "\n")
    (folder / "constraints.txt").write_text("\n".join(constraints) + "\n")
    report = engine.docker("run", "--rm", "--network=host", f"--volume={folder}:/pins", f"--volume={folder}/cache:/root/.cache/pip", image, *RESOLVE, "-r", "/pins/requirements.txt", "-c", "/pins/constraints.txt")
    packages = [item["metadata"] for item in json.loads(report)["install"]]
    return sorted(f"{package['name'].lower()}=={package['version']}" for package in packages)


def pins(engine: Engine, image: str, declared: dict, folder: pathlib.Path) -> dict:
    """The pins of every set and service of a declaration."""
    sets = {name: entry["packages"] if isinstance(entry, dict) else entry for name, entry in declared["requirements"].items()}
    services = {name: service for name, service in declared["services"].items()}
    everything = [requirement for entry in [*sets.values(), *(service.get("pip", []) for service in services.values())] for requirement in entry]
    all_pins = resolve(engine, image, everything, [], folder)
    base = resolve(engine, image, sets["base"], all_pins, folder)

    def beyond(requirements: list[str], below: list[str]) -> list[str]:
        return [pin for pin in resolve(engine, image, requirements, all_pins, folder) if pin not in below] if requirements else []

    found = {"sets": {"base": base}, "services": {}}
    for name in sets:
        if name != "base":
            found["sets"][name] = beyond(sets[name], base)
    for name, service in services.items():
        own = ["ml"] if service["kind"] == "ml" else [each for each in service.get("requirements", []) if each != "base"]
        below = base + [pin for each in own for pin in found["sets"][each]]
        found["services"][name] = beyond(service.get("pip", []), below)
    return found


def main() -> int:
    folder = debian.CI / "images/pins"
    folder.mkdir(parents=True, exist_ok=True)
    image, _ = stand_in.make()
    python = re.search(r"3\.\d+", image)[0]
    declared = yaml.safe_load(test_fleet.declaration(python, None, False, None))
    with Engine(folder / "engine") as engine:
        stand_in.load(engine)
        PINS.write_text(json.dumps({"python": python, **pins(engine, image, declared, folder)}, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
