"""What PyPA's `packaging` makes of every requirement in a table.

Usage: python3 packaging_requirements.py TABLE [OLDER]

OLDER is a folder with another release of `packaging`, such as 20.9, as the pip of an older Python image has it. With it, only
whether a requirement is accepted is printed.

A line of the table is a mark, a blank and the requirement as a JSON string; lines that are empty or begin with `#`
are skipped. For every requirement, one line of JSON: the text, whether it is accepted and, if so, the normalised
name, the normalised extras, the specifiers with normalised versions, the URL, and whether there is a marker.

Exit status: 0; 77 where `packaging` 23.2 or later is not installed, with a line that begins with `skipped:`. Earlier
versions read some URLs and pre-releases differently.
"""

import json
import sys

if len(sys.argv) > 2:
    sys.path.insert(0, sys.argv[2])

try:
    from packaging import __version__
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name
    from packaging.version import InvalidVersion, Version
except ImportError as error:
    print(f"skipped: packaging is not installed ({error})")
    sys.exit(77)

if len(sys.argv) < 3 and Version(__version__) < Version("23.2"):
    print(f"skipped: packaging {__version__} is installed, not 23.2 or later")
    sys.exit(77)


def normalized(specifier):
    """The specifier with its version as PEP 440 normalises it, trailing zeros kept."""
    version = specifier.version
    star = ".*" if version.endswith(".*") and specifier.operator in ("==", "!=") else ""
    try:
        version = str(Version(version.removesuffix(star) if star else version)) + star
    except InvalidVersion:
        pass
    return specifier.operator + version


def has_legacy_version(requirement):
    """Whether a version is outside of PEP 440, which releases before 22 take for one of setuptools' old scheme."""
    return any(type(specifier).__name__ == "LegacySpecifier" for specifier in requirement.specifier)


def view(text):
    """What `packaging` reads in one requirement."""
    try:
        requirement = Requirement(text)
    except (InvalidRequirement, ValueError):
        return {"text": text, "accepted": False}
    if len(sys.argv) > 2:
        return {"text": text, "accepted": not has_legacy_version(requirement)}
    return {
        "text": text,
        "accepted": True,
        "name": canonicalize_name(requirement.name),
        "extras": sorted({canonicalize_name(extra) for extra in requirement.extras}),
        "specifiers": sorted({normalized(specifier) for specifier in requirement.specifier}),
        "url": requirement.url,
        "marker": requirement.marker is not None,
    }


def main(table):
    with open(table, encoding="utf-8") as lines:
        for line in lines:
            line = line.strip()
            if line and not line.startswith("#"):
                _mark, quoted = line.split(" ", 1)
                print(json.dumps(view(json.loads(quoted)), sort_keys=True))


if __name__ == "__main__":
    main(sys.argv[1])
