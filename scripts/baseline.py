#!/usr/bin/env python3
"""What a person would write instead of dockwright: services.yaml -> Dockerfiles with PyYAML and Jinja2, and a comparison with what is there.

An ordinary script: the C loader of PyYAML, templates compiled once that say what these fleets need and no more, three files a service, no
digests, no validation, no rules, no search for stray files and no diff. Each file is the same as dockwright's but for the header; only what
the synthetic fleets declare (`benches/fleet.rs`) is understood.

usage: baseline.py generate|check SERVICES_YAML FOLDER
"""

import json
import pathlib
import re
import sys

import jinja2
import yaml

REPOSITORY = pathlib.Path(__file__).resolve().parents[1]
IGNORED = "".join(re.findall(r"^# Never.*\n|^\*\*/.*\n", (REPOSITORY / "templates/image/Dockerfile.dockerignore.j2").read_text(), re.MULTILINE))
INSTALL = """RUN --mount=type=cache,id=pip,target=/root/.cache/pip \\
    --mount=type=bind,source=generated/{{ name }}/requirements.txt,target=/tmp/requirements.txt \\
"""
PIP = "SOURCE_DATE_EPOCH=315532800 pip --python /opt/venv/bin/python install --only-binary=:all: -r /tmp/requirements.txt \\\n"
TIME = """-name RECORD -exec sort {} + > /tmp/installed \\
 && time=@$((0x2$(printf %.7s "$(sha256sum /tmp/installed)"))) \\
"""
EXTERNAL = """FROM python:{{ python }}-slim AS builder
RUN python -m venv --without-pip /opt/venv && sed -i "/^version = /d" /opt/venv/pyvenv.cfg
# A rebuild gives this layer again, bit for bit: .pyc files hold a hash instead of a time, and the time of all files follows from what was installed.
""" + INSTALL + "    " + PIP + " && find /opt " + TIME + """ && find /opt -exec touch -hd "$time" {} +

FROM python:{{ python }}-slim
ENV PATH="/opt/venv/bin:$PATH" PYTHONPATH=/app \\
    PYTHONDONTWRITEBYTECODE=1 PYTHONFAULTHANDLER=1 PYTHONUNBUFFERED=1
{% include "packages" %}
RUN groupadd --gid 10001 appuser \\
 && useradd --uid 10001 --gid 10001 --no-log-init --no-create-home --home-dir /tmp --shell /usr/sbin/nologin appuser
COPY --from=builder /opt/ /opt/
"""
ON_BASE = """ARG REGISTRY={{ registry }}
ARG OWNER={{ owner }}
ARG BASE_VERSION={{ base_version }}

FROM ${REGISTRY}/${OWNER}/{{ base }}:${BASE_VERSION}
USER 0
{% include "packages" %}
# As in the base, a rebuild gives this layer again, bit for bit: the time of what this step writes follows from what it installs.
""" + INSTALL + "    touch /tmp/start \\\n && " + PIP + " && find /opt -cnewer /tmp/start " + TIME + """ && find /opt -cnewer /tmp/start -exec touch -hd "$time" {} + \\
 && rm /tmp/start /tmp/installed \\
 && touch -d "$time" /tmp /root
"""
TEMPLATES = {
    "packages": """{% for key, value in env.items() %}
ENV {{ key }}="{{ value }}"
{% endfor %}
{% if apt %}
RUN apt-get update \\
 && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \\
{% for package in apt %}
      {{ package }} \\
{% endfor %}
 && rm -rf /var/lib/apt/lists/* /var/cache/ldconfig/* /var/log/apt/* /var/log/*.log
{% endif %}
""",
    "service": """{% if base %}
""" + ON_BASE + "{% else %}\n" + EXTERNAL + """{% endif %}

WORKDIR /app
{% for path in copies %}
COPY --chmod=0755 {{ path }}/ {{ path }}/
{% endfor %}

USER 10001:10001
EXPOSE {{ port }}
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \\
    CMD ["python", "-c", "import http.client as h; c = h.HTTPConnection('127.0.0.1', {{ port }}, timeout=4); c.request('GET', '/healthz'); raise SystemExit(c.getresponse().status != 200)"]
CMD ["python", "-m", "uvicorn", "apps.{{ module }}.main:app", "--host", "0.0.0.0", "--port", "{{ port }}", "--timeout-graceful-shutdown", "8"]

LABEL org.opencontainers.image.title="{{ name }}" \\
      org.opencontainers.image.base.name="{{ parent }}"
""",
    "base": EXTERNAL + """WORKDIR /app
USER 10001:10001

LABEL org.opencontainers.image.title="{{ name }}" \\
      dockwright.{{ name }}.version="{{ version }}" \\
      org.opencontainers.image.base.name="{{ parent }}"
""",
    "ignore": """# The build context holds just what the Dockerfile mounts or copies.
*
{% for path in copies %}
!{{ path }}
{% endfor %}
!generated/{{ name }}/requirements.txt
""" + IGNORED,
    "requirements": """{% for title, lines in groups %}
# {{ title }}
{% for line in lines %}
{{ line }}
{% endfor %}
{% endfor %}
""",
}


def image(fleet: dict, name: str, entry: dict, kind: dict) -> dict:
    """What the templates print of an image."""
    sets = [(f"the set {each}", fleet["requirements"][each]) for each in kind.get("requirements", [])]
    own = [(f"{name} alone", entry["pip"])] if entry.get("pip") else []
    context = {
        "name": name, "python": fleet["python"], "registry": fleet["registry"], "owner": fleet["owner"], "base": kind.get("base"), "groups": sets + own,
        "apt": entry.get("apt", []), "env": entry.get("env", {}), "port": entry.get("port"), "version": entry.get("version"),
        "module": name.replace("-", "_"), "copies": [], "parent": f"python:{fleet['python']}-slim",
    }
    if context["port"]:
        context["copies"] = [*fleet["shared"], f"apps/{context['module']}"]
    if base := context["base"]:
        context["base_version"] = fleet["bases"][base]["version"]
        context["parent"] = f"{fleet['registry']}/{fleet['owner']}/{base}:{context['base_version']}"
    return context


def files(fleet: dict):
    """The path and the text of every file."""
    environment = jinja2.Environment(loader=jinja2.DictLoader(TEMPLATES), trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True)
    templates = {name: environment.get_template(name) for name in TEMPLATES}

    def rendered(path: str, template: str, context: dict) -> tuple[str, str]:
        return path, f"# Generated from services.yaml.\n{templates[template].render(context)}"

    for name, lines in fleet["requirements"].items():
        yield rendered(f"generated/requirements/{name}.txt", "requirements", {"groups": [(f"the set {name}", lines)]})
    bases = [("base", image(fleet, name, base, base)) for name, base in fleet["bases"].items()]
    kinds = fleet["kinds"]
    services = (("service", image(fleet, name, service, kinds[service["kind"]])) for name, service in fleet["services"].items())
    for template, context in (*bases, *services):
        folder = f"generated/{context['name']}"
        yield rendered(f"{folder}/Dockerfile", template, context)
        yield rendered(f"{folder}/Dockerfile.dockerignore", "ignore", context)
        yield rendered(f"{folder}/requirements.txt", "requirements", context)


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
