#!/usr/bin/env python3
"""The headline figures of the two notes that the fleet started from, computed again, with what was measured here beside them.

usage: scripts/seed_numbers.py [--check]     writes docs/seed-numbers.md from docs/images.json; --check only compares
"""

import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
DATA = ROOT / "docs/images.json"
PAGE = ROOT / "docs/seed-numbers.md"
NON_ML, ML = 11, 3
# What the notes say, in GB and minutes; ranges are (low, high).
PYTHON, BEFORE, NON_ML_AFTER, ML_AFTER = 0.15, 1.6, 0.3, 1.2
BASE_ML, OWN, PUSHED_BEFORE = 1.2, 0.05, 1.3
BUILD_BEFORE, PUSH_BEFORE, BUILD_AFTER, PUSH_AFTER, BASE_BUILD, BASE_PUSH = (10, 15), (5, 10), (1, 2), (0.5, 1), (10, 15), (5, 10)


def less(before: float, after: float) -> str:
    """How much smaller, in per cent."""
    share = 100 * (1 - after / before)
    return "over 99 %" if share > 99 else f"{share:.0f} %"


def gb(value: float) -> str:
    """Gigabytes of the notes."""
    return f"{value:.2f} GB"


def mb(value: float) -> str:
    """Measured bytes."""
    return f"{value / 1e6:,.0f} MB" if value >= 1e6 else f"{value / 1e6:.2f} MB"


class Measured:
    """Sums over the fleet, from docs/images.json."""

    def __init__(self, data: dict) -> None:
        self.variants = data["variants"]
        self.non_ml, self.ml = (data["before"][name] for name in ("svc-kg", "svc-rag-retriever"))
        self.python = self.variants["seed"]["python"]

    def before(self, key: str) -> float:
        """A figure of the fleet with one list of requirements: two services were built, and each stands for its kind."""
        return NON_ML * self.non_ml[key] + ML * self.ml[key]

    def cells(self, before: float, path: tuple[str, ...], unit=mb) -> list[str]:
        """Before, and the three variants with how much less each is."""
        cells = [unit(before)]
        for variant in self.variants.values():
            value = variant
            for key in path:
                value = value[key]
            cells.append(f"{unit(value)} ({less(before, value)})")
        return cells

    def own(self, variant: str, service: str, base: str) -> float:
        """What a service adds to its base, in bytes on disk."""
        return self.variants[variant]["sizes"][service] - self.variants[variant]["sizes"][base]


def row(title: str, cells: list[str]) -> str:
    """A row of a table."""
    return "| " + " | ".join([title, *cells]) + " |"


HEAD = "| | one list for all | seed templates | multi-stage-slim | runtime-on-base |\n| --- | ---: | ---: | ---: | ---: |"


def storage(measured: Measured) -> str:
    """69 %, 81 % and 25 %."""
    before, after = (NON_ML + ML) * BEFORE, NON_ML * NON_ML_AFTER + ML * ML_AFTER
    once_before = PYTHON + (NON_ML + ML) * (BEFORE - PYTHON)
    once_after = PYTHON + NON_ML * (NON_ML_AFTER - PYTHON) + (BASE_ML - PYTHON) + ML * OWN
    sums = measured.cells(measured.before("size"), ("sum",))
    unique = measured.cells(measured.before("size") - (NON_ML + ML - 1) * measured.python, ("unique",))
    kinds = [measured.cells(measured.non_ml["size"], ("sizes", "svc-kg")), measured.cells(measured.ml["size"], ("sizes", "svc-rag-retriever"))]
    return f"""## "Total 22.4 GB → 6.9 GB, 69 % reduction"

- As written: 14 × {BEFORE} = {gb(before)}; 11 × {NON_ML_AFTER} + 3 × {ML_AFTER} = {gb(after)}; {less(before, after)}. The arithmetic is right.
- Layers that images share are counted in each of them. The three ML images stand on one base-ml: {BASE_ML} + 3 × {OWN} = {gb(BASE_ML + ML * OWN)},
  not 3 × {ML_AFTER} = {gb(ML * ML_AFTER)}. All images share the Python image ({PYTHON} GB). With each layer once, the notes' own sizes give {gb(once_before)} → {gb(once_after)}: **{less(once_before, once_after)}**.
- The other note has 0.35 and 1.25 GB for the same images: 11 × 0.35 + 3 × 1.25 = {gb(NON_ML * 0.35 + ML * 1.25)}, {less(before, NON_ML * 0.35 + ML * 1.25)}.

{HEAD}
{row("sum of 14 sizes", sums)}
{row("unique bytes on disk", unique)}

## "Non-ML services 1.6 GB → 300 MB, 81 %" and "ML services 1.6 GB → 1.2 GB, 25 %"

- ({BEFORE} − {NON_ML_AFTER}) / {BEFORE} = {less(BEFORE, NON_ML_AFTER)}; ({BEFORE} − {ML_AFTER}) / {BEFORE} = {less(BEFORE, ML_AFTER)}. The arithmetic is right.
- The parts of the second do not add up: a base of 0.3 GB and ML requirements of "~2GB" cannot make an image of 1.2 GB; it takes wheels for the CPU alone.
- "numpy: only needed by ML services" is not so: qdrant-client of the base list brings it to all.

{HEAD}
{row("svc-kg", kinds[0])}
{row("svc-rag-retriever, without torch", kinds[1])}
"""


