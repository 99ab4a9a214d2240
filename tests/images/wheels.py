"""Wheels that stand in for large packages, in an index on 127.0.0.1.

    with wheels.index({"torch": "9.0.0+cpu"}) as url:     # a simple index (PEP 503) with one wheel a package
        …

Each wheel is one module that knows its VERSION and needs nothing.
"""

import base64
import contextlib
import functools
import hashlib
import http.server
import pathlib
import tempfile
import threading
import zipfile


def wheel(folder: pathlib.Path, name: str, version: str) -> None:
    """Writes a wheel (PEP 427) and its page of the index."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f'VERSION = "{version}"\n',
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{path},sha256={digest(text)},{len(text)}\n" for path, text in files.items())
    file = f"{name}-{version}-py3-none-any.whl"
    home = folder / "simple" / name
    home.mkdir(parents=True)
    with zipfile.ZipFile(home / file, "w") as archive:
        for path, text in {**files, f"{info}/RECORD": f"{record}{info}/RECORD,,\n"}.items():
            archive.writestr(path, text)
    (home / "index.html").write_text(f'<!doctype html><a href="{file.replace("+", "%2B")}">{file}</a>\n')


def digest(text: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_) -> None:
        pass


@contextlib.contextmanager
def index(versions: dict[str, str]):
    """The URL of an index that has these packages and no other."""
    with tempfile.TemporaryDirectory(prefix="dockwright-index-") as temporary:
        folder = pathlib.Path(temporary)
        for name, version in versions.items():
            wheel(folder, name, version)
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=temporary)) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            try:
                yield f"http://127.0.0.1:{server.server_port}/simple"
            finally:
                server.shutdown()
