#!/usr/bin/env python3
"""What a person would write instead: services.yaml -> Dockerfiles with PyYAML and Jinja2, and a comparison with what is there.

usage: render_with_jinja.py generate|check SERVICES_YAML FOLDER
"""

import pathlib
import sys

import jinja2
import yaml

TEMPLATE = """FROM {{ from }}
{% if apt %}RUN apt-get update && apt-get install -y --no-install-recommends {{ apt | join(" ") }} && rm -rf /var/lib/apt/lists/*
{% endif %}COPY requirements.txt /tmp/requirements.txt
RUN pip install --no-cache-dir -r /tmp/requirements.txt
WORKDIR /app
COPY libs/ ./libs/
COPY apps/{{ module }}/ ./apps/{{ module }}/
USER 10001:10001
{% for key, value in env.items() %}ENV {{ key }}="{{ value }}"
{% endfor %}EXPOSE {{ port }}
CMD ["python", "-m", "uvicorn", "apps.{{ module }}.main:app", "--host", "0.0.0.0", "--port", "{{ port }}"]
"""


def main() -> int:
    command, declaration, folder = sys.argv[1:4]
    fleet = yaml.load(pathlib.Path(declaration).read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    template = jinja2.Environment(keep_trailing_newline=True).from_string(TEMPLATE)
    differ = 0
    for name, service in fleet["services"].items():
        context = {"apt": [], "env": {}, "module": name.replace("-", "_"), "from": "python:3.12-slim", **service}
        target = pathlib.Path(folder, name)
        requirements = "".join(f"{line}\n" for line in fleet["requirements"]["base"] + service.get("pip", []))
        for path, text in ((target / "Dockerfile", template.render(context)), (target / "requirements.txt", requirements)):
            if command == "generate":
                target.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            elif not path.exists() or path.read_text() != text:
                differ += 1
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
