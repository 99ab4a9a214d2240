#!/usr/bin/env python3
"""What `just bench-images` measured, as a page and a chart, and the ratios that must hold.

usage: scripts/images_report.py     renders docs/images.md, docs/images.svg and the figures of docs/templates.md and docs/seed-numbers.md from
                                    docs/images.json again; fails where a ratio does not hold
"""

import dataclasses
import json
import pathlib
import re
import sys

import seed_numbers

ROOT = pathlib.Path(__file__).resolve().parents[1]
DATA = ROOT / "docs/images.json"
VARIANTS = {"seed": "seed templates", "slim": "multi-stage-slim", "base": "runtime-on-base", "uv": "runtime-on-base with uv"}
CHARTED = ["seed", "slim", "base"]


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
    Measure("(i) with 50 MB of sources beside it: build", "s", ("weighty_app", "seconds")),
    Measure("(i) with 50 MB of sources beside it: push", "MB", ("weighty_app", "bytes")),
    Measure("(ii) change in libs/, all 14: build", "s", ("libs", "seconds")),
    Measure("(ii) change in libs/, all 14: push", "MB", ("libs", "bytes")),
    Measure("(iii) new dependency of a non-ML service: build", "s", ("dependency", "seconds"), True),
    Measure("(iii) new dependency of a non-ML service: push", "MB", ("dependency", "bytes"), True),
    Measure("(iii) new dependency of an ML service: build", "s", ("dependency_ml", "seconds")),
    Measure("(iii) new dependency of an ML service: push", "MB", ("dependency_ml", "bytes")),
    Measure("(iv) base-ml bump, base and 3 services: build", "s", ("base_ml", "seconds")),
    Measure("(iv) base-ml bump: push", "MB", ("base_ml", "bytes"), True),
    Measure("(iv) of that the 3 services", "MB", ("base_ml", "services"), True),
    Measure("(v) new OS layer, and a cold builder: push", "MB", ("again", "bytes"), True),
    Measure("(v) one service with 50 MB of sources: push", "MB", ("weighty_again", "bytes")),
    Measure("(v') new interpreter patch release: push", "MB", ("interpreter", "bytes")),
    Measure("(vi) cold builder, `cache: true`: push", "MB", ("cached", "bytes")),
    Measure("start to healthy, median", "s", ("healthy",)),
]


@dataclasses.dataclass(frozen=True)
class Ratio:
    """A bound on one of our variants, as a share of the seed templates' figure: the same one, or what they do where ours does less."""

    variant: str
    title: str
    path: tuple[str, ...]
    bound: float
    theirs: tuple[str, ...] = ()

    def value(self, data: dict) -> float | None:
        """The measured ratio; None where one of the two was not measured."""
        ours = Measure("", "", self.path).of(data["variants"][self.variant])
        theirs = Measure("", "", self.theirs or self.path).of(data["variants"]["seed"])
        return None if ours is None or theirs is None else ours / theirs


MUST_HOLD = [
    Ratio("base", "cold build", ("cold", "seconds"), 0.4),
    Ratio("uv", "cold build", ("cold", "seconds"), 0.32),
    Ratio("base", "unique bytes", ("unique",), 0.49),
    Ratio("base", "first push", ("first_push", "bytes"), 0.5),
    Ratio("base", "push after a base-ml bump", ("base_ml", "bytes"), 0.32),
    Ratio("base", "push after (v), a new OS layer and a cold builder", ("again", "bytes"), 0.03),
    Ratio("base", "push after (vi), a cold builder with `cache: true`", ("cached", "bytes"), 0.001, ("again", "bytes")),
    Ratio("base", "(i) app change in one service, build", ("app", "seconds"), 1.1),
    Ratio("base", "(i) the same with 50 MB of sources, build", ("weighty_app", "seconds"), 1.1),
    Ratio("base", "start to healthy", ("healthy",), 1.05),
    Ratio("slim", "unique bytes", ("unique",), 0.97),
    Ratio("slim", "first push", ("first_push", "bytes"), 0.97),
    Ratio("slim", "push after (v), a new OS layer and a cold builder", ("again", "bytes"), 0.05),
    Ratio("slim", "(i) app change in one service, build", ("app", "seconds"), 1.1),
    Ratio("slim", "start to healthy", ("healthy",), 1.05),
]
# The text of the first version gave every layer again: bytes that its run pushed with the seed templates and on runtime-on-base.
FIRST_COLD = (314.66, 119.51)  # seconds of its cold builds
FIRST_TEXT = {"os": (1211704684, 116721), "again": (1211687947, 109554)}


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
        said = "not measured" if value is None else f"{value:.4f}" if value < 0.1 else f"{value:.3f}"
        rows.append((f"{VARIANTS[ratio.variant]}: {ratio.title}", said, f"≤ {ratio.bound}", value is not None and value <= ratio.bound))
    for variant in ("slim", "base", "uv"):
        title = f"{VARIANTS[variant]}: images whose Python layers are equal after two builds from nothing"
        if again := data["variants"][variant].get("again"):
            rows.append((title, str(again["images"] - len(again["different"])), f"= {again['images']}", not again["different"]))
        else:
            rows.append((title, "not measured", "= 16", False))
    return rows


