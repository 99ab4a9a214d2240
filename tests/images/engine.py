"""A private Docker Engine (BuildKit is in it) and a private registry, without Docker Hub and without a change to the system.

    with Engine(folder) as engine:                    # data and build cache stay below `folder`; the socket is in a temporary folder
        engine.load("python:3.13-slim", tarball)
        seconds = engine.build(context, dockerfile, "name:tag", no_cache=False)
        config = engine.config("name:tag")             # image config: User, ExposedPorts, Healthcheck, Labels, Env …
        engine.layers("name:tag"), engine.size("name:tag")
        with engine.start("name:tag") as container:    # read-only, no capabilities, no network but loopback
            container.wait_healthy("/healthz", 8000)
            container.run(["python", "-m", "pip", "list"])
        with Registry(other_folder) as registry:       # on 127.0.0.1, a free port
            engine.push("name:tag", f"{registry.address}/name:tag")

Both stop at the end of the block, after an exception and after SIGTERM or SIGINT (call `stop_on_signals()` once), and with the process itself
when that is killed. Needs root; the programs are Debian packages that `debian.py` unpacks.
"""

import contextlib
import ctypes
import fcntl
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import debian
import mounts

ENGINE_PACKAGES = ["docker.io", "docker-cli", "docker-buildx", "containerd"]
PROXIES = ["http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"]
LABELLED = "dockwright.test"
LAYERS = ("RUN ", "COPY ", "ADD ", "WORKDIR ")
INSTALLS = re.compile(r"pip (--python \S+ )?install |uv sync |poetry install |/opt/ /opt/")
READ_ONLY = ["--read-only", "--tmpfs", "/tmp", "--cap-drop=ALL", "--security-opt=no-new-privileges"]


class Failed(Exception):
    """What did not work, with the end of its log."""


def tail(log: str, lines: int = 40) -> str:
    return "\n".join("    " + line for line in log.splitlines()[-lines:])


def stop_on_signals() -> None:
    """SIGTERM and SIGHUP end the program as Ctrl-C does: through every `with` and `finally`."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))


def die_with_parent() -> None:
    """In a child, before it runs: SIGTERM when the parent is gone, however that ended (prctl(2), PR_SET_PDEATHSIG = 1)."""
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)


def http_status(inside: list[str], path: str, port: int) -> int | None:
    """The HTTP status of a path, asked by the machine's own Python in another network namespace; none where nothing answers."""
    ask = f"import http.client as h; c = h.HTTPConnection('127.0.0.1', {port}, timeout=4); c.request('GET', {path!r}); print(c.getresponse().status)"
    asked = subprocess.run([*inside, "/usr/bin/python3", "-I", "-c", ask], capture_output=True, text=True)
    return int(asked.stdout) if asked.returncode == 0 else None


def wait_healthy(container, path: str, port: int, seconds: float) -> float:
    while (status := container.status_of(path, port)) != 200:
        if not container.running() or time.monotonic() - container.started > seconds:
            raise Failed(f"    no 200 from {path} within {seconds:.0f} s (last: {status})\n{tail(container.logs())}")
        time.sleep(0.05)
    return time.monotonic() - container.started


