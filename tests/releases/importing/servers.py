"""Servers to import from: one of the web, one of Subversion, both on this machine."""

import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from releases.importing.address import Allowed
from releases.importing.fetched import Bounds, Fetched

MISSING = "The programs svn and svnserve are missing: apt-get install subversion"
needs_svn = pytest.mark.skipif(shutil.which("svnserve") is None, reason=MISSING)

Page = Callable[[BaseHTTPRequestHandler], None]


def page(content: bytes, kind: str = "application/octet-stream") -> Page:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    return answer


def listing(*names: str) -> Page:
    links = "".join(f'<li><a href="{name}">{name}</a></li>' for name in ("../", *names))
    return page(f"<html><ul>{links}</ul></html>".encode(), "text/html; charset=utf-8")


def moved(to: str) -> Page:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(302)
        handler.send_header("Location", to)
        handler.send_header("Content-Length", "0")
        handler.end_headers()

    return answer


class Web:
    """A web server whose pages a test sets; `asked` are the paths that were asked for."""

    def __init__(self) -> None:
        self.pages: dict[str, Page] = {}
        self.asked: list[str] = []
        web = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                web.asked.append(self.path)
                answer = web.pages.get(self.path)
                if answer is None:
                    self.send_error(404)
                else:
                    answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.host = f"127.0.0.1:{self.server.server_port}"
        self.url = f"http://{self.host}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def allowed(self) -> Allowed:
        return Allowed((self.host,), ("http",), private=True)


@contextmanager
def web() -> Iterator[Web]:
    made = Web()
    try:
        yield made
    finally:
        made.server.shutdown()
        made.server.server_close()


class Repository:
    """A repository of Subversion, served by svnserve."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.place = folder, folder / "repository"
        run("svnadmin", "create", str(self.place))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.host = f"127.0.0.1:{port}"
        self.url = f"svn://{self.host}/repository"
        listen = ["--listen-host=127.0.0.1", f"--listen-port={port}"]
        self.server = subprocess.Popen(
            ["svnserve", "-d", "--foreground", "-r", str(folder), *listen],
        )
        for _ in range(100):
            with socket.socket() as line:
                if line.connect_ex(("127.0.0.1", port)) == 0:
                    return
            time.sleep(0.05)
        raise RuntimeError("svnserve does not answer")

    def commit(self, files: dict[str, bytes], **properties: str) -> None:
        """One revision with these files; `properties` are set on the top folder."""
        checkout = self.folder / "checkout"
        if not checkout.exists():
            run("svn", "checkout", "-q", f"file://{self.place}", str(checkout))
        for path, content in files.items():
            there = checkout / path
            there.parent.mkdir(parents=True, exist_ok=True)
            there.write_bytes(content)
        run("svn", "add", "-q", "--force", "--no-ignore", str(checkout))
        for name, value in properties.items():
            run("svn", "propset", "-q", f"svn:{name}", value, str(checkout))
        run("svn", "commit", "-q", "-m", "more", str(checkout))
        run("svn", "update", "-q", "--ignore-externals", str(checkout))

    @property
    def allowed(self) -> Allowed:
        return Allowed((self.host,), ("svn",), private=True)

    def stop(self) -> None:
        self.server.kill()
        self.server.wait()


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


@contextmanager
def repository(folder: Path) -> Iterator[Repository]:
    made = Repository(folder)
    try:
        yield made
    finally:
        made.stop()


def fetched(**more: float) -> Fetched:
    bounds = {"seconds": 30, "total_bytes": 10**6, "file_bytes": 10**5, "files": 50} | more
    return Fetched(Bounds(**bounds))  # type: ignore[arg-type]


def contents(what: Fetched) -> dict[str, bytes]:
    return {path: b"".join(blob.stream()) for path, blob in what.blobs.items()}
