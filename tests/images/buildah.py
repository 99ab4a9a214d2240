"""buildah in chroot isolation, for machines where no Docker Engine can start; to be used like `engine.Engine`.

Its containers have a network namespace of their own, but neither a read-only root nor fewer capabilities: `confines` says so.
"""

import contextlib
import fcntl
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import time

import debian
import engine
import mounts

# Brings loopback up in a fresh network namespace (netdevice(7): SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP), then becomes the command.
LOOPBACK = """
import fcntl, os, socket, struct, sys
with socket.socket() as any:
    name, flags = struct.unpack("16sh", fcntl.ioctl(any, 0x8913, struct.pack("16sh14x", b"lo", 0))[:18])
    fcntl.ioctl(any, 0x8914, struct.pack("16sh14x", name, flags | 1))
os.execvp(sys.argv[1], sys.argv[1:])
"""


class Container:
    """A service that runs in a working container of buildah."""

    def __init__(self, builder: "Buildah", name: str, command: list[str]) -> None:
        self.builder, self.name, self.log = builder, name, builder.run_folder / f"{name}.log"
        alone = ["unshare", "--net", "--kill-child", "--fork", "/usr/bin/python3", "-I", "-c", LOOPBACK]
        self.started = time.monotonic()
        self.daemon = engine.Daemon([*alone, *builder.command("run", name, "--", *command)], self.log, builder.environment())

    def inside(self, *command: str) -> subprocess.CompletedProcess[str]:
        network = f"--net=/proc/{self.daemon.process.pid}/ns/net"
        return subprocess.run(["nsenter", network, *command], env=self.builder.environment(), capture_output=True, text=True, timeout=120)

    def run(self, command: list[str]) -> subprocess.CompletedProcess[str]:
        return self.inside(*self.builder.command("run", self.name, "--", *command))

    def status_of(self, path: str, port: int) -> int | None:
        return engine.http_status(["nsenter", f"--net=/proc/{self.daemon.process.pid}/ns/net"], path, port)

    def wait_healthy(self, path: str, port: int, seconds: float = 300) -> float:
        return engine.wait_healthy(self, path, port, seconds)

    def running(self) -> bool:
        return self.daemon.process.poll() is None

    def logs(self) -> str:
        return self.log.read_text(errors="replace")

    def stop(self) -> int:
        """SIGTERM to the service itself; its exit status is what buildah passes on."""
        for service in descendants(self.daemon.process.pid)[-1:]:
            os.kill(service, signal.SIGTERM)
        with contextlib.suppress(subprocess.TimeoutExpired):
            return self.daemon.process.wait(30)
        return 137


def descendants(pid: int) -> list[int]:
    """Children, their children and so on, from the top down."""
    found = [int(word) for path in pathlib.Path(f"/proc/{pid}/task").glob("*/children") for word in path.read_text().split()]
    return found + [deeper for child in found for deeper in descendants(child)]


