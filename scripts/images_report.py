#!/usr/bin/env python3
"""What `just bench-images` measured, as a page and a chart, and the ratios that must hold.

usage: scripts/images_report.py     renders docs/images.md and docs/images.svg from docs/images.json again; fails where a ratio does not hold
"""

import dataclasses
import json
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
DATA = ROOT / "docs/images.json"
VARIANTS = {"seed": "seed templates", "slim": "multi-stage-slim", "base": "runtime-on-base"}


@dataclasses.dataclass(frozen=True)
class Measure:
    """A row of the table: its title, its unit (`MB` or `s`), and where the figure is found in a variant's data."""

    title: str
    unit: str
    path: tuple[str, ...]
    chart: bool = False

    def of(self, variant: dict) -> float | None:
        """The figure in bytes or seconds; None where it was not measured."""
        value = variant
        for key in self.path:
            value = value.get(key) if isinstance(value, dict) else None
        return value


MEASURES = [
    Measure("cold build: bases and 14 services, empty builder", "s", ("cold", "seconds"), True),
    Measure("sum of the 14 sizes, as a listing adds them up", "MB", ("sum",)),
    Measure("unique bytes on disk, shared layers once", "MB", ("unique",), True),
    Measure("first push", "MB", ("first_push", "bytes"), True),
    Measure("(i) app change, one service: build", "s", ("app", "seconds")),
    Measure("(i) app change, one service: push", "MB", ("app", "bytes")),
    Measure("(ii) change in libs/, all 14: build", "s", ("libs", "seconds")),
    Measure("(ii) change in libs/, all 14: push", "MB", ("libs", "bytes")),
    Measure("(iii) new dependency of a non-ML service: build", "s", ("dependency", "seconds"), True),
    Measure("(iii) new dependency of a non-ML service: push", "MB", ("dependency", "bytes"), True),
    Measure("(iii) new dependency of an ML service: build", "s", ("dependency_ml", "seconds")),
    Measure("(iii) new dependency of an ML service: push", "MB", ("dependency_ml", "bytes")),
    Measure("(iv) base-ml bump, base and 3 services: build", "s", ("base_ml", "seconds")),
    Measure("(iv) base-ml bump: push", "MB", ("base_ml", "bytes"), True),
    Measure("(iv) of that the 3 services", "MB", ("base_ml", "services"), True),
    Measure("(v) new OS layer under everything: push", "MB", ("os", "bytes"), True),
    Measure("(v') new interpreter patch release: push", "MB", ("interpreter", "bytes")),
    Measure("(vi) cold builder, nothing changed: push", "MB", ("again", "bytes"), True),
    Measure("start to healthy, median", "s", ("healthy",)),
]


@dataclasses.dataclass(frozen=True)
class Ratio:
    """A bound on one of our variants, as a share of the same figure of the seed templates."""

    variant: str
    title: str
    path: tuple[str, ...]
    bound: float

    def value(self, data: dict) -> float:
        """The measured ratio."""
        ours = Measure("", "", self.path).of(data["variants"][self.variant])
        theirs = Measure("", "", self.path).of(data["variants"]["seed"])
        return ours / theirs


MUST_HOLD = [
    Ratio("base", "cold build", ("cold", "seconds"), 0.5),
    Ratio("base", "unique bytes", ("unique",), 0.5),
    Ratio("base", "first push", ("first_push", "bytes"), 0.5),
    Ratio("base", "push after a base-ml bump", ("base_ml", "bytes"), 0.35),
    Ratio("base", "of that the services' part", ("base_ml", "services"), 0.02),
    Ratio("base", "push after (v), a new OS layer", ("os", "bytes"), 0.01),
    Ratio("base", "push after (vi), a cold builder", ("again", "bytes"), 0.01),
    Ratio("base", "start to healthy", ("healthy",), 1.1),
    Ratio("slim", "unique bytes", ("unique",), 0.97),
    Ratio("slim", "first push", ("first_push", "bytes"), 0.97),
    Ratio("slim", "push after (v), a new OS layer", ("os", "bytes"), 0.05),
    Ratio("slim", "push after (vi), a cold builder", ("again", "bytes"), 0.05),
    Ratio("slim", "start to healthy", ("healthy",), 1.1),
]


