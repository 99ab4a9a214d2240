"""Example fleets as their users would write them: each is locked, declared in a line or two a service, built, started and used.

    failed = examples.run(builder, folder, program, "python:3.13-slim", only=None)     # None: all of them

Locks are made by the tools themselves, in the versions that services.yaml declares, from the index that pip on this machine is told.
"""

import collections.abc
import contextlib
import json
import os
import pathlib
import re
import subprocess
import sys
import textwrap
import time

import debian
import engine
import fleets
import wheels

UV, POETRY = "0.13.9", "2.5.1"
# What a machine with certificates of its own adds; users elsewhere have no such lines.
CERTIFICATES = "{ SSL_CERT_FILE: /etc/ssl/certs/ca-certificates.crt, REQUESTS_CA_BUNDLE: /etc/ssl/certs/ca-certificates.crt }"
PORT = 8000


class Examples:
    """Example fleets on one builder."""

    def __init__(self, builder: engine.Engine, folder: pathlib.Path, program: str, python_image: str) -> None:
        self.builder, self.folder, self.program = builder, folder, program
        self.python = python_image.removeprefix("python:").split("-")[0]

    def uv_workspace(self) -> None:
        """a uv workspace: members and a shared library, in two layers; code in the library moves one of them"""
        folder = self.folder / "uv"
        write(folder / "services.yaml", fleets.UV_WORKSPACE.format(python=self.python, uv=UV, args=CERTIFICATES))
        write(folder / "pyproject.toml", '[project]\nname = "fleet"\nversion = "0"\nrequires-python = ">=3.11"\n[tool.uv]\npackage = false\n'
                                         '[tool.uv.workspace]\nmembers = ["services/*", "libs/common"]\n')
        library(folder / "libs/common")
        for name in ("gateway", "billing", "reports"):
            asked = ["common"] if name == "reports" else ["common", "starlette>=0.40", "uvicorn>=0.30"]
            member(folder / "services" / name, name, asked)
        lock(f"uv=={UV}", ["uv", "lock", "--quiet"], folder)
        self.generate(folder)
        for name in ("gateway", "billing"):
            self.answers(folder, name, {"service": name, "library": "1"})
        self.ends(folder, "reports", "reported by 1")
        before = self.builder.layers(self.tag("gateway"))
        write(folder / "libs/common/src/common/__init__.py", 'VERSION = "2"\n')
        self.answers(folder, "gateway", {"service": "gateway", "library": "2"})
        after = self.builder.layers(self.tag("gateway"))
        differ = [at for at, (one, other) in enumerate(zip(before, after)) if one != other]
        steps = self.builder.steps(self.tag("gateway"))
        if [steps[at].count("--refresh-package common") for at in differ][:1] != [1]:
            raise engine.Failed(f"    code in a library moved {[steps[at] for at in differ]}")

    def poetry(self) -> None:
        """a service with poetry.lock and a library by path; poetry itself is in no image"""
        folder = self.folder / "poetry"
        write(folder / "services.yaml", fleets.POETRY.format(python=self.python, poetry=POETRY, args=CERTIFICATES))
        library(folder / "libs/common")
        home = folder / "services/accounts"
        write(home / "pyproject.toml", textwrap.dedent(f"""\
            [tool.poetry]
            name = "accounts"
            version = "0.1.0"
            description = ""
            authors = []
            package-mode = false

            [tool.poetry.dependencies]
            python = ">=3.11,<4"
            starlette = ">=0.40"
            uvicorn = ">=0.30"
            common = {{ path = "../../libs/common", develop = true }}

            [[tool.poetry.source]]
            name = "index"
            url = "{index_url()}"
            priority = "primary"
            """))
        write(home / "accounts/__init__.py", "")
        write(home / "accounts/main.py", web("accounts"))
        write(home / "accounts/worker.py", fleets.JOB)
        lock(f"poetry=={POETRY}", ["poetry", "lock", "--quiet"], home)
        self.generate(folder)
        self.answers(folder, "accounts", {"service": "accounts", "library": "1"})
        with self.builder.start(self.tag("accounts")) as container:
            if container.run(["sh", "-c", "command -v poetry || ls /poetry"]).returncode == 0:
                raise engine.Failed("    poetry is in the image")

    def flattened(self) -> None:
        """services flattened into /app with requirement files of their own, a common folder, and a worker that writes"""
        folder = self.declared("flattened", fleets.FLATTENED)
        write(folder / "common/__init__.py", 'VERSION = "1"\n')
        for name, place, asked, imports, says in (
            ("orders", "main.py", "starlette\nuvicorn\n", "import common", "common.VERSION"),
            ("catalog", "app/main.py", "starlette\nuvicorn\npython-magic\n", "import magic", 'magic.from_buffer(b"%PDF-1.5", mime=True)'),
        ):
            write(folder / f"services/{name}/requirements.txt", asked)
            write(folder / f"services/{name}/{place}", fleets.ANSWER.format(name=name, imports=imports, says=says))
        write(folder / "services/mailer/requirements.txt", "idna\n")
        write(folder / "services/mailer/worker.py", fleets.MAILER)
        self.generate(folder)
        self.answers(folder, "orders", {"service": "orders", "library": "1"})
        self.answers(folder, "catalog", {"service": "catalog", "library": "application/pdf"})
        self.build(folder, "mailer")
        with self.builder.start(self.tag("mailer"), read_only=False) as container:
            self.waits("a letter of the mailer", lambda: container.run(["cat", "/app/outbox/letter"]).stdout == "1")
            if (status := container.stop()) != 0:
                raise engine.Failed(f"    the mailer ended with {status}")

    def django(self) -> None:
        """Django with gunicorn behind a host check, a Celery worker that takes a task, beat and a migration, all of one image"""
        folder = self.declared("django", fleets.DJANGO)
        for path, text in (("requirements.txt", "django\ngunicorn\ncelery\n"), ("manage.py", fleets.MANAGE), ("config/__init__.py", "from .tasks import app as celery\n"),
                           ("config/settings.py", fleets.SETTINGS + 'STATICFILES_DIRS = [BASE_DIR / "static"]\n'), ("config/urls.py", fleets.URLS), ("config/tasks.py", fleets.CELERY),
                           ("config/wsgi.py", "from django.core.wsgi import get_wsgi_application\n\napplication = get_wsgi_application()\n"),
                           ("static/site.css", "p {}\n")):
            write(folder / "site" / path, text)
        self.generate(folder)
        self.build(folder, "web")
        check = self.builder.config(self.tag("web"))["Healthcheck"]["Test"][1:]
        with self.builder.start(self.tag("web")) as container:
            self.waits("the health check of web", lambda: container.run(check).returncode == 0)
        with self.process(folder, "worker") as container:
            task = "from config.tasks import note; note.delay('taken')"
            self.waits("celery", lambda: "ready." in container.logs())
            container.run(["python", "-c", task])
            self.waits("the task", lambda: container.run(["cat", "/tmp/noted"]).stdout == "taken")
        with self.process(folder, "beat") as container:
            self.waits("beat", lambda: container.running() and "is starting" in container.logs())
        with self.process(folder, "migrate", read_only=False) as container:
            self.waits("the end of the migration", lambda: not container.running())
            if container.state()["ExitCode"] != 0 or "Applying auth.0001_initial... OK" not in container.logs():
                raise engine.Failed(f"    the migration ended with {container.state()['ExitCode']}:\n{container.logs()}")

    def streamlit(self) -> None:
        """Streamlit with its own health path, and a job that writes into a volume, with a package that has no wheel"""
        folder = self.declared("streamlit", fleets.STREAMLIT)
        write(folder / "apps/dashboard/app.py", fleets.DASHBOARD)
        write(folder / "apps/nightly_export/export.py", fleets.EXPORT)
        self.generate(folder)
        self.build(folder, "dashboard")
        with self.builder.start(self.tag("dashboard")) as container:
            container.wait_healthy("/_stcore/health", 8501)
            if container.status_of("/", 8501) != 200:
                raise engine.Failed("    the page of the dashboard is not there")
        self.ends(folder, "nightly-export", "exported de")

    def cpu_torch(self) -> None:
        """torch from a second index on a base, by pip and by uv; stand-ins have its name, one newer and one older than the true one"""
        versions = {"torch": "9.0.0+cpu", "torchvision": "0.0.1+cpu"}
        with wheels.index(versions) as index:
            folder = self.declared("torch", fleets.TORCH, index=index, uv=UV, args=CERTIFICATES)
            write(folder / "requirements-ml.txt", "idna\ntorch==9.0.0\n")
            write(folder / "services/classify/requirements.txt", "starlette\nuvicorn\n")
            for name, module in (("embed", "torchvision"), ("classify", "torch")):
                write(folder / f"services/{name}/main.py", fleets.ANSWER.format(name=name, imports=f"import idna\nimport {module}", says=f"{module}.VERSION"))
            self.generate(folder)
            self.builder.build(folder, folder / "generated/base-ml/Dockerfile", "registry.invalid/examples/base-ml:v1.0.0")
            for name, module in (("embed", "torchvision"), ("classify", "torch")):
                self.answers(folder, name, {"service": name, "library": versions[module]})

    def shell_less(self) -> None:
        """a final image without a shell, whose packages another image builds: a server, and a job with a compiled package"""
        folder = self.declared("shell-less", fleets.SHELL_LESS)
        write(folder / "bare.Dockerfile", fleets.BARE.format(python=self.python))
        self.builder.build(folder, folder / "bare.Dockerfile", "registry.invalid/examples/shell-less:nonroot")
        write(folder / "services/tokens/requirements.txt", "starlette\nuvicorn\n")
        write(folder / "services/tokens/main.py", fleets.ANSWER.format(name="tokens", imports="import os", says='str(os.path.exists("/bin/sh"))'))
        write(folder / "services/audit/requirements.txt", "regex\n")
        write(folder / "services/audit/audit.py", fleets.AUDIT)
        self.generate(folder)
        self.answers(folder, "tokens", {"service": "tokens", "library": "False"})
        self.ends(folder, "audit", "audited x1")

    def inherited_workdir(self) -> None:
        """the working folder of an external image: copies, folders and files of steps count from it"""
        folder = self.declared("inherited-workdir", fleets.INHERITED)
        write(folder / "below.Dockerfile", f"FROM python:{self.python}-slim\nWORKDIR /work/here\n")
        self.builder.build(folder, folder / "below.Dockerfile", "registry.invalid/examples/below:work")
        write(folder / "services/report/main.py", "")
        write(folder / "data/words", "words\n")
        write(folder / "tools/mark.sh", "#!/bin/sh\necho marked > mark\n")
        (folder / "tools/mark.sh").chmod(0o755)
        self.generate(folder)
        self.ends(folder, "report", "/work/here\nmarked\nwords\nx")

    def drafted_workspace(self) -> None:
        """what init drafts from a locked uv workspace without a Dockerfile: a server of two members"""
        folder = self.folder / "drafted-workspace"
        write(folder / "pyproject.toml", '[project]\nname = "fleet"\nversion = "0"\nrequires-python = ">=3.11"\n[tool.uv]\npackage = false\n'
                                         '[tool.uv.workspace]\nmembers = ["services/*", "libs/common"]\n')
        library(folder / "libs/common")
        member(folder / "services/gateway", "gateway", ["common", "starlette>=0.40", "uvicorn>=0.30"])
        lock(f"uv=={UV}", ["uv", "lock", "--quiet"], folder)
        self.drafted(folder, ("\n    install:", f"\n    args: {CERTIFICATES}\n    install:"))
        self.answers(folder, "gateway", {"service": "gateway", "library": "1"})

    def drafted_root(self) -> None:
        """what init drafts from a repository that is one service, without a Dockerfile: its folder is the root, and keys stay outside"""
        folder = self.folder / "drafted-root"
        write(folder / "requirements.txt", "starlette\nuvicorn\n")
        write(folder / "main.py", fleets.ANSWER.format(name="shop", imports="import os", says="str(os.path.exists('.env'))"))
        write(folder / ".env", "KEY=secret\n")
        self.drafted(folder)
        self.answers(folder, "app", {"service": "shop", "library": "False"})

    def drafted_worker(self) -> None:
        """what init drafts from a Celery application in tasks.py beside a server, without a Dockerfile: the worker takes a task"""
        folder = self.folder / "drafted-worker"
        write(folder / "mailer/requirements.txt", "celery\n")
        write(folder / "mailer/tasks.py", fleets.CELERY)
        write(folder / "shop/requirements.txt", "starlette\nuvicorn\n")
        write(folder / "shop/main.py", fleets.ANSWER.format(name="shop", imports="import os", says="str(os.path.exists('requirements.txt'))"))
        self.drafted(folder)
        self.answers(folder, "shop", {"service": "shop", "library": "True"})
        self.build(folder, "mailer")
        with self.builder.start(self.tag("mailer")) as container:
            container.run(["python", "-c", "from tasks import note; note.delay('taken')"])
            self.waits("the task", lambda: container.run(["cat", "/tmp/noted"]).stdout == "taken")
            if (status := container.stop()) != 0:
                raise engine.Failed(f"    the drafted worker ended with {status}")

    def drafted(self, folder: pathlib.Path, *edits: tuple[str, str]) -> None:
        """`dockwright init`, with the Python that there is here and other edits; then `generate`."""
        done = subprocess.run([self.program, "init"], cwd=folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise engine.Failed(f"    dockwright init failed:\n{done.stdout}{done.stderr}")
        declared = (folder / "services.yaml").read_text()
        for old, new in (('python: "3.12"', f'python: "{self.python}"'), *edits):
            if declared.count(old) != 1:
                raise engine.Failed(f"    the draft has not once {old!r}:\n{declared}")
            declared = declared.replace(old, new)
        (folder / "services.yaml").write_text(declared)
        self.generate(folder)

    def declared(self, name: str, text: str, **values: str) -> pathlib.Path:
        """A folder with a declaration."""
        folder = self.folder / name
        write(folder / "services.yaml", text.format(python=self.python, **values))
        return folder

    @contextlib.contextmanager
    def process(self, folder: pathlib.Path, name: str, **how):
        """A container as compose.yaml has it: the image of another service, and a command of its own."""
        command = re.search(rf'\n  "{name}":\n.*?\n    command: (\[.*?\])\n', (folder / "compose.yaml").read_text(), re.DOTALL)
        with self.builder.start(self.tag("web"), command=tuple(json.loads(command[1])), **how) as container:
            yield container

    def waits(self, what: str, holds: collections.abc.Callable[[], bool]) -> None:
        """Waits a minute until something holds."""
        end = time.monotonic() + 60
        while not holds():
            if time.monotonic() > end:
                raise engine.Failed(f"    {what} did not come within a minute")
            time.sleep(0.5)

    def tag(self, name: str) -> str:
        return f"registry.invalid/examples/{name}:test"

    def generate(self, folder: pathlib.Path) -> None:
        for command in (["generate"], ["check"]):
            done = subprocess.run([self.program, *command], cwd=folder, capture_output=True, text=True)
            if done.returncode != 0:
                raise engine.Failed(f"    dockwright {command[0]} failed:\n{done.stdout}{done.stderr}")

    def build(self, folder: pathlib.Path, name: str) -> None:
        self.builder.build(folder, folder / f"generated/{name}/Dockerfile", self.tag(name))

    def answers(self, folder: pathlib.Path, name: str, wanted: dict[str, str]) -> None:
        """Builds a web service, waits for its health path, runs its own health check and compares what it answers."""
        self.build(folder, name)
        ask = f"import urllib.request as u; print(u.urlopen('http://127.0.0.1:{PORT}/health').read().decode())"
        with self.builder.start(self.tag(name)) as container:
            container.wait_healthy("/health", PORT)
            if (checked := container.run(self.builder.config(self.tag(name))["Healthcheck"]["Test"][1:])).returncode != 0:
                raise engine.Failed(f"    the health check of {name} fails: {checked.stdout}{checked.stderr}")
            answer = json.loads(container.run(["python", "-c", ask]).stdout)
        if answer != wanted:
            raise engine.Failed(f"    {name} answers {answer}, not {wanted}")

    def ends(self, folder: pathlib.Path, name: str, wanted: str) -> None:
        """Builds a job and runs it to its end."""
        self.build(folder, name)
        said = self.builder.docker("run", "--rm", "--network=none", self.tag(name))
        if said.strip() != wanted:
            raise engine.Failed(f"    {name} says {said.strip()!r}, not {wanted!r}")


def write(path: pathlib.Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def web(name: str) -> str:
    """A service that answers what the library of its repository says."""
    return fleets.ANSWER.format(name=name, imports="import common", says="common.VERSION")


def library(folder: pathlib.Path) -> None:
    write(folder / "pyproject.toml", '[project]\nname = "common"\nversion = "1"\ndependencies = ["idna"]\n'
                                     '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n')
    write(folder / "src/common/__init__.py", 'VERSION = "1"\n')


def member(folder: pathlib.Path, name: str, asked: list[str]) -> None:
    write(folder / "pyproject.toml", f'[project]\nname = "{name}"\nversion = "0.1.0"\nrequires-python = ">=3.11"\ndependencies = {json.dumps(asked)}\n'
                                     "[tool.uv.sources]\ncommon = { workspace = true }\n"
                                     '[build-system]\nrequires = ["setuptools"]\nbuild-backend = "setuptools.build_meta"\n')
    write(folder / f"src/{name}/__init__.py", "")
    write(folder / f"src/{name}/main.py", web(name))
    write(folder / f"src/{name}/worker.py", fleets.JOB)


def index_url() -> str:
    """The index of pip on this machine."""
    told = subprocess.run([sys.executable, "-m", "pip", "config", "get", "global.index-url"], capture_output=True, text=True)
    return os.environ.get("PIP_INDEX_URL") or told.stdout.strip() or "https://pypi.org/simple/"


def lock(requirement: str, command: list[str], folder: pathlib.Path) -> None:
    """Runs a tool of a version, from an environment that is kept for the next run."""
    home = debian.CI / "tools" / requirement.replace("==", "-")
    if not (home / "bin" / command[0]).exists():
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        subprocess.run([str(home / "bin/pip"), "install", "--quiet", requirement], check=True, timeout=600)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("UV_")}
    done = subprocess.run([str(home / "bin" / command[0]), *command[1:]], cwd=folder, env=environment, capture_output=True, text=True, timeout=600)
    if done.returncode != 0:
        raise engine.Failed(f"    {' '.join(command)} failed:\n{done.stdout}{done.stderr}")


THIRDS = [["flattened", "poetry", "drafted_workspace"], ["django", "cpu_torch", "drafted_root", "inherited_workdir"], ["uv_workspace", "streamlit", "shell_less", "drafted_worker"]]


def run(builder: engine.Engine, folder: pathlib.Path, program: str, python_image: str, only: list[str] | None = None) -> list[str]:
    """Builds, starts and uses the examples, or some of them; the names of those that failed."""
    everything = [name for names in THIRDS for name in names]
    examples, failed = Examples(builder, folder, program, python_image), []
    for name in only or everything:
        show, started = getattr(examples, name), time.monotonic()
        try:
            show()
            print(f"{name:<22} {show.__doc__} ({time.monotonic() - started:.0f} s)", flush=True)
        except (engine.Failed, subprocess.SubprocessError) as error:
            failed.append(name)
            print(f"{name:<22} FAILED: {show.__doc__}\n{error}", flush=True)
    return failed
