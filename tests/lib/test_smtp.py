"""Handing a mail to a server: an answer for each recipient, and a signature that verifies."""

import base64
import smtplib
from email import message_from_bytes, policy

import dkim
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.smtp import Received
from trusted_releases.lib import smtp as ours
from trusted_releases.lib.smtp import Answer, FlowedMail, Unreachable, posting

pytestmark = pytest.mark.once


def mail(body: str = "Hello.", **fields) -> FlowedMail:
    fields = {"subject": "A subject", "to": ["a@example.org"], **fields}
    return FlowedMail(body=body, from_email="Ada <ada@example.org>", **fields)


def post(made: FlowedMail, *to: str) -> dict[str, Answer]:
    with posting() as send:
        return send(made, to or ("a@example.org",))


def test_a_mail_is_flowed_text_in_utf8(smtp: Received) -> None:
    assert post(mail("Grüße " * 30 + "\n-- \nAda"))["a@example.org"].is_taken
    (got,) = smtp.messages
    assert got.get_content_type() == "text/plain"
    assert (got.get_content_charset(), got.get_param("format")) == ("utf-8", "flowed")
    raw = smtp.envelopes[0].content
    assert raw.isascii()
    assert max(map(len, raw.splitlines())) <= 78
    shown = got.get_content().replace("\r\n", "\n")
    assert max(map(len, shown.split("\n"))) <= 72
    assert "\n-- \nAda" in shown


def test_each_recipient_has_an_answer_and_none_stops_the_others(smtp: Received) -> None:
    smtp.refuse = {"gone@example.org": "550 no such list", "slow@example.org": "451 greylisted"}
    said = post(mail(), "a@example.org", "gone@example.org", "slow@example.org", "b@example.org")
    assert {to: (each.is_taken, each.is_refused) for to, each in said.items()} == {
        "a@example.org": (True, False),
        "gone@example.org": (False, True),
        "slow@example.org": (False, False),
        "b@example.org": (True, False),
    }
    assert smtp.envelopes[0].rcpt_tos == ["a@example.org", "b@example.org"]
    assert str(said["gone@example.org"]) == "550 no such list"


def test_a_text_that_is_refused_is_refused_for_all_who_were_taken(smtp: Received) -> None:
    smtp.answer = "554 looks like spam"
    assert post(mail())["a@example.org"].is_refused


def test_hundreds_of_recipients_go_out_in_portions(smtp: Received, settings) -> None:
    many = [f"p{number}@example.org" for number in range(230)]
    with posting() as send:
        portions = list(send.portions(many))
        assert [each for portion in portions for each in portion] == many
        for portion in portions:
            assert all(answer.is_taken for answer in send(mail(), portion).values())
        assert list(send.portions([])) == []
    assert [len(each.rcpt_tos) for each in smtp.envelopes] == [100, 100, 30]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    with posting() as send:
        assert list(send.portions(many)) == [many], "a mailbox gets one mail, whoever it is to"


def test_a_server_that_nobody_reaches_is_told_as_such(smtp: Received, settings) -> None:
    settings.EMAIL_PORT = 1
    with pytest.raises(Unreachable, match="refused"):
        post(mail())


def test_a_sender_that_is_refused_is_the_site_s_trouble_and_no_recipient_s(smtp: Received) -> None:
    smtp.refuse_sender = "550 not from you"
    with pytest.raises(Unreachable, match="550 not from you"):
        post(mail())


def test_mails_that_nobody_follows_raise_when_all_refuse(smtp: Received) -> None:
    smtp.refuse = {"a@example.org": "550 no"}
    with pytest.raises(smtplib.SMTPRecipientsRefused):
        mail().send()
    smtp.refuse = {}
    assert mail().send() == 1


@pytest.mark.parametrize(
    "field", [{"subject": "A\nBcc: x@y.org"}, {"to": ["a@b.org\nBcc: x@y.org"]}, {"cc": ["x\r\ny"]}]
)
def test_a_line_end_never_makes_a_header(field: dict) -> None:
    with pytest.raises(ValueError, match=r"newline|[Hh]eader|Invalid address"):
        mail(**field).message()


@pytest.fixture
def key(settings, tmp_path):
    """A key of a domain, and what its DNS says of it."""
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = made.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.TraditionalOpenSSL,
        serialization.NoEncryption(),
    )
    (tmp_path / "dkim.key").write_bytes(pem)
    settings.DKIM_KEY_FILE = tmp_path / "dkim.key"
    settings.DKIM_SELECTOR, settings.DKIM_DOMAIN = "one", "example.org"
    ours._key.cache_clear()
    public = made.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    record = b"v=DKIM1; k=rsa; p=" + base64.b64encode(public)
    return lambda name, timeout=5: record if name == b"one._domainkey.example.org." else None


def test_a_signature_verifies_and_covers_what_readers_see(smtp: Received, key) -> None:
    post(mail("Grüße.\n\nZwei Zeilen. ", headers={"Message-ID": "<1@example.org>"}))
    content = smtp.envelopes[0].content
    assert dkim.verify(content, dnsfunc=key)
    header = message_from_bytes(content, policy=policy.default)["DKIM-Signature"]
    assert "d=example.org" in header
    assert {"from", "to", "subject", "message-id", "date"} <= set(
        header.split("h=")[1].split(";")[0].replace(" ", "").lower().split(":")
    )
    assert not dkim.verify(content.replace(b"A subject", b"B subject"), dnsfunc=key)
    assert not dkim.verify(content.replace(b"Zwei", b"Drei"), dnsfunc=key)


def test_without_a_selector_nothing_is_signed(smtp: Received) -> None:
    post(mail())
    assert b"DKIM-Signature" not in smtp.envelopes[0].content
