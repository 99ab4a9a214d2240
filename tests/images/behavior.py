"""What services do when they run: each behavior is shown by a built and started container, and printed as one line.

    failed = behavior.run(builder, folder, program, "3.13", third=None)     # None: all of them; 0, 1, 2: a third

Every one of them failed once with a text of Dockerfiles whose images were all built and healthy. Containers run twice: as Docker starts them, and
with a read-only root, no capabilities and a tmpfs on /tmp.
"""

import contextlib
import pathlib
import subprocess
import textwrap
import time

import debian
import engine

PORT = 8000
DECLARATION = """\
registry: registry.invalid
owner: behavior
python: "{python}"
shared: [libs]
images:
  other: {{ reference: registry.invalid/other, tag: "1" }}
kinds:
  web: {{ template: multi-stage-slim, pip: [starlette, uvicorn], port: 8000 }}
services:
  svc-web:
    kind: web
    pip: [idna==3.10]
    env: {{ DATA: /opt/data }}
    hooks:
      after_apt: ['RUN mkdir -p "$DATA" && touch "$DATA/found"']
  svc-home: {{ kind: web, pip: [huggingface_hub, nltk, matplotlib, numba] }}
  svc-gunicorn: {{ kind: web, pip: [gunicorn], cmd: [gunicorn, -b, "0.0.0.0:8000", "apps.svc_gunicorn.wsgi:app"] }}
  svc-other: {{ kind: web, from: other }}
  svc-uv: {{ kind: web, installer: uv, index_urls: {indexes}, args: {{ SSL_CERT_FILE: /etc/ssl/certs/ca-certificates.crt }} }}
  svc-apt: {{ kind: web, apt: [nginx-light, supervisor, fontconfig, fonts-dejavu-core] }}
  svc-browser: {{ kind: web, apt: [chromium] }}
tools: {{ uv: "{uv}" }}
"""
MAIN = '''
import asyncio, pathlib
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from libs.health import status

async def endless():
    while True:
        yield b"x"
        await asyncio.sleep(0.1)

app = Starlette(routes=[
    Route("/healthz", lambda request: PlainTextResponse(status())),
    Route("/stream", lambda request: StreamingResponse(endless())),
    Mount("/static", StaticFiles(directory=pathlib.Path(__file__).parent / "static")),
])
'''
WSGI = '''
def app(environ, start):
    start("200 OK", [])
    return [b"ok"]
'''
HOME = '''
import os, pathlib
assert os.path.expanduser("~") == "/tmp", os.path.expanduser("~")
import matplotlib.font_manager
assert pathlib.Path(matplotlib.get_cachedir()).is_relative_to("/tmp/.cache/matplotlib"), matplotlib.get_cachedir()
import huggingface_hub.constants as hub
pathlib.Path(hub.HF_HUB_CACHE).mkdir(parents=True)
import nltk.downloader
folder = nltk.downloader.Downloader().default_download_dir()
os.makedirs(folder, exist_ok=True)
assert folder == "/tmp/nltk_data" and os.access(folder, os.W_OK), folder
from apps.svc_home.fast import double
assert double(4) == 8
assert list(pathlib.Path("/tmp").rglob("*.nbi")), "numba kept no cache"
'''
FAST = '''
import numba

@numba.njit(cache=True)
def double(number):
    return 2 * number
'''
NGINX = "pid /tmp/nginx.pid; events {} http { client_body_temp_path /tmp/b; proxy_temp_path /tmp/p; fastcgi_temp_path /tmp/f; uwsgi_temp_path /tmp/u; " \
        "scgi_temp_path /tmp/s; access_log off; server { listen 8081; return 200; } }"
SECRETS = [".env", ".env.production", "tls.pem", "tls.key", ".venv/x", "venv/x", "node_modules/x", ".git/x", ".mypy_cache/x", "Dockerfile", "compose.yaml",
           "__pycache__/x.pyc", ".idea/x"]
KEPT = ["tests/test_x.py", "environment.py", "static/page.html"]


