"""Mail that comes back: who is told, and what is nobody's report."""

import io
import time
from email.message import EmailMessage
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.urls import reverse

from releases import bounces
from releases.models import Delivery, Message
from tests import make
from tests.smtp import Received
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db


@pytest.fixture
def message(smtp: Received, settings) -> Message:
    settings.BOUNCE_ADDRESS = "bounces@example.org"
    make.vote(make.candidate(make.project("tool")), by=None)
    run_pending("mail")
    message = Message.objects.get()
    assert smtp.envelopes[0].mail_from == bounces.address_of(message)
    return message


def report(to: str, about: str, action: str = "failed") -> bytes:
    """A report as mail servers write it (RFC 3464)."""
    return (
        f"From: MAILER-DAEMON@mx.example.org\r\nTo: {to}\r\nSubject: Undelivered\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; "
        'boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n'
        "--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        "Reporting-MTA: dns; mx.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; {about}\r\nAction: {action}\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 user unknown\r\n\r\n--b--\r\n"
    ).encode()


def test_a_report_names_the_recipient_once(message) -> None:
    said = report(bounces.address_of(message), "DEV@tool.example.org")
    assert bounces.take(said) == 1
    assert bounces.take(said) == 0
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.said) == ("bounced", "smtp; 550 5.1.1 user unknown")
    assert Event.objects.get(tag=Tag.MAIL_BOUNCED).facts["address"] == "dev@tool.example.org"


def test_who_did_not_get_it_is_told_to_no_visitor(message, client) -> None:
    """It may be a blind copy."""
    assert bounces.take(report(bounces.address_of(message), "dev@tool.example.org")) == 1
    page = client.get(reverse("release-events", args=message.release.url_args)).content.decode()
    assert "back from a recipient" in page
    assert "dev@tool.example.org" not in page


def test_what_is_no_report_of_ours_changes_nothing(message) -> None:
    mine = bounces.address_of(message)
    forged = mine.replace("+", "+1")
    wrong = mine[: mine.index("@") - 4] + "0000" + mine[mine.index("@") :]
    for said in (
        report(forged, "dev@tool.example.org"),
        report(wrong, "dev@tool.example.org"),
        report("bounces@example.org", "dev@tool.example.org"),
        report(mine, "somebody@example.org"),
        report(mine, "dev@tool.example.org", "delayed"),
        b"",
        b"To: " + mine.encode() + b"\r\n\r\nI am on holiday.",
        b"\xff" * 1000,
    ):
        assert bounces.take(said) == 0
    assert Delivery.objects.get().state == "sent"


HOSTILE = {
    "an open bracket": b"To: a@[\r\n\r\n",
    "an open quote": b'To: "\r\n\r\n',
    "comments in comments": b"To: " + b"(" * 5_000 + b"\r\n\r\n",
    "many addresses": b"To: " + b"a," * 50_000 + b"\r\n\r\n",
    "a broken word": b"To: =?utf-8?b?////?=\r\n\r\n",
    "no text": b"To: \x00\xff\r\n\r\n",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_header_costs_nothing(what: str) -> None:
    began = time.process_time()
    assert bounces.take(HOSTILE[what]) == 0
    assert time.process_time() - began < 1


def test_a_report_with_hostile_headers_beside_its_own_is_read(message) -> None:
    mine = bounces.address_of(message)
    extra = "".join(f"{raw.decode('latin-1').strip()}\r\n" for raw in HOSTILE.values())
    said = report(f"{mine}\r\n{extra.rstrip()}", "dev@tool.example.org")
    assert bounces.take(said) == 1


def test_what_is_nested_beyond_reason_is_no_report(message) -> None:
    to = f"To: {bounces.address_of(message)}\r\n".encode()
    deep = (
        b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level)
        for level in range(5_000)
    )
    assert bounces.take(to + b"".join(deep)) == 0
    assert Delivery.objects.get().state == "sent"


@pytest.mark.parametrize("about", ["a\0b@example.org", "\udcff@example.org", "a" * 100_000])
def test_a_recipient_that_no_database_takes_is_nobody(message, about: str) -> None:
    said = report(bounces.address_of(message), "X").replace(
        b"rfc822; X", b"rfc822; " + about.encode("utf-8", "surrogateescape")
    )
    assert bounces.take(said) == 0


def test_one_report_speaks_of_so_many_and_no_more(message, monkeypatch) -> None:
    monkeypatch.setattr(bounces, "MOST_FAILURES", 2)
    blocks = "".join(f"Final-Recipient: x; p{n}@x.org\r\nAction: failed\r\n\r\n" for n in range(9))
    said = report(bounces.address_of(message), "p@x.org").replace(
        b"Final-Recipient", blocks.encode() + b"Final-Recipient", 1
    )
    asked = []
    monkeypatch.setattr(bounces, "_record", lambda *given: asked.append(given) or True)
    assert bounces.take(said) == 2
    assert [to for _, to, _ in asked] == ["p0@x.org", "p1@x.org"]


def test_it_is_piped_to_a_command(message, monkeypatch) -> None:
    said = report(bounces.address_of(message), "dev@tool.example.org")
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(said)))
    out = io.StringIO()
    call_command("take_bounce", stdout=out)
    assert out.getvalue() == "1 recipient written down.\n"


def test_without_an_address_for_it_mail_comes_back_to_the_sender(settings) -> None:
    settings.BOUNCE_ADDRESS = ""
    assert bounces.address_of(Message(pk=1)) == ""


def test_a_report_can_be_read_as_python_writes_one(message) -> None:
    outer = EmailMessage()
    outer["To"] = bounces.address_of(message)
    outer.set_content("Nothing else.")
    assert bounces.take(outer.as_bytes()) == 0
