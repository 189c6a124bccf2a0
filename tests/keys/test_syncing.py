"""KEYS files that are kept elsewhere: what is taken over, what never is, and who hears of it."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from django.core import mail
from django.utils.timezone import now

from keys import openpgp, syncing
from keys.models import Certificate, KeyLink, KeysFile, KeyUse
from projects.roles import Role
from tests import make, pgp
from tests.keys.made import Made
from trusted_releases.ledger.jobs import enqueue
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run_pending
from trusted_releases.lib.errors import BadInput

pytestmark = pytest.mark.django_db

ALICE = Made(b"alice").user_id(b"Alice <alice@example.org>")
BOB = Made(b"bob").user_id(b"Bob <bob@example.org>")


class Elsewhere:
    """A web server with one file, and what it answers."""

    def __init__(self) -> None:
        self.status, self.content, self.headers = 200, b"", {}
        self.asked: list[str] = []
        elsewhere = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                elsewhere.asked.append(self.path)
                self.send_response(elsewhere.status)
                for name, value in elsewhere.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(elsewhere.content)))
                self.end_headers()
                self.wfile.write(elsewhere.content)

            def log_message(self, *args: Any) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.address = f"http://127.0.0.1:{self.server.server_port}/dist/KEYS?raw=1"


@pytest.fixture
def elsewhere(settings) -> Iterator[Elsewhere]:
    settings.KEYS_PRIVATE = True
    made = Elsewhere()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def manager():
    return make.member(make.committee("example"), Role.RELEASE_MANAGER, username="manager")


@pytest.fixture
def file(elsewhere, manager) -> KeysFile:
    committee = manager.memberships.get().committee
    Certificate.objects.import_keys(ALICE.text, committee=committee, by=manager)
    file = KeysFile.objects.of(committee)
    file.set_mode("external", address=elsewhere.address, by=manager)
    return file


def linked(file: KeysFile) -> set[str]:
    links = file.committee.key_links.filter(retired_at=None)
    return set(links.values_list("certificate__fingerprint", flat=True))


def fresh(file: KeysFile) -> KeysFile:
    return KeysFile.objects.get(pk=file.pk)


def test_what_the_file_has_is_what_the_committee_has(file, elsewhere) -> None:
    elsewhere.content = b"prose\n" + BOB.text
    assert syncing.sync(file) == {"added": 1, "changed": 0, "removed": 1, "kept": 0, "refused": 0}
    assert linked(file) == {BOB.fingerprint}
    assert elsewhere.asked == ["/dist/KEYS?raw=1"]
    facts = Event.objects.get(tag=Tag.KEYS_SYNCED).facts
    assert (facts["added"], facts["removed"]) == ([BOB.fingerprint], [ALICE.fingerprint])


def test_a_key_that_signed_a_published_release_is_kept_and_retired(file, elsewhere) -> None:
    link = KeyLink.objects.get()
    KeyUse.objects.create(
        committee=link.committee,
        certificate=link.certificate,
        signing_fingerprint=ALICE.fingerprint,
        project="example",
        version="1.0",
        path="a.asc",
        sha256="0" * 64,
        published_at=now(),
    )
    elsewhere.content = BOB.text
    assert syncing.sync(file)["kept"] == 1
    link.refresh_from_db()
    assert link.is_retired


def test_the_same_file_again_costs_one_look(file, elsewhere, monkeypatch) -> None:
    elsewhere.content = ALICE.text + BOB.text
    syncing.sync(file)
    monkeypatch.setattr(openpgp, "read_keys", lambda data: pytest.fail("read again"))
    assert syncing.sync(fresh(file)) == {"unchanged": True}
    assert Event.objects.filter(tag=Tag.KEYS_SYNCED).count() == 1


def test_what_cannot_be_used_of_it_is_said(file, elsewhere) -> None:
    elsewhere.content = ALICE.text + BOB.text[:150]
    assert syncing.sync(file)["refused"] == 1
    (said,) = Event.objects.get(tag=Tag.KEYS_SYNCED).facts["refused"]
    assert said.startswith(f"line {ALICE.text.count(bytes([10])) + 1}: ")


@pytest.mark.parametrize(
    ("status", "content", "said"),
    [
        (404, b"", "There is no file at"),
        (503, b"", "it answers 503"),
        (301, b"", "redirects are not followed"),
        (200, b"", "The file is empty"),
        (200, b"<html>not here</html>", "no public key in this file"),
        (200, ALICE.text[:150], "no key in the file that can be used"),
        (200, b"x" * (openpgp.MAX_DOCUMENT + 1), "answers with more than"),
    ],
)
def test_a_file_that_is_none_removes_nothing_and_the_committee_hears_of_it(
    file, elsewhere, status, content, said
) -> None:
    elsewhere.status, elsewhere.content = status, content
    elsewhere.headers = {"Location": "/elsewhere"} if status == 301 else {}
    for _ in range(2):
        assert said in syncing.sync(fresh(file))["problem"]
    assert linked(file) == {ALICE.fingerprint}
    known = fresh(file)
    assert said in known.failure
    assert known.failing_since is not None
    assert Event.objects.filter(tag=Tag.KEYS_SYNC_FAILED).count() == 1  # the second is no news


def test_a_private_key_in_it_is_told_and_nothing_of_it_is_kept(file, elsewhere) -> None:
    elsewhere.content = BOB.text + pgp.signer().secret
    assert "PRIVATE KEY (line" in syncing.sync(file)["problem"]
    assert linked(file) == {ALICE.fingerprint}
    assert pgp.signer().secret.splitlines()[4].decode() not in fresh(file).failure


def test_a_server_that_is_not_there_is_a_problem(file, elsewhere) -> None:
    elsewhere.server.server_close()
    elsewhere.server.shutdown()
    assert "gives no KEYS file" in syncing.sync(file)["problem"]


def test_our_own_network_is_not_asked_unless_an_operator_says_so(file, settings) -> None:
    settings.KEYS_PRIVATE = False
    assert "private network" in syncing.sync(file)["problem"]


def test_a_mode_that_changed_meanwhile_wins(file, elsewhere, manager, monkeypatch) -> None:
    elsewhere.content = BOB.text
    plain = syncing.fetch

    def meanwhile(address: str) -> bytes:
        fresh(file).set_mode("ours", by=manager)
        return plain(address)

    monkeypatch.setattr(syncing, "fetch", meanwhile)
    assert "moved" in syncing.sync(file)
    assert linked(file) == {ALICE.fingerprint}


def test_a_failure_is_not_that_of_a_file_that_is_kept_here_meanwhile(
    file, elsewhere, manager, monkeypatch
) -> None:
    def meanwhile(address: str) -> bytes:
        fresh(file).set_mode("ours", by=manager)
        raise syncing.Problem("It answers with 404.")

    monkeypatch.setattr(syncing, "fetch", meanwhile)
    syncing.sync(file)
    assert not fresh(file).failure
    assert not Event.objects.filter(tag=Tag.KEYS_SYNC_FAILED).exists()


def test_one_file_that_breaks_the_import_keeps_no_other_waiting(file, elsewhere, monkeypatch):
    plain = syncing.fetch
    broken = KeysFile.objects.create(
        committee=make.committee("a"), mode="external", address="https://x.example.org/KEYS"
    )

    def fetch(address: str) -> bytes:
        return plain(address) if address == file.address else 1 // 0

    monkeypatch.setattr(syncing, "fetch", fetch)
    elsewhere.content = BOB.text
    enqueue("keys.sync_due", key="due")
    run_pending()
    assert linked(file) == {BOB.fingerprint}
    assert "an error of this platform" in fresh(broken).failure
    assert fresh(broken).asked_at


@pytest.mark.parametrize("port", ["99999", "port", "-1"])
def test_an_address_without_a_port_that_can_be_is_refused(file, manager, port: str) -> None:
    with pytest.raises(BadInput):
        file.set_mode("external", address=f"https://x.example.org:{port}/KEYS", by=manager)


def test_it_is_imported_soon_after_it_is_named_and_then_when_it_is_due(
    file, elsewhere, settings
) -> None:
    elsewhere.content = BOB.text
    assert list(KeysFile.objects.due(3600)) == [file]
    run_pending()
    assert linked(file) == {BOB.fingerprint}
    assert not KeysFile.objects.due(3600)
    assert list(KeysFile.objects.due(0)) == [file]


def test_a_failure_goes_by_mail_to_who_manages_the_keys(file, elsewhere, manager) -> None:
    make.member(file.committee, Role.PARTICIPANT)
    make.member(file.committee, Role.MEMBER, username="member")
    elsewhere.status = 404
    run_pending()
    (sent,) = mail.outbox
    assert set(sent.recipients()) == {"manager@example.org", "member@example.org"}
    assert sent.to == []
    assert elsewhere.address in sent.body
    assert "none was removed" in sent.body
    run_pending()
    assert len(mail.outbox) == 1