def table(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table; all columns but the first are right-aligned."""
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def main_table(data: dict) -> str:
    """All figures of all variants."""
    rows = [[f"{measure.title}, {measure.unit}", *(number(measure.of(data["variants"][name]), measure.unit) for name in VARIANTS)] for measure in MEASURES]
    return table(["", *VARIANTS.values()], rows)


def debian_share(data: dict, key: str, pushed: str) -> str:
    """A push of runtime-on-base as a share of the seed templates', without what svc-ocr brought: its Debian packages."""
    ours, theirs = data["variants"]["base"][key], data["variants"]["seed"][key]
    return f"{(ours['bytes'] - ours[pushed]['svc-ocr']) / theirs['bytes']:.3f}"


def shortfalls(data: dict) -> str:
    """Why bounds do not hold; nothing where they hold."""
    failed = {ratio.path[0] for ratio in MUST_HOLD if ratio.variant == "base" and (value := ratio.value(data)) is not None and value > ratio.bound}
    told = ""
    if "cold" in failed and data["variants"]["base"]["cold"]["at_once"]:
        told = BUSY.format(earlier=f"{FIRST_COLD[1] / FIRST_COLD[0]:.3f}")
    if not failed & {"base_ml", "again"}:
        return told
    ocr = number(data["variants"]["base"]["base_ml"]["images"]["svc-ocr"], "MB")
    return told + SHORTFALLS.format(ocr=ocr, bump=debian_share(data, "base_ml", "images"), cold=debian_share(data, "again", "pushed"))


def size_table(data: dict) -> str:
    """The size of every image, in every variant."""
    sizes = {name: data["variants"][name]["sizes"] for name in VARIANTS}
    return table(["image, MB", *VARIANTS.values()], [[image, *(number(sizes[name].get(image), "MB") for name in VARIANTS)] for image in sizes["seed"]])


def ratio_table(data: dict) -> str:
    """The ratios that must hold."""
    def verdict(value: str, good: bool) -> str:
        return "holds" if good else "" if value == "not measured" else "FAILS"

    rows = [[what, value, bound, verdict(value, good)] for what, value, bound, good in verdicts(data)]
    return table(["ratio to the seed templates", "measured", "must be", ""], rows)


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
    shown = [measure for measure in MEASURES if measure.chart and all(measure.of(data["variants"][name]) is not None for name in CHARTED)]
    height = 96 + len(shown) * (3 * bar + gap) + 34
    parts = ['<text class="title" x="20" y="30">Building, storing and pushing 16 images, seed templates = 100 %</text>']
    for index, (name, title) in enumerate((name, VARIANTS[name]) for name in CHARTED):
        parts.append(f'<rect class="{name}" x="{20 + index * 170}" y="46" width="12" height="12" rx="2"/><text x="{38 + index * 170}" y="57">{title}</text>')
    bottom = height - 34
    for share in (0, 25, 50, 75, 100):
        x = left + width * share / 100
        parts.append(f'<line class="axis" x1="{x}" y1="76" x2="{x}" y2="{bottom}"/><text class="small" x="{x}" y="{bottom + 18}" text-anchor="middle">{share} %</text>')
    for row, measure in enumerate(shown):
        top = 84 + row * (3 * bar + gap)
        parts.append(f'<text x="{left - 12}" y="{top + 24}" text-anchor="end">{measure.title}</text>')
        whole = measure.of(data["variants"]["seed"])
        for index, name in enumerate(CHARTED):
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


COLD = {
    False: "Each image is built by the variants in turn, alone.",
    True: "**In this run they were all built at once**, on a machine that other work kept busy, so that each had an equal share of it. The seed\n"
          "  templates, which need longest, had a larger share at the end, so the ratios come out too high.",
}
PAGE = """# What the images cost

Written by `just bench-images` from one run ([images.json](images.json)); MB are 10^6 bytes.

![Bars: the figures below as shares of the seed templates](images.svg)

{main}

## Must hold

{ratios}
{shortfalls}
{cost}

## What is built here, and what is judged by its text

| what | how it is held |
| --- | --- |
| Debian, x86-64: this fleet, `installer: uv`, uv workspaces, poetry, `apt_build`, indexes of one's own, final images without a shell | built, started and used in CI (`tests/images`); each commit tests a third of the behaviors, in turn |
| Python 3.13 of Debian as the image below | built: a stand-in for the official image, made of Debian packages, since CI pulls nothing from Docker Hub. The official images are judged by text |
| torch and CUDA wheels | stand-ins of their names in an index on 127.0.0.1 are built; `just images --torch` builds the true ones |
| arm64 | resolved: locks, hashes and wheels for the platform are real (`tests/suite/locks`); nothing is run there |
| Alpine (`apk`) | by text: goldens, hadolint and BuildKit's own parser and checks |
| CUDA images (`python: none`) | by text, as Alpine; a managed Python in a final image of its own is built (`shell_less`) |
| conda images (`site_packages`) | by text, as Alpine |
| equal image digests (`reproducible: true`) | two builds by the BuildKit in Docker Engine, with the exporter of OCI archives (`tests/images/reproducible.py`) |
| buildah | builds and starts the same Dockerfiles (`just images --builder buildah`); its layers are not compared |

## The size of each image

{sizes}

## What was measured, and how

- **The fleet** is services.yaml with the edits that `tests/images/fleet.py` lists: the stand-in's Python, torch and what needs it left out, and every
  package pinned (`tests/images/pins.json`). All variants install the same versions. Its policy, its bake file and its requirements for development
  have nothing to do with images and are left out.
- **seed templates** are the two templates that the fleet started from, kept in `tests/images/seed`; **multi-stage-slim** is the fleet as declared;
  **runtime-on-base** is the same with the non-ML kind on base-runtime. ML services stand on base-ml everywhere.
- **Cold build**: the builder's cache, with pip's and apt's, is emptied first; then both bases and the services are built one after another. Steps that
  Dockerfiles share are still run once, which favours the seed templates (their eleven services share the step that installs compilers).
  {cold} (i) is timed in turn, (ii) to (iv) one after another; where only bytes are asked for, the variants run
  side by side and no times are given.
- **Unique bytes** add up the uncompressed size of each layer once, as overlay2 stores them, the Python image included.
- **Push** is the size of all blobs, manifests and configurations that are new in a registry on 127.0.0.1, compressed as pushed. The Python image
  below ({python} MB on disk) is there already, as a mirror would have it.
- **(i)** one line in `apps/svc_kg`, the median of {rounds} builds, in turn with the other variants; once more with a file of {sources} MB beside it that
  no compression makes smaller. **(ii)** one line in `libs/`, which all services copy. **(iii)** {dependency} added to svc-kg, and to svc-rag-retriever.
  **(iv)** {bump} in base-ml, its version raised, and the services on it built again. **(v)** the Python image gets one more layer of a few bytes, the builder's cache
  and all images are removed, and everything is built again, which takes the time of the cold build: so a new OS layer and a cold builder at once.
  A service with {sources} MB of sources pushes them again then: the seed templates store them twice (`chown -R`), ours once. **(v')** as (v), with `venv`
  naming another patch release, as after an update of Python: built for runtime-on-base alone, whose venv is made by the same step as the others'.
  **(vi)** from a fresh checkout on a builder that has never built anything, where the bake file declares `cache: true` and another builder has left its
  layers in the registry; as a share of what the seed templates push in (v).
- **runtime-on-base with uv** installs the same versions by `installer: uv`. It is built from nothing twice and pushed; what changes afterwards is
  measured with pip, whose layers have the same files.
- **Start to healthy** is the time from starting a container to the first 200 of its health path, the median of {starts} starts of {started}, in turn with the other variants.
- Docker Engine {engine}, {cores} cores that other work may share: read times as ratios. Bytes are exact.

A real fleet has torch in base-ml. It adds the same bytes to every variant's first push and base-ml bump; to (v) it adds them for the seed
templates alone.
"""
BUSY = """
The cold builds of this run shared a machine that other work kept busy, and with each other: see below why the ratio of pip's comes out too high. In turn and alone,
with the text of the first version, it was {earlier}; today's has one stage less to build. It is to be measured again on a quiet machine.
"""
SHORTFALLS = """
The pushes after a base-ml bump and after (v) are larger than their bounds by the Debian packages of one service: tesseract and poppler are {ocr} MB of
svc-ocr, in a layer above base-ml. Whenever the layer below is another one, apt runs again and writes folders and lists of files with new times. Every
Python layer is equal, and without svc-ocr the shares are {bump} and {cold}. Four more lines in each image with Debian packages would close it (one time for
what apt wrote, and `fc-cache` after it); the text leaves apt alone, since a reader of the Dockerfile has to understand each of its lines.
"""
COST = """## What the simpler text costs, and why it is right

The first version's text gave every layer again, bit for bit: after a new OS layer it pushed {first_os} of what the seed templates push, from a cold
builder {first_again}. Today's pushes {again} after both at once ({bytes} MB of {seed} MB): Python layers are still equal, while the layers of Debian
packages and sources are pushed again. That is right for two reasons:

- **What the bytes bought broke services.** A constant time on sources made servers answer 304 with the old body after a deploy, tmpfs mounts over `/var/log`
  lost folders that nginx and supervisor need, and a fixed time during apt made fontconfig's caches stale for ever. All of these images were built, and healthy.
- **It was a third of the text**: `find`, `touch` and mounts in every step, and a stage for the sources, which made a change of one line take 1.6 times as
  long as with the seed templates. Now that is {app}.

With `outputs: {{ bake: {{ cache: true }} }}`, a cold builder should take the layers from the registry. In this run it did not: it pushed {cached}, and ran
{steps} of the steps again. `reproducible: true` sets times when a release is exported."""


def cost(data: dict) -> str:
    """What pushes of today's text are beside those of the first."""
    figures = {f"first_{row}": f"{ours / theirs:.4f}" for row, (theirs, ours) in FIRST_TEXT.items()}
    values = {ratio.path[0]: ratio.value(data) for ratio in MUST_HOLD if ratio.variant == "base"}
    for name in ("again", "app", "cached"):
        value = values[name]
        figures[name] = "(not measured)" if value is None else f"{value:.4f}" if value < 0.1 else f"{value:.2f}"
    for name, variant in (("bytes", "base"), ("seed", "seed")):
        figures[name] = number(Measure("", "", ("again", "bytes")).of(data["variants"][variant]), "MB")
    steps = Measure("", "", ("cached", "steps")).of(data["variants"]["base"])
    return COST.format(steps="an unknown number of" if steps is None else steps, **figures)


def page(data: dict) -> str:
    """docs/images.md."""
    return PAGE.format(shortfalls=shortfalls(data), cost=cost(data), main=main_table(data), ratios=ratio_table(data), sizes=size_table(data), **data["facts"])


COMPARED = re.compile(r"take [\d.]+ of the time of a cold build.*\n.*? of the push of a new dependency")


def comparison(data: dict) -> str:
    """The cost of slim against on-base, as docs/templates.md tells it."""
    slim, base = data["variants"]["slim"], data["variants"]["base"]

    def share(*path: str) -> str:
        return f"{Measure('', '', path).of(base) / Measure('', '', path).of(slim):.2f}"

    return (f"take {share('cold', 'seconds')} of the time of a cold build (on a busy machine)\nwith `multi-stage-slim`, {share('unique')} of the bytes on disk, "
            f"{share('first_push', 'bytes')} of the first push, and {share('dependency', 'bytes')} of the push of a new dependency")


def files(data: dict) -> dict[pathlib.Path, str]:
    """What is written for a run's data."""
    templates, seeds = ROOT / "docs/templates.md", ROOT / "docs/seed-numbers.md"
    told, count = COMPARED.subn(comparison(data), templates.read_text())
    if count != 1:
        raise ValueError("docs/templates.md has no place for the comparison")
    written = {ROOT / "docs/images.md": page(data), ROOT / "docs/images.svg": chart(data), templates: told}
    return written | ({seeds: seed_numbers.page(seeds.read_text(), data)} if data["before"] else {})


def main() -> int:
    data = json.loads(DATA.read_text())
    failed = [what for what, _, _, good in verdicts(data) if not good]
    for path, text in files(data).items():
        path.write_text(text)
    print("\n".join(f"does not hold: {line}" for line in failed) or f"all {len(verdicts(data))} ratios hold")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