def number(value: float | None, unit: str) -> str:
    """A figure for a cell: MB are 10^6 bytes."""
    if value is None:
        return ""
    value = value / 1e6 if unit == "MB" else value
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}" if value >= 10 else f"{value:.2f}"


def verdicts(data: dict) -> list[tuple[str, str, str, bool]]:
    """Each ratio that must hold: what, measured, bound, and whether it holds. Equal digests are one of them."""
    rows = []
    for ratio in MUST_HOLD:
        value = ratio.value(data)
        rows.append((f"{VARIANTS[ratio.variant]}: {ratio.title}", f"{value:.4f}" if value < 0.1 else f"{value:.3f}", f"≤ {ratio.bound}", value <= ratio.bound))
    for variant in ("slim", "base"):
        again = data["variants"][variant]["again"]
        equal = again["images"] - len(again["different"])
        rows.append((f"{VARIANTS[variant]}: images with equal layer digests after two builds from nothing", str(equal), f"= {again['images']}", not again["different"]))
    return rows


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; all columns but the first are right-aligned."""
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def main_table(data: dict) -> str:
    """All figures of all variants."""
    rows = [[f"{measure.title}, {measure.unit}", *(number(measure.of(data["variants"][name]), measure.unit) for name in VARIANTS)] for measure in MEASURES]
    return table(["", *VARIANTS.values()], rows)


def size_table(data: dict) -> str:
    """The size of every image, in every variant."""
    sizes = {name: data["variants"][name]["sizes"] for name in VARIANTS}
    return table(["image, MB", *VARIANTS.values()], [[image, *(number(sizes[name].get(image), "MB") for name in VARIANTS)] for image in sizes["seed"]])


def ratio_table(data: dict) -> str:
    """The ratios that must hold."""
    return table(["ratio to the seed templates", "measured", "must be", ""], [[what, value, bound, "holds" if good else "FAILS"] for what, value, bound, good in verdicts(data)])


STYLE = """
  .page { fill: #ffffff } .axis { stroke: #d0d7de } .seed { fill: #8c959f } .slim { fill: #0969da } .base { fill: #1a7f37 }
  text { font: 13px system-ui, sans-serif; fill: #1f2328 } .title { font-size: 17px; font-weight: 600 } .small { font-size: 12px; fill: #59636e }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } .axis { stroke: #3d444d } .seed { fill: #9198a1 } .slim { fill: #4493f8 } .base { fill: #3fb950 }
    text { fill: #f0f6fc } .small { fill: #9198a1 }
  }
"""


def chart(data: dict) -> str:
    """Bars for the measures that are charted, each as a share of the seed templates, with the figure itself at its end."""
    left, width, bar, gap = 345, 415, 13, 18
    shown = [measure for measure in MEASURES if measure.chart]
    height = 96 + len(shown) * (3 * bar + gap) + 34
    parts = ['<text class="title" x="20" y="30">Building, storing and pushing 16 images, seed templates = 100 %</text>']
    for index, (name, title) in enumerate(VARIANTS.items()):
        parts.append(f'<rect class="{name}" x="{20 + index * 170}" y="46" width="12" height="12" rx="2"/><text x="{38 + index * 170}" y="57">{title}</text>')
    bottom = height - 34
    for share in (0, 25, 50, 75, 100):
        x = left + width * share / 100
        parts.append(f'<line class="axis" x1="{x}" y1="76" x2="{x}" y2="{bottom}"/><text class="small" x="{x}" y="{bottom + 18}" text-anchor="middle">{share} %</text>')
    for row, measure in enumerate(shown):
        top = 84 + row * (3 * bar + gap)
        parts.append(f'<text x="{left - 12}" y="{top + 24}" text-anchor="end">{measure.title}</text>')
        whole = measure.of(data["variants"]["seed"])
        for index, name in enumerate(VARIANTS):
            value = measure.of(data["variants"][name])
            length = max(1.5, min(width * value / whole, width * 1.08))
            y = top + index * bar
            parts.append(f'<rect class="{name}" x="{left}" y="{y}" width="{length:.1f}" height="{bar - 2}" rx="2"/>')
            figure = f"{number(value, measure.unit)} {measure.unit}"
            parts.append(f'<rect class="page" x="{left + length + 3:.1f}" y="{y}" width="{7 * len(figure) + 4}" height="{bar - 1}"/>')
            parts.append(f'<text class="small" x="{left + length + 6:.1f}" y="{y + 10}">{figure}</text>')
    body = "\n".join(parts)
    return f"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 880 {height}" role="img" aria-labelledby="title">
<title id="title">Build times, bytes on disk and bytes pushed of three variants of the fleet, as shares of the seed templates</title>
<style>{STYLE}</style>
<rect class="page" width="880" height="{height}" rx="6"/>
{body}
</svg>
"""


PAGE = """# What the images cost

Written by `just bench-images` from one run ([images.json](images.json)); MB are 10^6 bytes. The run was made with the templates of
the first version. Their text has changed since: Python layers are still equal on every rebuild, those of Debian packages and sources are not.

![Bars: the figures below as shares of the seed templates](images.svg)

{main}

## Must hold

{ratios}

## The size of each image

{sizes}

## What was measured, and how

- **The fleet** is services.yaml with the edits that `tests/images/fleet.py` lists: the stand-in's Python, torch and what needs it left out, and every
  package pinned (`tests/images/pins.json`). All variants install the same versions. Its policy, its bake file and its requirements for development
  have nothing to do with images and are left out.
- **seed templates** are the two templates that the fleet started from, kept in `tests/images/seed`; **multi-stage-slim** is the fleet as declared;
  **runtime-on-base** is the same with the non-ML kind on base-runtime. ML services stand on base-ml in all three.
- **Cold build**: the builder's cache, with pip's and apt's, is emptied first; then both bases and the services are built one after another. Steps that
  Dockerfiles share are still run once, which favours the seed templates (their eleven services share the step that installs compilers).
  What is timed runs alone, image by image, the variants in turn; where only bytes are asked for, the variants run side by side and no times are given.
- **Unique bytes** add up the uncompressed size of each layer once, as overlay2 stores them, the Python image included.
- **Push** is the size of all blobs, manifests and configurations that are new in a registry on 127.0.0.1, compressed as pushed. The Python image
  below ({python} MB on disk) is there already, as a mirror would have it.
- **(i)** one line in `apps/svc_kg`. **(ii)** one line in `libs/`, which all services copy. **(iii)** {dependency} added to svc-kg, and to svc-rag-retriever.
  **(iv)** {bump} in base-ml, its version raised, and the services on it built again. **(v)** the Python image gets one more layer of a few bytes, and
  everything is built on it again. **(v')** as (v), with `venv` naming another patch release, as after an update of
  Python: built for runtime-on-base alone, whose venv is made by the same step as the others'. **(vi)** the builder's cache and all images are removed and everything is built again,
  which takes the time of the cold build.
- **Start to healthy** is the time from starting a container to the first 200 of its health path, the median of {starts} starts of {started}, in turn with the other variants.
- Docker Engine {engine}, {cores} cores that other work may share: read times as ratios. Bytes are exact.

A real fleet has torch in base-ml. It adds the same bytes to every variant's first push and base-ml bump; to (v) and (vi) it adds them for the seed
templates alone.
"""


def page(data: dict) -> str:
    """docs/images.md."""
    return PAGE.format(main=main_table(data), ratios=ratio_table(data), sizes=size_table(data), **data["facts"])


def comparison(data: dict) -> str:
    """The cost of slim against on-base, as docs/templates.md tells it."""
    slim, base = data["variants"]["slim"], data["variants"]["base"]

    def share(*path: str) -> str:
        return f"{Measure('', '', path).of(base) / Measure('', '', path).of(slim):.2f}"

    return (f"take {share('cold', 'seconds')} of the time of a cold build with\n`multi-stage-slim`, {share('unique')} of the bytes on disk, "
            f"{share('first_push', 'bytes')} of the first push, and {share('dependency', 'bytes')} of the push of a new dependency")


def files(data: dict) -> dict[pathlib.Path, str]:
    """What is written for a run's data."""
    return {ROOT / "docs/images.md": page(data), ROOT / "docs/images.svg": chart(data)}


def main() -> int:
    data = json.loads(DATA.read_text())
    failed = [what for what, _, _, good in verdicts(data) if not good]
    for path, text in files(data).items():
        path.write_text(text)
    if comparison(data) not in (ROOT / "docs/templates.md").read_text():
        failed.append(f"docs/templates.md does not say what docs/images.json says:\n{comparison(data)}")
    print("\n".join(f"does not hold: {line}" for line in failed) or f"all {len(verdicts(data))} ratios hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