def push(measured: Measured) -> str:
    """65 %, and the 50 MB."""
    after = BASE_ML + ML * OWN
    images = {name: variant["first_push"]["images"] for name, variant in measured.variants.items()}
    below = ("base-runtime", "base-ml", "svc-ocr", "svc-rag-indexer", "svc-rag-retriever")
    ml_before = ML * measured.ml["bytes"]
    ml_row = [mb(ml_before), *(f"{mb(size)} ({less(ml_before, size)})" for size in (sum(sizes[image] for image in below) for sizes in images.values()))]
    own_row = ["", *(" / ".join(mb(measured.own(name, service, "base-ml")) for service in below[2:]) for name in images)]
    return f"""## "3.9 GB → 1.35 GB, 65 % reduction in push time", "50 MB each"

- As written: 3 × {PUSHED_BEFORE} = {gb(ML * PUSHED_BEFORE)}; {BASE_ML} + 3 × {OWN} = {gb(after)}; {less(ML * PUSHED_BEFORE, after)}. Here shared layers are counted once.
- {PUSHED_BEFORE} GB an image stands beside {BEFORE} GB elsewhere: 3 × {BEFORE} = {gb(ML * BEFORE)} would be {less(ML * BEFORE, after)}. The sizes are uncompressed, and a push is
  compressed; layers of the Python image are in the registry already. The eleven other services are left out.
- It is the first push. Once base-ml is there, the notes' numbers are 3 × {OWN} against 3 × {PUSHED_BEFORE}: {less(PUSHED_BEFORE, OWN)} — as long as base-ml is not
  built again: the seed templates give its layers other digests on every rebuild.
- 50 MB a service is too little, see the last row.

{HEAD}
{row("first push, all 14", measured.cells(measured.before("bytes"), ("first_push", "bytes")))}
{row("first push, bases and the 3 ML services", ml_row)}
{row("on disk above base-ml: ocr / indexer / retriever", own_row)}
"""


def minutes(value: float) -> str:
    """Measured seconds."""
    return f"{value:,.0f} s"


def time(measured: Measured) -> str:
    """89 %, and 10-15 → 1-2 minutes."""
    before = [ML * (build + pushed) for build, pushed in zip(BUILD_BEFORE, PUSH_BEFORE)]
    after = [ML * (build + pushed) for build, pushed in zip(BUILD_AFTER, PUSH_AFTER)]
    rounded = (5, 9)
    base = [build + pushed for build, pushed in zip(BASE_BUILD, BASE_PUSH)]
    whole = [said + base for said, base in zip(rounded, base)]
    return f"""## "45-75 minutes → 5-9 minutes, 89 % faster"

- As written: 3 × (10 to 15 + 5 to 10) = {before[0]:.0f} to {before[1]:.0f} min; 3 × (1 to 2 + 0.5 to 1) = {after[0]:.1f} to {after[1]:.0f} min, rounded up to {rounded[0]} to {rounded[1]};
  {less(before[0], rounded[0])} and {less(before[1], rounded[1])}.
- base-ml's own {base[0]} to {base[1]} minutes are left out. With them it is {whole[0]} to {whole[1]} minutes: **{less(before[0], whole[0])} and {less(before[1], whole[1])}** for the first build, and after every change of base-ml.

{HEAD}
{row("cold build of bases and 14 services", measured.cells(measured.before("seconds"), ("cold", "seconds"), minutes))}
{row("the same on a cold builder, nothing changed: pushed", measured.cells(measured.before("bytes"), ("again", "bytes")))}

## "10-15 minutes → 1-2 minutes per ML service"

- {less(BUILD_BEFORE[0], BUILD_AFTER[0])} and {less(BUILD_BEFORE[1], BUILD_AFTER[1])}, again without base-ml. Here a service on base-ml is built again after a new dependency; "one list" is built from nothing, as it
  is after every change of that list.

{HEAD}
{row("svc-rag-retriever", measured.cells(measured.ml["seconds"], ("dependency_ml", "seconds"), minutes))}
{row("svc-kg", measured.cells(measured.non_ml["seconds"], ("dependency", "seconds"), minutes))}
"""


def page(data: dict) -> str:
    """docs/seed-numbers.md."""
    measured = Measured(data)
    return f"""# The seed numbers, computed again

The fleet started from two notes, "Docker Image Size Optimization" and "Base Image Architecture". This page computes their headline figures again from
their own numbers, says what is counted twice or left out, and states what `just bench-images` measured ([images.md](images.md) says how, and with which
packages: torch is left out, so megabytes compare with each other and not with the notes). Written by `scripts/seed_numbers.py`.

"One list for all" is how the notes describe the time before: every service installs one list, ML and development packages included. Two such services
were built in the same run, svc-kg and svc-rag-retriever; the figures for the fleet are 11 × the first + 3 × the second.
In brackets: how much less than with one list.

{storage(measured)}
{push(measured)}
{time(measured)}"""


def files(data: dict) -> dict[pathlib.Path, str]:
    """What is written for a run's data."""
    return {PAGE: page(data)}


def main() -> int:
    text = page(json.loads(DATA.read_text()))
    if "--check" in sys.argv:
        if PAGE.read_text() != text:
            print("docs/seed-numbers.md is not what docs/images.json says: run scripts/seed_numbers.py")
            return 1
        return 0
    PAGE.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
