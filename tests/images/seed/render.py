"""Writes the Dockerfiles and requirement files of a fleet with the seed templates: what `dockwright generate` is measured against."""

import dataclasses
import pathlib

HERE = pathlib.Path(__file__).resolve().parent


@dataclasses.dataclass(frozen=True)
class Service:
    """A service as the seed templates need it: its module, whether it stands on base-ml, and what is installed for it alone."""

    name: str
    module: str
    ml: bool
    apt: list[str]
    pip: list[str]
    port: int


def template(name: str, python: str) -> str:
    """The text of a seed template, on the Python image that the measured fleet uses."""
    return (HERE / f"{name}.Dockerfile").read_text().replace("python:3.12-slim", python)


def with_apt(text: str, service: Service) -> str:
    """The seeds name the services' Debian packages but give no place for them: beside curl, or in a step of their own before pip."""
    if not service.apt:
        return text
    packages = "".join(f"    {package} \\\n" for package in service.apt)
    if service.ml:
        step = f"RUN apt-get update && apt-get install -y \\\n{packages}    && rm -rf /var/lib/apt/lists/*\n"
        return text.replace("USER root\n", f"USER root\n{step}", 1)
    head, stage, tail = text.partition("# Production stage")
    return head + stage + tail.replace("    curl \\\n", f"    curl \\\n{packages}", 1)


def dockerfile(name: str, service: Service, python: str) -> str:
    """One service's Dockerfile."""
    text = with_apt(template(name, python), service)
    return text.replace("svc_xxx", service.module).replace("8000", str(service.port))


def write(folder: pathlib.Path, services: list[Service], sets: dict[str, list[str]], python: str) -> None:
    """Writes the fleet's Dockerfiles below `folder/docker` and the requirement files where the templates copy them from.

    `sets` are the requirements of `base` (all), `ml` (base-ml) and `before` (one list for everybody).
    """
    docker = folder / "docker"
    docker.mkdir(exist_ok=True)
    (folder / "libs").mkdir(exist_ok=True)
    for name, file in (("base", "requirements-base"), ("ml", "requirements-ml"), ("before", "requirements")):
        (folder / f"libs/{file}.txt").write_text("".join(f"{line}\n" for line in sets[name]))
    for base in ("base-runtime", "base-ml"):
        (docker / f"{base}.Dockerfile").write_text(template(base, python))
    for service in services:
        (folder / "apps" / service.module).mkdir(parents=True, exist_ok=True)
        (folder / "apps" / service.module / "requirements.txt").write_text("".join(f"{line}\n" for line in service.pip))
        usual = "ml-on-base" if service.ml else "multi-stage-slim"
        (docker / f"{service.name}.Dockerfile").write_text(dockerfile(usual, service, python))
        (docker / f"{service.name}.before.Dockerfile").write_text(dockerfile("before", service, python))
