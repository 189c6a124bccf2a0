"""Repositories as tests need them, made with real git, and a server that hands them out."""

import os
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

WHO = ("-c", "user.name=Alice", "-c", "user.email=alice@example.org")
ENVIRONMENT = {
    "PATH": os.environ["PATH"],
    "HOME": "/nonexistent",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_DATE": "2026-01-02T03:04:05Z",
    "GIT_COMMITTER_DATE": "2026-01-02T03:04:05Z",
}
Content = bytes | str  # text is where a symbolic link leads


def git(folder: Path, *arguments: str, given: bytes | None = None) -> bytes:
    done = subprocess.run(
        ["git", *WHO, "-C", str(folder), *arguments],
        input=given,
        capture_output=True,
        env=ENVIRONMENT,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def repository(
    folder: Path, files: Mapping[str, Content], *, tag: str = "v1.0", runs: tuple[str, ...] = ()
) -> str:
    """A repository with one commit of these files; its id."""
    folder.mkdir(parents=True)
    git(folder, "init", "--quiet", "--initial-branch=main")
    return commit(folder, files, tag=tag, runs=runs)


def commit(
    folder: Path, files: Mapping[str, Content], *, tag: str = "", runs: tuple[str, ...] = ()
) -> str:
    """One more commit, with these files as they are, whatever .gitattributes says of them."""
    for path, content in files.items():
        if isinstance(content, str):
            mode, data = "120000", content.encode()
        else:
            mode, data = ("100755" if path in runs else "100644"), content
        id_ = git(folder, "hash-object", "-w", "--stdin", given=data).decode().strip()
        git(folder, "update-index", "--add", "--cacheinfo", f"{mode},{id_},{path}")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", "A commit")
    if tag:
        git(folder, "tag", "-a", "-m", tag, tag)
    return git(folder, "rev-parse", "HEAD").decode().strip()


def add_submodule(folder: Path, path: str) -> None:
    """A submodule, as a commit records it; the next commit has it."""
    git(folder, "update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},{path}")


class Server(ThreadingHTTPServer):
    """Hands out the repositories of a folder through git's own back end for HTTP.

    `answers` are other answers for addresses that begin with a path: a status, headers, and a
    function that writes a body.
    """

    daemon_threads = True

    def __init__(self, root: Path) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.root = root
        self.asked: list[str] = []
        self.answers: dict[str, tuple[int, dict[str, str], Any]] = {}

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        self._answer(b"")

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length")
        self._answer(self.rfile.read(int(length)) if length else b"")

    def _answer(self, body: bytes) -> None:
        self.server.asked.append(self.path)
        for start, (status, headers, write) in self.server.answers.items():
            if self.path.startswith(start):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                if write:
                    write(self.wfile)
                return
        self._from_git(body)

    def _from_git(self, body: bytes) -> None:
        path, _, query = self.path.partition("?")
        done = subprocess.run(
            ["git", "http-backend"],
            input=body,
            capture_output=True,
            check=False,
            env=ENVIRONMENT
            | {
                "GIT_PROJECT_ROOT": str(self.server.root),
                "GIT_HTTP_EXPORT_ALL": "1",
                "REQUEST_METHOD": self.command,
                "PATH_INFO": path,
                "QUERY_STRING": query,
                "CONTENT_TYPE": self.headers.get("Content-Type", ""),
                "HTTP_CONTENT_ENCODING": self.headers.get("Content-Encoding", ""),
                "GIT_PROTOCOL": self.headers.get("Git-Protocol", ""),
            },
        )
        head, _, rest = done.stdout.partition(b"\r\n\r\n")
        headers = dict(line.split(": ", 1) for line in head.decode().split("\r\n") if line)
        self.send_response(int(headers.pop("Status", "200").split()[0]))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(rest)

    def log_message(self, *args: Any) -> None:
        """Tests have enough to say."""


@contextmanager
def serving(root: Path) -> Iterator[Server]:
    server = Server(root)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)