class Daemon:
    """A program in the background with a log, a process group of its own and an end."""

    def __init__(self, command: list[str], log: pathlib.Path, environment: dict[str, str]) -> None:
        self.log = log
        with open(log, "wb") as output:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, env=environment,
                                            start_new_session=True, preexec_fn=die_with_parent)

    def wait_until(self, ready, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not ready():
            if self.process.poll() is not None or time.monotonic() > end:
                raise Failed(f"{self.process.args[0]} did not start within {seconds:.0f} s\n{tail(self.log.read_text(errors='replace'))}")
            time.sleep(0.1)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Registry:
    """docker-registry on 127.0.0.1 with its blobs below `folder`, which must be empty or a registry's."""

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder.absolute()

    def __enter__(self) -> "Registry":
        root = debian.unpack(["docker-registry"])
        self.folder.mkdir(parents=True, exist_ok=True)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.address = "127.0.0.1:%d" % free.getsockname()[1]
        config = self.folder / "config.yml"
        config.write_text(json.dumps({
            "version": 0.1, "log": {"level": "warn", "accesslog": {"disabled": True}}, "http": {"addr": self.address},
            "storage": {"filesystem": {"rootdirectory": str(self.folder / "blobs")}, "delete": {"enabled": True}},
        }))
        self.daemon = Daemon([str(root / "usr/bin/docker-registry"), "serve", str(config)], self.folder / "log", {"PATH": "/usr/bin:/bin"})
        try:
            self.daemon.wait_until(self.answers, 20)
        except BaseException:
            self.daemon.stop()
            raise
        return self

    def answers(self) -> bool:
        with contextlib.suppress(OSError):
            return urllib.request.urlopen(f"http://{self.address}/v2/", timeout=2).status == 200
        return False

    def blobs(self) -> dict[str, int]:
        """Compressed size in bytes of every blob that the registry holds, by digest."""
        found = (self.folder / "blobs/docker/registry/v2/blobs").glob("sha256/*/*/data")
        return {path.parent.name: path.stat().st_size for path in found}

    def __exit__(self, *_) -> None:
        self.daemon.stop()


class Container:
    """A running container of an image, alone in its network namespace."""

    def __init__(self, engine: "Engine", name: str) -> None:
        self.engine, self.name, self.started = engine, name, time.monotonic()

    def state(self) -> dict:
        return json.loads(self.engine.docker("container", "inspect", self.name))[0]["State"]

    def run(self, command: list[str], user: str | None = None) -> subprocess.CompletedProcess[str]:
        """A command inside, as the image's user or as `user`; its status is the caller's to judge."""
        return self.engine.call("exec", *(["--user", user] if user else []), self.name, *command, timeout=120)

    def network(self) -> list[str]:
        """What runs a command of the machine in the container's network."""
        return ["nsenter", f"--net=/proc/{self.state()['Pid']}/ns/net"]

    def status_of(self, path: str, port: int) -> int | None:
        return http_status(self.network(), path, port)

    def running(self) -> bool:
        return self.state()["Running"]

    def wait_healthy(self, path: str, port: int, seconds: float = 300) -> float:
        """Waits for status 200 and returns the seconds since the start."""
        return wait_healthy(self, path, port, seconds)

    def stop(self) -> int:
        """Asks it to end (SIGTERM); its exit status, 137 where it had to be killed after half a minute."""
        self.engine.docker("stop", "--time", "30", self.name)
        return self.state()["ExitCode"]

    def logs(self) -> str:
        result = self.engine.call("logs", self.name)
        return result.stdout + result.stderr


class Engine:
    """dockerd with everything it keeps below `folder` (images, build cache) and everything else in a temporary folder.

    With `containerd_store`, images are containerd's, as in new installations since Docker 29: BuildKit's own exporters work, and caches in a registry.
    """

    name, confines = "docker", True

    def __init__(self, folder: pathlib.Path, containerd_store: bool = False) -> None:
        self.folder, self.containerd_store = folder.absolute(), containerd_store
        self.programs: list[str] = []

    def __enter__(self) -> "Engine":
        self.stack = contextlib.ExitStack()
        try:
            self.enter()
        except BaseException:
            self.stack.close()
            raise
        return self

    def enter(self) -> None:
        if os.geteuid() != 0:
            raise debian.Missing("a Docker Engine of our own needs root (sudo)")
        newer, own = self.packages(), debian.unpack(["runc"])
        self.programs = [str(newer / "usr/bin"), str(newer / "usr/sbin"), str(own / "usr/sbin")]
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lock = self.stack.enter_context(open(self.folder / "lock", "w"))
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as busy:
            raise debian.Missing(f"another run holds {self.folder}") from busy
        self.run_folder = pathlib.Path(tempfile.mkdtemp(prefix="dockwright-engine-"))
        self.stack.callback(shutil.rmtree, self.run_folder, ignore_errors=True)
        self.configure_client(newer / "usr/libexec/docker/cli-plugins")
        self.stack.callback(mounts.unmount_below, self.folder, self.run_folder)  # a dockerd that was killed leaves its own
        daemon = Daemon(self.dockerd(), self.folder / "dockerd.log", self.environment())
        self.stack.callback(daemon.stop)
        daemon.wait_until(lambda: self.call("version").returncode == 0, 30)
        self.stack.callback(self.remove_containers)
        self.remove_containers()

    def packages(self) -> pathlib.Path:
        """The engine's programs, from the release that was chosen."""
        return debian.unpack(ENGINE_PACKAGES, "trixie")

    def configure_client(self, plugins: pathlib.Path) -> None:
        (self.run_folder / "client").mkdir()
        (self.run_folder / "daemon.json").write_text(json.dumps({"features": {"containerd-snapshotter": self.containerd_store}}))
        (self.run_folder / "client/config.json").write_text(json.dumps({"cliPluginsExtraDirs": [str(plugins)]}))

    def dockerd(self) -> list[str]:
        run = self.run_folder
        return [self.programs[1] + "/dockerd", "--data-root", str(self.folder / "data"), "--exec-root", str(run / "exec"), "--pidfile", str(run / "pid"),
                "--host", f"unix://{run}/docker.sock", "--bridge=none", "--iptables=false", "--ip6tables=false",
                "--storage-driver", "overlayfs" if self.containerd_store else "overlay2", "--config-file", str(run / "daemon.json")]

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in (*PROXIES, "HOME", "SSL_CERT_FILE", "SSL_CERT_DIR") if name in os.environ}
        return {**kept, "PATH": ":".join([*self.programs, "/usr/sbin", "/usr/bin", "/sbin", "/bin"]), "DOCKER_HOST": f"unix://{self.run_folder}/docker.sock",
                "DOCKER_CONFIG": str(self.run_folder / "client"), "BUILDKIT_PROGRESS": "plain", "DOCKER_CLI_HINTS": "false"}

    def call(self, *arguments: str, timeout: float = 600, cwd: pathlib.Path | None = None) -> subprocess.CompletedProcess[str]:
        """`docker …`, whatever its status."""
        command = [self.programs[0] + "/docker", *arguments]
        return subprocess.run(command, env=self.environment(), cwd=cwd, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)

    def docker(self, *arguments: str, timeout: float = 600, cwd: pathlib.Path | None = None) -> str:
        """What `docker …` prints (`build`: what it tells); `Failed` with the end of the log where its status is not 0."""
        try:
            result = self.call(*arguments, timeout=timeout, cwd=cwd)
        except subprocess.TimeoutExpired as late:
            raise Failed(f"docker {' '.join(arguments)}: not done within {timeout:.0f} s\n{tail((late.stderr or b'').decode(errors='replace'))}") from late
        if result.returncode != 0:
            raise Failed(f"docker {' '.join(arguments)}: status {result.returncode}\n{tail(result.stderr + result.stdout)}")
        return result.stderr if arguments[0] == "build" else result.stdout

    def load(self, tag: str, tarball: pathlib.Path, changes: tuple[str, ...] = ()) -> None:
        """Imports a root file system (a tar, compressed or not) as an image, unless an earlier run did."""
        stamp = tarball.stat()
        mark = f"{LABELLED}.tarball={stamp.st_mtime_ns}-{stamp.st_size}"
        changes = (*changes, f"LABEL {mark}")
        if self.call("image", "ls", "--quiet", "--filter", f"label={mark}", tag).stdout.strip():
            return
        self.docker("import", *(word for change in changes for word in ("--change", change)), str(tarball), tag)

    def build(self, context: pathlib.Path, dockerfile: pathlib.Path, tag: str, *, no_cache: bool = False, arguments: tuple[str, ...] = (),
              timeout: float = 900) -> float:
        """Builds with BuildKit, the machine's network and the machine's proxies; seconds it took. Only local images are used: none is pulled."""
        return self.build_log(context, dockerfile, tag, no_cache=no_cache, arguments=arguments, timeout=timeout)[0]

    def build_log(self, context: pathlib.Path, dockerfile: pathlib.Path, tag: str, *, no_cache: bool = False, arguments: tuple[str, ...] = (),
                  timeout: float = 900) -> tuple[float, str]:
        """As `build`, with BuildKit's log."""
        proxies = [word for name in PROXIES if name in os.environ for word in ("--build-arg", name)]
        started = time.monotonic()
        log = self.docker("build", "--network=host", "--pull=false", *(["--no-cache"] if no_cache else []), *proxies, *arguments, "--tag", tag,
                          "--file", str(dockerfile), str(context), timeout=timeout)
        return time.monotonic() - started, log

    def bake(self, folder: pathlib.Path, file: str, arguments: list[str], variables: dict[str, str], timeout: float = 3600) -> str:
        """`docker buildx bake` of a generated bake file, with the machine's network and proxies; BuildKit's log."""
        proxies = [word for name in PROXIES if name in os.environ for word in ("--set", f"*.args.{name}={os.environ[name]}")]
        named = re.findall(r'^target "([^_"][^"]*)"', (folder / file).read_text(), re.MULTILINE)
        network = self.run_folder / "network.yaml"  # what this version's bake files cannot say, compose files can; targets of one name are joined
        network.write_text(json.dumps({"services": {name: {"build": {"context": str(folder), "network": "host"}} for name in named}}))
        command = [self.programs[0] + "/docker", "buildx", "bake", "--file", str(network), "--file", file, *proxies, *arguments]
        done = subprocess.run(command, env=self.environment() | variables, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout)
        if done.returncode != 0:
            raise Failed(f"docker buildx bake {' '.join(arguments)}: status {done.returncode}\n{tail(done.stderr)}")
        return done.stderr

    def inspect(self, tag: str) -> dict:
        return json.loads(self.docker("image", "inspect", tag))[0]

    def config(self, tag: str) -> dict:
        """The image's configuration as the OCI image specification names it: User, Env, ExposedPorts, Labels, Cmd, and Docker's Healthcheck."""
        return self.inspect(tag)["Config"]

    def layers(self, tag: str) -> list[str]:
        """Digests of the uncompressed layers (diff IDs), lowest first."""
        return self.inspect(tag)["RootFS"]["Layers"]

    def steps(self, tag: str) -> list[str]:
        """What made each layer, lowest first: the instructions that BuildKit makes a layer of, as it notes them."""
        noted = self.docker("image", "history", "--no-trunc", "--format", "{{json .}}", tag).splitlines()
        steps = [json.loads(line) for line in reversed(noted)]
        return [step["CreatedBy"] for step in steps if step["CreatedBy"].startswith(LAYERS) or step["Comment"].startswith("Imported")]

    def python_layers(self, tag: str) -> dict[str, str]:
        """The digest of each layer that holds packages, by the step that made it."""
        steps, layers = self.steps(tag), self.layers(tag)
        if len(steps) != len(layers):
            raise Failed(f"    {len(layers)} layers were made by {len(steps)} steps: {steps}")
        return {step: layer for step, layer in zip(steps, layers) if INSTALLS.search(step)}

    def size(self, tag: str) -> int:
        """Bytes on disk, layers shared with other images included."""
        return self.inspect(tag)["Size"]

    def push(self, tag: str, remote: str, timeout: float = 600) -> float:
        """Pushes an image under another name; seconds it took."""
        self.docker("tag", tag, remote)
        started = time.monotonic()
        self.docker("push", "--quiet", remote, timeout=timeout)
        return time.monotonic() - started

    @contextlib.contextmanager
    def start(self, tag: str, *options: str, read_only: bool = True, command: tuple[str, ...] = ()):
        """A container with the image's own command, or another one; `READ_ONLY` is how, unless told otherwise."""
        how = READ_ONLY if read_only else []
        name = self.docker("create", "--network=none", f"--label={LABELLED}", *how, *options, tag, *command).strip()
        try:
            container = Container(self, name)
            self.docker("start", name)
            yield container
        finally:
            self.call("rm", "--force", "--volumes", name)

    def run(self, tag: str, command: list[str]) -> str:
        """What a command of the image prints, as root; the image's own command is not run."""
        return self.docker("run", "--rm", "--network=none", f"--label={LABELLED}", "--user=0", "--entrypoint", command[0], tag, *command[1:])

    def remove_containers(self) -> None:
        names = self.call("ps", "--all", "--quiet", "--filter", f"label={LABELLED}").stdout.split()
        if names:
            self.call("rm", "--force", "--volumes", *names)

    def __exit__(self, *_) -> None:
        self.stack.close()
