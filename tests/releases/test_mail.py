"""Mail that follows from events, through a real SMTP server."""

import re
from datetime import timedelta
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parseaddr
from typing import Any

import pytest
from django.utils.timezone import now

from projects.models import Policy
from releases import mail, sending
from releases.models import Message, Release, Vote
from releases.phases import Choice, Outcome
from releases.publishing import location_of
from tests import make
from tests.smtp import Received
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run_pending
from trusted_releases.lib.flowed import unflow

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make.user("ada", full_name="Ada Lovelace", email="ada@example.org")


@pytest.fixture
def vote(ada) -> Vote:
    release = make.candidate(make.project("tool"), version="1.0")
    release.committee.memberships.create(user=ada, role="member")
    return make.vote(release, by=ada)


def sent(smtp: Received) -> list:
    run_pending("mail")
    return smtp.messages


def text(message) -> str:
    """What a reader shows of it."""
    return unflow(message.get_content().replace("\r\n", "\n"))


def cast(vote: Vote, by, choice: str = Choice.FOR, comment: str = "") -> None:
    vote.cast(choice, by=by, manifest_digest=vote.manifest_digest, comment=comment)


def test_the_call_goes_to_the_list_in_the_name_of_who_called(vote, smtp: Received) -> None:
    (call,) = sent(smtp)
    assert call["To"] == "dev@tool.example.org"
    assert parseaddr(call["From"])[0] == "Ada Lovelace via Trusted Releases"
    assert call["Reply-To"] == "dev@tool.example.org"
    assert call["Subject"] == "[VOTE] Release Tool 1.0"
    assert text(call).strip() == "Please vote."
    assert call["In-Reply-To"] is None


def test_receipts_and_result_answer_the_call(vote, ada, smtp: Received) -> None:
    voters = [ada, make.member(vote, full_name="Ben"), make.member(vote, full_name="Cyn")]
    for voter in voters:
        cast(vote, voter, comment="I built it." if voter is ada else "")
    cast(vote, make.user("visitor"), Choice.AGAINST)
    vote.release.resolve_vote(Outcome.PASSED, by=ada, confirmed=True)
    call, *receipts, result = sent(smtp)
    assert len(receipts) == 4
    for each in (*receipts, result):
        assert each["In-Reply-To"] == each["References"] == call["Message-ID"]
    assert {each["Subject"] for each in receipts} == {f"Re: {call['Subject']}"}
    assert receipts[0]["To"] == "dev@tool.example.org, ada@example.org"
    assert "+1 (binding) Ada Lovelace (ada)\n\nI built it.\n" in text(receipts[0])
    assert "-1 (non-binding) visitor" in text(receipts[3])
    assert vote.manifest_digest in text(receipts[0])
    assert result["Subject"] == "[RESULT] [VOTE] Release Tool 1.0 PASSED"
    assert "  +1 Ada Lovelace\n  +1 Ben\n  +1 Cyn\n" in text(result)
    assert "Binding: 3 +1, 0 0, 0 -1. Needed: 3 +1" in text(result)


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.CANCELLED])
def test_other_results_are_told_too(vote, ada, smtp: Received, outcome: Outcome) -> None:
    vote.release.resolve_vote(outcome, by=ada)
    call, result = sent(smtp)
    assert result["Subject"] == f"[RESULT] {call['Subject']} {outcome.upper()}"
    assert f"has {outcome}" in text(result)


def test_a_second_vote_is_a_thread_of_its_own(vote, ada, smtp: Received) -> None:
    vote.release.resolve_vote(Outcome.CANCELLED, by=ada)
    again = make.vote(vote.release, by=ada)
    cast(again, ada)
    first, _, second, receipt = sent(smtp)
    assert first["Message-ID"] != second["Message-ID"] == receipt["In-Reply-To"]


def test_a_receipt_names_its_call_even_when_it_is_sent_first(vote, ada, smtp: Received) -> None:
    cast(vote, ada)
    call = Job.objects.filter(name="releases.send_mail").earliest("pk")
    Job.objects.filter(pk=call.pk).update(due_at=now() + timedelta(hours=1))
    (receipt,) = sent(smtp)
    Job.objects.filter(pk=call.pk).update(due_at=now())
    assert sent(smtp)[1]["Message-ID"] == receipt["In-Reply-To"]


def test_an_announcement_goes_where_the_policy_says(vote, ada, smtp: Received) -> None:
    Policy.objects.filter(project=vote.project).update(
        announce_recipients="announce@example.org\nusers@example.org\nannounce@example.org"
    )
    for _ in range(3):
        cast(vote, make.member(vote))
    release = vote.release
    release.resolve_vote(Outcome.PASSED, by=ada)
    make.publication(release).record_published(location_of(release))
    release.announce(by=ada, subject="[ANNOUNCE] Caf\u00e9 1.0", body="Gr\u00fc\u00dfe\n.\n.dot")
    announcement = sent(smtp)[-1]
    assert announcement["To"] == "announce@example.org, users@example.org"
    assert announcement["Subject"] == "[ANNOUNCE] Caf\u00e9 1.0"
    assert text(announcement) == "Gr\u00fc\u00dfe\n.\n.dot\n"
    assert announcement["In-Reply-To"] is None