class Behaviors:
    """The fleet, its builder, and what was shown of each."""

    def __init__(self, builder: engine.Engine, folder: pathlib.Path, program: str) -> None:
        self.builder, self.folder, self.program = builder, folder, program

    def tag(self, name: str) -> str:
        return f"registry.invalid/behavior/{name}:test"

    def build(self, name: str) -> str:
        self.builder.build(self.folder, self.folder / f"generated/{name}/Dockerfile", self.tag(name))
        return self.tag(name)

    def write(self, path: str, text: str) -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def generate(self, declaration: str) -> None:
        self.write("services.yaml", declaration)
        done = subprocess.run([self.program, "generate"], cwd=self.folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise debian.Missing(f"dockwright generate failed:\n{done.stdout}{done.stderr}")

    @contextlib.contextmanager
    def both(self, name: str):
        """Both ways of running an image, as functions that start it."""
        tag = self.tag(name)
        yield [lambda: self.builder.start(tag, read_only=False), lambda: self.builder.start(tag)]

    def each(self, name: str, show) -> None:
        """Builds an image and shows something in each way of running it."""
        self.build(name)
        for read_only in (False, True):
            with self.builder.start(self.tag(name), read_only=read_only) as container:
                container.wait_healthy("/healthz", PORT)
                show(container)

    def python(self, container, script: str) -> str:
        return said(container.run(["python", "-c", script]))

    # The behaviors; the docstring is the line that is printed.

    def home(self) -> None:
        """caches of huggingface_hub, nltk, matplotlib and numba are below a home that can be written"""
        self.each("svc-home", lambda container: self.python(container, HOME))

    def imports(self) -> None:
        """python apps/x/tool.py imports libs; a crash in native code leaves a traceback"""
        def show(container) -> None:
            said(container.run(["python", "apps/svc_web/tool.py"]))
            crashed = container.run(["python", "-c", "import ctypes; ctypes.string_at(0)"])
            expect("Fatal Python error: Segmentation fault" in crashed.stderr, crashed.stderr)
        self.each("svc-web", show)

    def environment(self) -> None:
        """what a hook writes to the place that a variable names is where the service looks"""
        self.each("svc-web", lambda container: self.python(container, "import os; open(os.environ['DATA'] + '/found')"))

    def left_out(self) -> None:
        """keys, environments, caches and files of builders beside the sources are in no image"""
        def show(container) -> None:
            listed = self.python(container, "import os; print(*[os.path.join(f, n) for f, _, ns in os.walk('apps/svc_web') for n in ns], sep='\\n')")
            inside = [path.removeprefix("apps/svc_web/") for path in listed.split("\n")]
            expect(not set(SECRETS) & set(inside), f"in the image: {inside}")
            expect(set(KEPT) <= set(inside), f"not in the image: {set(KEPT) - set(inside)}")
        self.each("svc-web", show)

    def static(self) -> None:
        """an edited static file of equal size is served new, not as 304"""
        known = []
        for body in ("old page", "new page"):
            self.write("apps/svc_web/static/page.html", body)
            time.sleep(1.1)  # times in images are whole seconds
            def show(container) -> None:
                status, served, headers = get(container, "/static/page.html", dict(known))
                expect((status, served) == (200, body), f"{status} {served!r}, not {body!r}")
                known[:] = [("If-None-Match", headers["etag"]), ("If-Modified-Since", headers["last-modified"])]
            self.build("svc-web")
            with self.builder.start(self.tag("svc-web")) as container:
                container.wait_healthy("/healthz", PORT)
                show(container)

    def upgrade(self) -> None:
        """files of packages get another time when a package is upgraded, and the same one when nothing is"""
        script = "import certifi, os; print(os.stat(certifi.__file__).st_mtime)".replace("certifi", "starlette")
        times = []
        declared = (self.folder / "services.yaml").read_text()
        for version in ("3.10", "3.11", "3.10"):
            self.generate(declared.replace("idna==3.10", f"idna=={version}"))
            self.each("svc-web", lambda container: times.append(self.python(container, script)))
        expect(times[0] == times[1] == times[4] != times[2], f"times {times}")

    def streams(self) -> None:
        """SIGTERM with an open streaming response ends with status 0 within Docker's 10 seconds"""
        self.build("svc-web")
        for read_only in (False, True):
            with self.builder.start(self.tag("svc-web"), read_only=read_only) as container:
                container.wait_healthy("/healthz", PORT)
                stream = subprocess.Popen([*container.network(), "/usr/bin/python3", "-I", "-c", STREAM], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
                try:
                    stream.stdout.read(3)
                    started = time.monotonic()
                    self.builder.docker("stop", "--time", "10", container.name)
                    status, took = container.state()["ExitCode"], time.monotonic() - started
                    expect(status == 0, f"status {status} after {took:.1f} s")
                finally:
                    stream.kill()
                    stream.wait()

    def heartbeat(self) -> None:
        """gunicorn's heartbeat files are in /dev/shm"""
        def show(container) -> None:
            files = self.python(container, "import os; print(*[os.readlink(f'/proc/1/fd/{n}') for n in os.listdir('/proc/1/fd') if os.path.lexists(f'/proc/1/fd/{n}')])")
            expect("/dev/shm/wgunicorn" in files, f"open files of gunicorn: {files}")
        self.each("svc-gunicorn", show)

    def other(self) -> None:
        """an external image with a user and an entry point of its own is built on, and starts"""
        recipe = self.folder / "other/Dockerfile"
        self.write("other/Dockerfile", f"FROM {self.python_image}\nRUN useradd other\nUSER other\nENTRYPOINT [\"/bin/false\"]\n")
        self.builder.build(recipe.parent, recipe, "registry.invalid/other:1")
        self.each("svc-other", lambda container: self.python(container, "import os; assert os.getuid() == 10001"))

    def uv(self) -> None:
        """uv installs as pip does: bytecode by digest, nothing of uv inside, equal layers in two builds from nothing"""
        script = "import pathlib, shutil; found = list(pathlib.Path('/opt/venv').rglob('*.pyc')); assert found and all(open(f, 'rb').read(8)[4] & 1 " \
                 "for f in found); assert not shutil.which('uv')"
        self.each("svc-uv", lambda container: self.python(container, script))
        layers = []
        for _ in range(2):
            self.builder.build(self.folder, self.folder / "generated/svc-uv/Dockerfile", self.tag("svc-uv"), no_cache=True)
            steps = zip(self.builder.steps(self.tag("svc-uv")), self.builder.layers(self.tag("svc-uv")), strict=True)
            layers.append([layer for step, layer in steps if "/opt/ /opt/" in step])
        expect(layers[0] and layers[0] == layers[1], f"layers {layers}")

    def servers(self) -> None:
        """nginx and supervisor from apt start"""
        self.build("svc-apt")
        with self.builder.start(self.tag("svc-apt"), read_only=False) as container:
            said(container.run(["nginx", "-t"], user="0"))
            said(container.run(["nginx"], user="0"))
            said(container.run(["sh", "-c", "supervisord -c /etc/supervisor/supervisord.conf && sleep 1 && supervisorctl pid"], user="0"))
        with self.builder.start(self.tag("svc-apt")) as container:
            said(container.run(["nginx", "-e", "stderr", "-c", "/app/apps/svc_apt/nginx.conf"]))
            expect(container.status_of("/", 8081) == 200, "nginx does not answer")

    def fonts(self) -> None:
        """the cache of fonts is valid, also after the image was pushed and pulled"""
        with engine.Registry(self.folder / "registry") as registry:
            self.build("svc-apt")
            remote = f"{registry.address}/svc-apt:test"
            self.builder.push(self.tag("svc-apt"), remote)
            self.builder.docker("image", "rm", "--force", remote, self.tag("svc-apt"))
            self.builder.docker("pull", "--quiet", remote)
            self.builder.docker("tag", remote, self.tag("svc-apt"))
        for read_only in (False, True):
            with self.builder.start(self.tag("svc-apt"), read_only=read_only) as container:
                told = container.run(["fc-cache", "-v"])
                lines = [line for line in (told.stdout + told.stderr).splitlines() if line.startswith("/usr/share/fonts")]
                stale = [line for line in lines if "existing cache is valid" not in line and "skipping, looped directory" not in line]
                expect(lines and not stale, told.stdout + told.stderr)

    def browser(self) -> None:
        """a headless browser opens a page"""
        page = "data:text/html,<p id=x>hello"
        command = ["chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--dump-dom", page]
        self.each("svc-browser", lambda container: expect("hello" in said(container.run(command)), "no page"))


STREAM = f"import http.client as h, sys; c = h.HTTPConnection('127.0.0.1', {PORT}); c.request('GET', '/stream'); r = c.getresponse()\n" \
         "while True: sys.stdout.buffer.write(r.read(1)); sys.stdout.flush()"
THIRDS = [["imports", "environment", "left_out", "static", "upgrade", "streams"], ["home", "heartbeat", "other", "uv"], ["servers", "fonts", "browser"]]


def expect(holds: bool, told: str) -> None:
    if not holds:
        raise engine.Failed(textwrap.indent(told, "    "))


def said(done: subprocess.CompletedProcess[str]) -> str:
    expect(done.returncode == 0, f"status {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout.strip()


def get(container, path: str, headers: dict[str, str]) -> tuple[int, str, dict[str, str]]:
    """A request in the container's network; status, body and headers."""
    ask = f"import http.client as h, json; c = h.HTTPConnection('127.0.0.1', {PORT}, timeout=4); c.request('GET', {path!r}, headers={headers!r}); " \
          "r = c.getresponse(); print(json.dumps([r.status, r.read().decode(), {k.lower(): v for k, v in r.getheaders()}]))"
    import json
    return tuple(json.loads(said(subprocess.run([*container.network(), "/usr/bin/python3", "-I", "-c", ask], capture_output=True, text=True))))


def sources(behaviors: Behaviors, names: list[str]) -> None:
    behaviors.write("libs/__init__.py", "")
    behaviors.write("libs/health.py", "def status():\n    return 'ok'\n")
    for name in names:
        module = name.replace("-", "_")
        for file, text in [("__init__.py", ""), ("main.py", MAIN), ("wsgi.py", WSGI), ("fast.py", FAST), ("nginx.conf", NGINX),
                           ("tool.py", "from libs.health import status\nprint(status())\n"), ("static/page.html", "old page")]:
            behaviors.write(f"apps/{module}/{file}", text)
    for path in (*SECRETS, *KEPT):
        behaviors.write(f"apps/svc_web/{path}", "old page")


def index_urls() -> list[str]:
    """The package indexes that pip on this machine asks, which uv does not read by itself."""
    asked = subprocess.run(["/usr/bin/python3", "-m", "pip", "config", "get", "global.index-url"], capture_output=True, text=True)
    return [asked.stdout.strip()] if asked.returncode == 0 else []


def run(builder: engine.Engine, folder: pathlib.Path, program: str, python_image: str, third: int | None, uv: str = "0.13.9") -> list[str]:
    """Shows the behaviors, or a third of them; the names of those that failed."""
    behaviors = Behaviors(builder, folder, program)
    behaviors.python_image = python_image
    python = python_image.removeprefix("python:").split("-")[0]
    behaviors.generate(DECLARATION.format(python=python, uv=uv, indexes=index_urls()))
    sources(behaviors, ["svc-web", "svc-home", "svc-gunicorn", "svc-other", "svc-uv", "svc-apt", "svc-browser"])
    failed = []
    for name in [name for at, names in enumerate(THIRDS) if third in (None, at) for name in names]:
        show, started = getattr(behaviors, name), time.monotonic()
        try:
            show()
            print(f"{name:<22} {show.__doc__} ({time.monotonic() - started:.0f} s)", flush=True)
        except (engine.Failed, subprocess.SubprocessError) as error:
            failed.append(name)
            print(f"{name:<22} FAILED: {show.__doc__}\n{error}", flush=True)
    return failed
