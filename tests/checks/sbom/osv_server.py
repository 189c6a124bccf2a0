"""A service with the interface of OSV on this machine, which can also behave badly."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = tuple[int, Any]  # status, and JSON or bytes

LOG4SHELL = {
    "id": "GHSA-jfh8-c2jp-5v3q",
    "aliases": ["CVE-2021-44228"],
    "summary": "Remote code injection in Log4j",
    "published": "2021-12-10T00:40:56Z",
    "modified": "2025-05-09T13:13:16.169374Z",
    "severity": [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H"}],
    "references": [
        {"type": "WEB", "url": "https://example.org/web"},
        {"type": "ADVISORY", "url": "https://nvd.nist.gov/vuln/detail/CVE-2021-44228"},
    ],
    "database_specific": {"severity": "CRITICAL"},
}


class Osv:
    """What the service knows: ids by package URL, and each vulnerability by id. Attributes make it
    behave badly; `asked` is every path that was asked for, `queries` every question."""

    def __init__(self, known: dict[str, list[str]] | None = None, *details: dict[str, Any]) -> None:
        self.known = known or {}
        self.details = {each["id"]: each for each in details}
        self.page_size = 0  # ids on a page; 0 for all
        self.endless = False
        self.status = 200
        self.body: bytes | None = None
        self.location = ""
        self.delay = 0.0
        self.drip = 0.0  # seconds between two bytes
        self.pieces: int | None = None  # bytes of nonsense to send
        self.asked: list[str] = []
        self.queries: list[dict[str, Any]] = []
        self.url = ""
        self.at_once = self.most_at_once = 0
        self.lock = threading.Lock()

    def answer(self, path: str, question: Any) -> Answer:
        if path == "/v1/querybatch":
            self.queries += question["queries"]
            return 200, {"results": [self._row(each) for each in question["queries"]]}
        found = self.details.get(path.removeprefix("/v1/vulns/"))
        return (200, found) if found else (404, {"code": 5, "message": "Bug not found."})

    def _row(self, query: dict[str, Any]) -> dict[str, Any]:
        ids = self.known.get(query["package"]["purl"], [])
        token = query.get("page_token", "")
        if self.endless:
            return {"vulns": [{"id": "X-1"}], "next_page_token": f"more{len(self.queries)}"}
        begin = int(token or 0)
        end = begin + (self.page_size or len(ids) or 1)
        row: dict[str, Any] = {"vulns": [{"id": each} for each in ids[begin:end]]} if ids else {}
        if end < len(ids):
            row["next_page_token"] = str(end)
        return row


class Handler(BaseHTTPRequestHandler):
    """Serves one `Osv`, well or badly."""

    protocol_version = "HTTP/1.1"
    osv: Osv

    def do_GET(self) -> None:
        self._serve(None)

    def do_POST(self) -> None:
        self._serve(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def _serve(self, question: Any) -> None:
        osv = self.osv
        with osv.lock:
            osv.asked.append(self.path)
            osv.at_once += 1
            osv.most_at_once = max(osv.most_at_once, osv.at_once)
        try:
            time.sleep(osv.delay)
            self._send(*osv.answer(self.path, question))
        except OSError:
            self.close_connection = True
        finally:
            with osv.lock:
                osv.at_once -= 1

    def _send(self, status: int, value: Any) -> None:
        osv = self.osv
        body = osv.body if osv.body is not None else json.dumps(value).encode()
        size = osv.pieces if osv.pieces is not None else len(body)
        self.send_response(osv.status if osv.status != 200 else status)
        self.send_header("Content-Length", str(size))
        if osv.location:
            self.send_header("Location", osv.location)
        self.end_headers()
        step = 1 if osv.drip else 1 << 16
        content = body if osv.pieces is None else b" " * osv.pieces
        for at in range(0, size, step):
            self.wfile.write(content[at : at + step])
            time.sleep(osv.drip)

    def log_message(self, *_: Any) -> None:
        """Tests need no log."""


@contextmanager
def running(osv: Osv) -> Iterator[Osv]:
    """The service at `osv.url` until the end of the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Of", (Handler,), {"osv": osv}))
    server.daemon_threads = True
    threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
    ).start()
    osv.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield osv
    finally:
        server.shutdown()
        server.server_close()