class Buildah:
    """buildah with all that it keeps below `folder`."""

    name, confines = "buildah", False

    def __init__(self, folder: pathlib.Path) -> None:
        self.folder = folder.absolute()

    def __enter__(self) -> "Buildah":
        for program in ("buildah", "skopeo"):
            if shutil.which(program) is None:
                raise debian.Missing(f"{program} is not installed (apt-get install --no-install-recommends {program})")
        if os.geteuid() != 0:
            raise debian.Missing("buildah in chroot isolation needs root here (sudo)")
        self.stack = contextlib.ExitStack()
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = self.stack.enter_context(open(self.folder / "lock", "w"))
        fcntl.flock(lock, fcntl.LOCK_EX)
        self.run_folder = pathlib.Path(tempfile.mkdtemp(prefix="dockwright-buildah-"))
        self.stack.callback(shutil.rmtree, self.run_folder, ignore_errors=True)
        self.stack.callback(mounts.unmount_below, self.folder, self.run_folder)
        self.policy = self.run_folder / "policy.json"
        self.policy.write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
        return self

    def environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in (*engine.PROXIES, "HOME", "PATH", "SSL_CERT_FILE") if name in os.environ}
        return {**kept, "BUILDAH_ISOLATION": "chroot", "TMPDIR": str(self.run_folder)}

    def command(self, verb: str, *arguments: str) -> list[str]:
        where = ["--root", str(self.folder / "storage"), "--runroot", str(self.run_folder / "run"), "--storage-driver", "overlay"]
        return ["buildah", *where, verb, *arguments]

    def buildah(self, verb: str, *arguments: str, timeout: float = 600) -> str:
        """What buildah prints; `Failed` with the end of the log where its status is not 0."""
        try:
            result = subprocess.run(self.command(verb, *arguments), env=self.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
                                    timeout=timeout)
        except subprocess.TimeoutExpired as late:
            raise engine.Failed(f"buildah {verb}: not done within {timeout:.0f} s") from late
        if result.returncode != 0:
            raise engine.Failed(f"buildah {verb} {' '.join(arguments)}: status {result.returncode}\n{engine.tail(result.stdout + result.stderr)}")
        return result.stdout

    def version(self) -> str:
        return " ".join(subprocess.check_output(["buildah", "--version"], text=True).split()[:3])

    def load(self, tag: str, tarball: pathlib.Path, changes: tuple[str, ...] = ()) -> None:
        """Makes an image of a root file system, unless an earlier run did."""
        mark = f"{engine.LABELLED}.tarball={tarball.stat().st_mtime_ns}-{tarball.stat().st_size}"
        with contextlib.suppress(engine.Failed):
            if mark.split("=")[1] in json.dumps(self.config(tag).get("Labels") or {}):
                return
        recipe = self.run_folder / "stand-in.Dockerfile"
        recipe.write_text("\n".join(["FROM scratch", f"ADD {tarball.name} /", *changes, f"LABEL {mark}", ""]))
        self.buildah("bud", "--format=docker", "--tag", tag, "--file", str(recipe), str(tarball.parent))

    def build(self, context: pathlib.Path, dockerfile: pathlib.Path, tag: str, *, no_cache: bool = False, arguments: tuple[str, ...] = (),
              timeout: float = 900) -> float:
        """`--format docker`, since the OCI format has no HEALTHCHECK."""
        started = time.monotonic()
        cache = ["--no-cache"] if no_cache else ["--layers"]
        self.buildah("bud", "--format=docker", "--pull-never", "--network=host", *cache, *arguments, "--tag", tag, "--file", str(dockerfile), str(context),
                     timeout=timeout)
        return time.monotonic() - started

    def image(self, tag: str) -> dict:
        """The image's configuration file as it is stored."""
        where = f"containers-storage:[overlay@{self.folder}/storage+{self.run_folder}/run]{tag}"
        read = subprocess.run(["skopeo", "--policy", str(self.policy), "inspect", "--config", "--raw", where], env=self.environment(), capture_output=True, text=True)
        if read.returncode != 0:
            raise engine.Failed(f"skopeo inspect {tag}: {read.stderr}")
        return json.loads(read.stdout)

    def config(self, tag: str) -> dict:
        return self.image(tag)["config"]

    def layers(self, tag: str) -> list[str]:
        return self.image(tag)["rootfs"]["diff_ids"]

    def size(self, tag: str) -> int:
        units = {"B": 1, "KB": 1e3, "MB": 1e6, "GB": 1e9}
        number, unit = re.fullmatch(r"([\d.]+) (\w+)", json.loads(self.buildah("images", "--json", tag))[0]["size"]).groups()
        return round(float(number) * units[unit])

    @contextlib.contextmanager
    def start(self, tag: str):
        name = self.buildah("from", "--pull-never", tag).strip()
        container = None
        try:
            container = Container(self, name, self.config(tag)["Cmd"])
            yield container
        finally:
            if container:
                container.daemon.stop()
            subprocess.run(self.command("rm", name), env=self.environment(), capture_output=True)

    def run(self, tag: str, command: list[str]) -> str:
        """What a command of the image prints."""
        name = self.buildah("from", "--pull-never", tag).strip()
        try:
            return self.buildah("run", "--user=0", name, "--", *command)
        finally:
            self.buildah("rm", name)

    def __exit__(self, *_) -> None:
        for pid in reversed(descendants(os.getpid())):  # builds that a signal cut short
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.stack.close()
