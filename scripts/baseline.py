#!/usr/bin/env python3
"""What a person would write instead of dockwright: services.yaml -> Dockerfiles with PyYAML and Jinja2, and a comparison with what is there.

An ordinary script: the C loader of PyYAML, templates compiled once, three files a service, no digests, no validation, no rules, no search for
stray files and no diff. The templates are dockwright's own, so each file is the same but for the header; only what the synthetic fleets
declare (`benches/fleet.rs`) is understood.

usage: baseline.py generate|check SERVICES_YAML FOLDER
"""

import json
import pathlib
import sys

import jinja2
import yaml

EPOCH, USER = "315532800", "10001"
TEMPLATES = pathlib.Path(__file__).resolve().parents[1] / "templates"
PROBE = ("import http.client as h; c = h.HTTPConnection('127.0.0.1', {}, timeout=4); c.request('GET', '/healthz'); "
         "raise SystemExit(c.getresponse().status != 200)")


def image(fleet: dict, name: str, entry: dict, kind: dict, template: str) -> dict:
    """What the templates print of an image."""
    folder, module, external = f"generated/{name}", name.replace("-", "_"), f"python:{fleet['python']}-slim"
    sets = [(f"the set {each}", fleet["requirements"][each]) for each in kind.get("requirements", [])]
    own = [(f"{name} alone", entry["pip"])] if entry.get("pip") else []
    context = {
        "name": name, "folder": folder, "template": template, "registry": fleet["registry"], "owner": fleet["owner"], "user": USER, "epoch": EPOCH,
        "parent": external, "apt": entry.get("apt", []), "apt_build": [], "args": [], "secrets": [], "locked": False, "hooks": {}, "pins": [],
        "groups": [{"title": title, "requirements": lines} for title, lines in sets + own], "requirements": f"{folder}/requirements.txt",
        "env": [{"key": key, "value": json.dumps(value)} for key, value in entry.get("env", {}).items()], "index_urls": [], "copies": [], "excluded": [],
    }
    if "port" in entry:
        port = str(entry["port"])
        probe = {"interval": "30s", "timeout": "5s", "start_period": "20s", "retries": 3, "command": json.dumps(["python", "-c", PROBE.format(port)])}
        command = ["python", "-m", "uvicorn", f"apps.{module}.main:app", "--host", "0.0.0.0", "--port", port]
        context |= {"copies": [*fleet["shared"], f"apps/{module}"], "port": port, "healthcheck": probe, "command": json.dumps(command)}
    if base := kind.get("base"):
        version = fleet["bases"][base]["version"]
        below = {"name": base, "version": version, "variables": f"${{REGISTRY}}/${{OWNER}}/{base}:${{BASE_VERSION}}"}
        context |= {"base": below, "parent": f"{fleet['registry']}/{fleet['owner']}/{base}:{version}"}
    else:
        context["from"] = external
    return context | {"version": entry["version"]} if "version" in entry else context


def files(fleet: dict):
    """The path and the text of every file."""
    environment = jinja2.Environment(loader=jinja2.FileSystemLoader(TEMPLATES), trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)

    # Our templates mark some texts for traces; without a trace the filter prints its text.
    environment.filters["because"] = lambda text, cause: text
    templates = {}

    def rendered(path: str, template: str, context: dict) -> tuple[str, str]:
        if template not in templates:
            templates[template] = environment.get_template(template)
        return path, f"# Generated from services.yaml and {template}.\n{templates[template].render(context)}"

    for name, lines in fleet["requirements"].items():
        groups = [{"title": f"the set {name}", "requirements": lines}]
        yield rendered(f"generated/requirements/{name}.txt", "image/requirements.txt.j2", {"groups": groups})
    bases = [image(fleet, name, base, base, "base/python-slim") for name, base in fleet["bases"].items()]
    kinds = {name: (kind, f"service/{kind['template']}") for name, kind in fleet["kinds"].items()}
    services = (image(fleet, name, service, *kinds[service["kind"]]) for name, service in fleet["services"].items())
    for context in (*bases, *services):
        folder = context["folder"]
        yield rendered(f"{folder}/Dockerfile", f"{context['template']}.Dockerfile.j2", context)
        kept = {**context, "context": [*context["copies"], context["requirements"]]}
        yield rendered(f"{folder}/Dockerfile.dockerignore", "image/Dockerfile.dockerignore.j2", kept)
        yield rendered(f"{folder}/requirements.txt", "image/requirements.txt.j2", context)


def main() -> int:
    command, declaration, folder = sys.argv[1:4]
    fleet = yaml.load(pathlib.Path(declaration).read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    differ = 0
    for path, text in files(fleet):
        target = pathlib.Path(folder, path)
        if command == "generate":
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        elif not target.exists() or target.read_text() != text:
            differ += 1
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