def test_a_job_that_runs_twice_sends_once(vote, smtp: Received) -> None:
    event = Event.objects.get(tag=Tag.VOTE_CALLED)
    for _ in range(3):
        Job.objects.enqueue("releases.send_mail", args={"event": event.pk})
    assert len(sent(smtp)) == 1
    assert Event.objects.filter(tag=Tag.MAIL_SENT).count() == 1
    message = Message.objects.get()
    assert message.message_id == smtp.messages[0]["Message-ID"] == mail.message_id(event.pk)
    assert str(message) == message.subject


def test_a_message_id_is_stable_unique_and_not_to_be_guessed(settings) -> None:
    settings.MAIL_DOMAIN = "apache.org"
    ids = [mail.message_id(n) for n in range(1, 50)]
    assert ids == [mail.message_id(n) for n in range(1, 50)]
    assert len(set(ids)) == 49
    assert all(each.startswith("<event-") and each.endswith("@apache.org>") for each in ids)
    settings.SECRET_KEY = "another"
    assert mail.message_id(1) != ids[0]


def test_a_server_that_refuses_is_asked_again_later(vote, smtp: Received) -> None:
    smtp.answer = "450 try later"
    assert sent(smtp) == []
    job = Job.objects.get(name="releases.send_mail")
    assert (job.state, job.attempts) == (Job.State.QUEUED, 1)
    assert "try later" in job.error
    smtp.answer = "250 OK"
    Job.objects.filter(pk=job.pk).update(due_at=now())
    assert len(sent(smtp)) == 1


@pytest.mark.parametrize(
    "name",
    ["Eve\r\nBcc: all@example.org", "Eve\nX: y", 'Eve" <root@example.org>, "', "Eve\u2028X", "\0"],
)
def test_a_name_never_makes_a_header(vote, smtp: Received, name: str) -> None:
    eve = make.member(vote, full_name="x")
    eve.full_name = name.replace("\0", "")  # which no database holds
    eve.save()
    cast(vote, eve)
    receipt = sent(smtp)[-1]
    assert receipt["Bcc"] is None
    assert receipt["X"] is None
    assert parseaddr(receipt["From"])[1] == "noreply@localhost"
    assert len(receipt["From"].addresses) == 1
    assert smtp.envelopes[-1].rcpt_tos == ["dev@tool.example.org", eve.email]


@pytest.mark.parametrize(
    "name", ["Žofie " * 20, 'Ž, "the (great)" \\', "Ž\nX: y", "Ž <root@example.org>"]
)
def test_a_name_of_any_letters_comes_in_words_that_are_short(vote, smtp: Received, name: str):
    eve = make.member(vote, full_name="x")
    eve.full_name = name
    eve.save()
    cast(vote, eve)
    receipt = sent(smtp)[-1]
    assert [each.addr_spec for each in receipt["From"].addresses] == ["noreply@localhost"]
    raw = smtp.envelopes[-1].content.partition(b"\r\n\r\n")[0]
    said, _ = parseaddr(message_from_bytes(raw)["From"])
    plain = " ".join(name.split())
    assert str(make_header(decode_header(said))) == f"{plain} via Trusted Releases"
    words = re.findall(rb"=\?[^?]+\?.\?[^?]*\?=", raw)
    assert words
    assert max(map(len, words)) <= 75
    assert max(map(len, raw.split(b"\r\n"))) <= 78


def test_mail_about_a_draft_that_was_deleted_is_not_sent(vote, ada, smtp: Received) -> None:
    vote.release.resolve_vote(Outcome.CANCELLED, by=ada)
    vote.release.delete_draft(by=ada)
    assert sent(smtp) == []
    assert Job.objects.filter(name="releases.send_mail", state="failed").count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_text_written_once_is_not_written_again(vote, ada, smtp: Received) -> None:
    smtp.answer = "450 later"
    sent(smtp)
    ada.full_name = "Somebody Else"
    ada.save()
    smtp.answer = "250 OK"
    Job.objects.update(due_at=now())
    assert parseaddr(sent(smtp)[0]["From"])[0].startswith("Ada Lovelace")


def test_in_a_demo_mail_is_kept_as_files(vote, settings, tmp_path) -> None:
    settings.EMAIL_BACKEND = "releases.mail.Mailbox"
    settings.DATA_DIR = tmp_path
    run_pending("mail")
    (kept,) = (tmp_path / "mailbox").glob("*.eml")
    assert b"Subject: [VOTE] Release Tool 1.0" in kept.read_bytes()


def test_a_thread_holds_when_the_secret_has_been_changed(vote, ada, smtp, settings) -> None:
    run_pending("mail")
    settings.SECRET_KEY = "another" * 10
    vote.cast(Choice.FOR, by=ada, manifest_digest=vote.manifest_digest)
    run_pending("mail")
    call, receipt = Message.objects.order_by("pk")
    assert receipt.in_reply_to == call.message_id != mail.message_id(call.event)


def test_a_mail_that_went_out_while_its_draft_was_deleted_is_on_record(
    vote, ada, smtp, monkeypatch
) -> None:
    vote.release.resolve_vote(Outcome.CANCELLED, by=ada)
    record = sending.record

    def meanwhile(message: Message, *rest: Any) -> None:
        if release := Release.objects.filter(pk=vote.release_id).first():
            release.delete_draft(by=ada)
        record(message, *rest)

    monkeypatch.setattr(sending, "record", meanwhile)
    run_pending("mail")
    assert len(smtp.messages) == Event.objects.filter(tag=Tag.MAIL_SENT).count() == 1
    assert Event.objects.get(tag=Tag.MAIL_SENT).release == str(vote.release_id)
    assert not Job.objects.filter(queue="mail").exclude(state=Job.State.DONE).exists()
