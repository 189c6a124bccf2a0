"""The archive of the lists: what is asked of it, and what is not believed."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from releases.archive import NoThread, mails_of, thread_of
from releases.archive_server import Archive, name_of, running
from releases.thread import MOST_MAILS, TooMany
from tests.releases.mails import call, mail
from trusted_releases.lib.outbound import Bounds, Service, Unreachable, Unusable

pytestmark = pytest.mark.once
CALL = "<call@example.org>"


def service(url: str, **bounds) -> Service:
    return Service(url, agent="tests/1", private=True, bounds=Bounds(**bounds))


@pytest.fixture
def folder(tmp_path):
    answers = [mail("ben", hour=n, ident=f"<b{n}@x>", In_Reply_To=CALL) for n in range(1, 4)]
    deep = mail("cat", "0\n", hour=9, ident="<c@x>", In_Reply_To="<b1@x>")
    other = mail("dan", subject="lunch", ident="<d@x>")
    for number, raw in enumerate((call(), *answers, deep, other)):
        (tmp_path / f"{number}.eml").write_bytes(raw)
    return tmp_path


@contextmanager
def answering(*, status: int = 200, thread: object = None, source: bytes = b"From: a@b\n\n+1\n"):
    """An archive that answers whatever one likes."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            tree = self.path.startswith("/api/thread")
            body = json.dumps(thread).encode() if tree else source
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()


def test_a_thread_is_found_by_message_id_and_every_mail_comes_as_it_was_sent(folder) -> None:
    with running(folder) as url, service(url) as asking:
        listed = thread_of(asking, CALL)
        assert listed[0].ident == name_of(CALL)
        mails = list(mails_of(asking, listed, "https://lists.example.org/thread/"))
    assert len(mails) == 5
    assert mails[0].raw == (folder / "0.eml").read_bytes()
    assert mails[0].link == f"https://lists.example.org/thread/{name_of(CALL)}"
    assert mails[0].at is not None


def test_the_local_archive_tells_no_address_and_takes_an_answer(folder) -> None:
    with running(folder) as url:
        tree = urlopen(f"{url}/api/thread.lua?id={name_of(CALL)}").read().decode()
        assert "@example.org>" in tree
        assert "ben@example.org" not in tree
        assert b"lunch" in urlopen(f"{url}/").read()
        page = f"{url}/thread/{name_of(CALL)}"
        said = urlencode({"from": "Eve <eve@example.org>", "text": "-1 <b>"}).encode()
        assert b"-1 &lt;b&gt;" in urlopen(page, said).read()
        with service(url) as asking:
            assert len(thread_of(asking, CALL)) == 6
    assert Archive(folder).thread("<none@x>") is None


def test_what_the_archive_does_not_have_is_no_thread(folder) -> None:
    with running(folder) as url, service(url) as asking, pytest.raises(NoThread):
        thread_of(asking, "<none@x>")


@pytest.mark.parametrize(
    "said",
    [None, [], 7, {}, {"thread": 1}, {"thread": {"id": "../../etc", "children": [{"id": 7}, 8]}}],
)
def test_an_answer_without_mails_is_no_thread(said) -> None:
    with answering(thread=said) as url, service(url) as asking, pytest.raises(NoThread):
        thread_of(asking, CALL)


def test_a_tree_is_walked_however_deep_it_is_and_each_mail_is_listed_once() -> None:
    tree: dict = {"id": f"{0:032}", "epoch": 1e400, "children": []}
    for number in range(1, 400):
        tree = {"id": f"{number:032}", "epoch": "soon", "children": [tree, tree]}
        if number > 5:
            tree["children"].pop()
    with answering(thread={"thread": tree, "emails": [tree]}) as url, service(url) as asking:
        listed = thread_of(asking, CALL)
    assert len(listed) == 400
    assert {each.at for each in listed} == {None}


def test_more_mails_than_anybody_counts_are_too_many() -> None:
    emails = [{"id": f"{n:032}", "epoch": n} for n in range(MOST_MAILS + 1)]
    with (
        answering(thread={"thread": {}, "emails": emails}) as url,
        service(url) as asking,
        pytest.raises(TooMany),
    ):
        thread_of(asking, CALL)


def test_a_mail_that_is_listed_and_not_there_ends_it() -> None:
    with answering(status=404) as url, service(url) as asking:
        listed = [type("L", (), {"ident": "a" * 32, "at": None})()]
        with pytest.raises(Unusable, match="does not have it"):
            list(mails_of(asking, listed, ""))


def test_too_much_and_too_busy_are_told() -> None:
    with answering(source=b"x" * (9 << 20)) as url, service(url) as asking:
        listed = [type("L", (), {"ident": "a" * 32, "at": None})()]
        with pytest.raises(Unusable, match="8 MB at once"):
            list(mails_of(asking, listed, ""))
    with answering(status=503) as url, service(url) as asking, pytest.raises(Unreachable):
        thread_of(asking, CALL)
