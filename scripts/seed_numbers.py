"""The tables of docs/seed-numbers.md from a run of `just bench-images`: what was measured beside each headline figure of the seeds' notes."""

import re

ML = ["svc-ocr", "svc-rag-indexer", "svc-rag-retriever"]
OURS = {"seed": "seed templates", "slim": "multi-stage-slim", "base": "runtime-on-base"}
EARLIER = " The tables are from the run with the first version's templates."
OTHERS = 11  # services without machine learning


class Numbers:
    """A run's data, with what 14 services of one list for all come to: 11 × one without machine learning and 3 × one with it."""

    def __init__(self, data: dict) -> None:
        self.variants = [data["variants"][name] for name in OURS]
        self.kg, self.retriever = data["before"]["svc-kg"], data["before"]["svc-rag-retriever"]

    def all_of(self, key: str) -> float:
        """A figure of one list for all, for the whole fleet."""
        return OTHERS * self.kg[key] + len(ML) * self.retriever[key]

    def tables(self) -> list[list[str]]:
        """The rows of each table, in the order of the page."""
        python = self.variants[0]["python"]
        pushed = self.all_of("bytes")
        some = ["base-runtime", "base-ml", *ML]
        return [
            [
                row("sum of 14 sizes", mb, self.all_of("size"), [each["sum"] for each in self.variants]),
                row("unique bytes on disk", mb, self.all_of("size") - (OTHERS + len(ML) - 1) * python, [each["unique"] for each in self.variants]),
            ],
            [
                row("svc-kg", mb, self.kg["size"], [each["sizes"]["svc-kg"] for each in self.variants]),
                row("svc-rag-retriever, without torch", mb, self.retriever["size"], [each["sizes"]["svc-rag-retriever"] for each in self.variants]),
            ],
            [
                row("first push, all 14", mb, pushed, [each["first_push"]["bytes"] for each in self.variants]),
                row("first push, bases and the 3 ML services", mb, len(ML) * self.retriever["bytes"],
                    [sum(each["first_push"]["images"][name] for name in some) for each in self.variants]),
                cells("on disk above base-ml: ocr / indexer / retriever", "",
                      [" / ".join(mb(each["sizes"][name] - each["sizes"]["base-ml"]) for name in ML) for each in self.variants]),
            ],
            [
                row("cold build of bases and 14 services", seconds, self.all_of("seconds"), [each["cold"]["seconds"] for each in self.variants]),
                row("the same on a cold builder and a new OS layer: pushed", mb, pushed, [each["again"]["bytes"] for each in self.variants]),
            ],
            [
                row("svc-rag-retriever", seconds, self.retriever["seconds"], [each["dependency_ml"]["seconds"] for each in self.variants]),
                row("svc-kg", seconds, self.kg["seconds"], [each["dependency"]["seconds"] for each in self.variants]),
            ],
        ]


def mb(value: float) -> str:
    return f"{value / 1e6:,.0f} MB" if value >= 1e6 else f"{value / 1e6:.2f} MB"


def seconds(value: float) -> str:
    return f"{value:,.0f} s"


def cells(title: str, before: str, ours: list[str]) -> str:
    return "| " + " | ".join([title, before, *ours]) + " |"


def row(title: str, form, before: float, ours: list[float]) -> str:
    """Figures, each with how much less it is than with one list for all."""
    def less(value: float) -> str:
        share = 1 - value / before
        return "over 99 %" if share > 0.995 else f"{share * 100:.0f} %"

    return cells(title, form(before), [f"{form(value)} ({less(value)})" for value in ours])


def page(text: str, data: dict) -> str:
    """The page with the rows of its tables taken from the data."""
    tables = iter(Numbers(data).tables())
    head = r"(\| \| one list for all \|.*\n\|[ :|-]+\n)(?:\|.*\n)+"
    written, count = re.subn(head, lambda found: found[1] + "\n".join(next(tables)) + "\n", text)
    if count != len(Numbers(data).tables()):
        raise ValueError(f"docs/seed-numbers.md has {count} tables")
    return written.replace(EARLIER, "")
