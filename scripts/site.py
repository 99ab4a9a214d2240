"""Hooks of mkdocs: one page a diagnostic, made from docs/diagnostics.md, and llms.txt."""

import pathlib
import re

from mkdocs.structure.files import File

DIAGNOSTICS = "diagnostics.md"
# Files of the repository that the site shows too.
PROJECT = ("ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")


def on_files(files, config):
    """Adds a page for each diagnostic code, so that a search and a link end at one answer."""
    text = files.get_file_from_path(DIAGNOSTICS).content_string
    _, *entries = re.split(r"^## ", text, flags=re.MULTILINE)
    for entry in entries:
        code, body = entry.split("\n", 1)
        page = f"# {code}\n{body}\n[All diagnostics](../{DIAGNOSTICS})\n"
        files.append(File.generated(config, f"diagnostics/{code}.md", content=page))
    root = pathlib.Path(config.docs_dir).parent
    for name in PROJECT:
        text = (root / name).read_text(encoding="utf-8")
        files.append(File.generated(config, f"project/{name.lower()}", content=detached(text)))
    return files


def detached(text):
    """Files of the repository have other places in the site: links to pages follow, others go."""
    text = re.sub(r"\]\(docs/([^)]*)\)", r"](../\1)", text)
    names = "|".join(re.escape(name) for name in PROJECT)
    text = re.sub(rf"\]\(({names})\)", lambda found: f"]({found[1].lower()})", text)
    return re.sub(r"\[([^]]*)\]\((?!\.\./|https?:|#|(?:" + names.lower() + r")\))[^)]*\)", r"\1", text)


def on_page_markdown(markdown, page, **_):
    """Turns the page of all diagnostics into a list of links to their pages."""
    if page.file.src_uri != DIAGNOSTICS:
        return markdown
    introduction, *entries = re.split(r"^## ", markdown, flags=re.MULTILINE)
    rows = ["| code | meaning |", "| --- | --- |"]
    for entry in entries:
        code, body = entry.split("\n", 1)
        meaning = body.strip().split("\n", 1)[0].replace("|", r"\|")
        rows.append(f"| [`{code}`](diagnostics/{code}.md) | {meaning} |")
    return introduction + "\n".join(rows) + "\n"


def on_post_build(config):
    """Writes llms.txt: what the pages are, for programs that read them (https://llmstxt.org)."""
    docs = pathlib.Path(config.docs_dir)
    lines = [f"# {config.site_name}", "", f"> {config.site_description}", ""]
    for title, path in pages(config.nav):
        if not (docs / path).exists():
            continue
        text = (docs / path).read_text(encoding="utf-8")
        first = next(line for line in text.split("\n\n") if not line.startswith(("#", "<", "|", "```")))
        summary = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", " ".join(first.split()))
        lines.append(f"- [{title}]({path}): {summary}")
    (pathlib.Path(config.site_dir) / "llms.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")


def pages(nav):
    """All pages of the navigation, in its order."""
    for entry in nav:
        for title, value in entry.items():
            if isinstance(value, str):
                yield title, value
            else:
                yield from pages(value)
