"""An archive of mailing lists on this machine, for demos and tests: Pony Mail's interface.

It serves a folder of mails as files and lets people answer a thread from a web page, so that a
vote by mail can be tried without a mail server. It trusts whoever reaches it: never run it where
others can.
"""

import email
import hashlib
import html
import json
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage, Message
from email.utils import format_datetime, parseaddr, parsedate_to_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import time_ns
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.utils.timezone import now

LONGEST_FORM = 100_000  # bytes


def name_of(message_id: str) -> str:
    """What the archive calls a mail: 32 letters and digits, as Pony Mail's names have."""
    return hashlib.sha256(message_id.strip().encode()).hexdigest()[:32]


class Archive:
    """The mails of a folder, as threads."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def mails(self) -> dict[str, tuple[Message, bytes]]:
        """All mails by their names, oldest file first."""
        found = {}
        for path in sorted(self.folder.glob("*.eml")):
            raw = path.read_bytes()
            mail = email.message_from_bytes(raw)
            found[name_of(str(mail["Message-ID"]))] = (mail, raw)
        return found

    def source(self, ident: str) -> bytes | None:
        known = self.mails()
        found = known.get(ident) or known.get(name_of(ident))
        return found[1] if found else None

    def thread(self, ident: str) -> dict[str, Any] | None:
        """The thread below a mail, as the endpoint of Pony Mail tells it."""
        known = self.mails()
        root = ident if ident in known else name_of(ident)
        if root not in known:
            return None
        emails = {name: _told(name, mail) for name, (mail, _) in known.items()}
        for name, (mail, _) in known.items():
            above = name_of(str(mail["In-Reply-To"] or ""))
            if above in emails and name != above:
                emails[above]["children"].append(emails[name])
        inside, waiting = [], [emails[root]]
        while waiting:
            one = waiting.pop(0)
            inside.append(one)
            waiting += one["children"]
        flat = [{**one, "children": []} for one in inside]
        return {"thread": emails[root], "emails": flat}

    def reply(self, ident: str, sender: str, text: str) -> None:
        """Put an answer to a mail into the folder, as a list would."""
        known = self.mails()
        above, _ = known[ident]
        mail = EmailMessage()
        mail["From"] = sender
        mail["To"] = str(above["To"] or "list@localhost")
        mail["Subject"] = "Re: " + str(above["Subject"]).removeprefix("Re: ")
        mail["Date"] = format_datetime(now())
        mail["Message-ID"] = f"<{time_ns():x}@localhost>"
        mail["In-Reply-To"] = mail["References"] = str(above["Message-ID"])
        mail.set_content(text)
        stamp = now().strftime("%Y%m%dT%H%M%S.%f")
        name = name_of(str(mail["Message-ID"]))[:12]
        arriving = self.folder / f".{stamp}-{name}"
        arriving.write_bytes(mail.as_bytes())
        arriving.rename(self.folder / f"{stamp}-{name}.eml")


def _told(name: str, mail: Message) -> dict[str, Any]:
    person, address = parseaddr(str(mail["From"]))
    try:
        epoch = int(parsedate_to_datetime(str(mail["Date"])).timestamp())
    except ValueError:
        epoch = 0
    local, _, host = address.partition("@")
    return {
        "id": name,
        "mid": name,
        "message-id": str(mail["Message-ID"]),
        "from": f"{person} <{local[:2]}...@{host}>",  # as the archive hides it from strangers
        "subject": str(mail["Subject"]),
        "epoch": epoch,
        "private": False,
        "children": [],
    }


class Handler(BaseHTTPRequestHandler):
    """Serves one archive."""

    protocol_version = "HTTP/1.1"
    archive: Archive
    cookie = ""  # what opens it; empty for a list that everybody may read

    def do_GET(self) -> None:
        if self.cookie and self.headers.get("Cookie") != self.cookie:
            self.send(b"Log in first", status=403)
            return
        parts = urlsplit(self.path)
        ident = parse_qs(parts.query).get("id", [""])[0]
        if parts.path in ("/api/thread.lua", "/api/thread.json"):
            found = self.archive.thread(ident)
            self.send(json.dumps(found).encode() if found else None, "application/json")
        elif parts.path in ("/api/source.lua", "/api/source.json"):
            self.send(self.archive.source(ident), "text/plain")
        elif parts.path.startswith("/thread/"):
            self.page(parts.path.removeprefix("/thread/"))
        elif parts.path == "/":
            self.send(_index(self.archive), "text/html; charset=utf-8")
        else:
            self.send(None)

    def do_POST(self) -> None:
        ident = urlsplit(self.path).path.removeprefix("/thread/")
        size = min(int(self.headers.get("Content-Length") or 0), LONGEST_FORM)
        said = parse_qs(self.rfile.read(size).decode("utf-8", "replace"))
        sender = " ".join(said.get("from", [""])[0].split())
        if ident not in self.archive.mails() or "@" not in sender:
            self.send(None)
            return
        self.archive.reply(ident, sender, said.get("text", [""])[0])
        self.page(ident)

    def page(self, ident: str) -> None:
        found = self.archive.thread(ident)
        self.send(_page(self.archive, ident, found) if found else None, "text/html; charset=utf-8")

    def send(self, content: bytes | None, kind: str = "text/plain", status: int = 200) -> None:
        body = b"Email not found" if content is None else content
        self.send_response(404 if content is None else status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing: a demo's terminal is for the site."""


HEAD = """<!doctype html><html lang="en"><meta charset="utf-8">
<meta name="viewport" content="width=device-width">"""


def _index(archive: Archive) -> bytes:
    """Every mail that begins a thread, the newest first."""
    first = [(name, mail) for name, (mail, _) in archive.mails().items() if not mail["In-Reply-To"]]
    rows = "".join(
        f'<li><a href="/thread/{name}">{html.escape(str(mail["Subject"]))}</a>'
        for name, mail in reversed(first)
    )
    return f"{HEAD}<title>Lists</title><h1>What the lists got</h1><ul>{rows}</ul></html>".encode()


def _page(archive: Archive, ident: str, found: dict[str, Any]) -> bytes:
    mails = archive.mails()
    shown = "".join(
        f"<article><h2>{html.escape(str(mails[one['id']][0]['From']))}</h2>"
        f"<pre>{html.escape(_text(mails[one['id']][0]))}</pre></article>"
        for one in found["emails"]
    )
    subject = html.escape(found["thread"]["subject"])
    return f"""{HEAD}<title>{subject}</title>
<h1>{subject}</h1>{shown}
<form method="post"><h2>Answer the list</h2>
<p><label>From <input name="from" required size="50" value="Bob &lt;bob@localhost&gt;"></label>
<p><label>Text <textarea name="text" rows="5" cols="72" required>+1</textarea></label>
<p><button>Send</button></form></html>""".encode()


def _text(mail: Message) -> str:
    content = mail.get_payload(decode=True)
    return content.decode("utf-8", "replace") if isinstance(content, bytes) else ""


@contextmanager
def running(folder: Path, port: int = 0, cookie: str = "") -> Iterator[str]:
    """An archive of this folder, served as long as the block runs; its address.

    With a cookie its lists are private: only who sends it may read them.
    """
    here = type("Here", (Handler,), {"archive": Archive(folder), "cookie": cookie})
    server = ThreadingHTTPServer(("127.0.0.1", port), here)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
