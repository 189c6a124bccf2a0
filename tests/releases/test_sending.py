"""Mail against a server that refuses, delays, drops and dies: nothing lost, nothing doubled."""

import smtplib
from datetime import timedelta

import pytest
from django.utils.timezone import now

from projects.models import Recipients
from releases import mail, sending
from releases.models import Delivery, Message, Vote
from releases.phases import Choice
from tests import make
from tests.smtp import Received
from trusted_releases.ledger.claim import take
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run, run_pending
from trusted_releases.lib import smtp as smtp_lib

pytestmark = pytest.mark.django_db(transaction=True)

LISTS = ("dev@tool.example.org", "users@tool.example.org", "gone@tool.example.org")


@pytest.fixture
def vote() -> Vote:
    project = make.project("tool")
    by = make.member(project, username="ada")
    project.rules.change(by=by, vote_recipients="\n".join(LISTS), vote_bcc="quiet@example.org")
    return make.vote(make.candidate(type(project).objects.get(pk=project.pk)), by=by)


def send() -> None:
    """Let the mail worker do all that there is, as if waiting took no time."""
    Job.objects.filter(queue="mail").unsettled().update(due_at=now() - timedelta(seconds=1))
    run_pending("mail")


def states() -> dict[str, str]:
    return dict(Delivery.objects.values_list("address", "state"))


def job() -> Job:
    return Job.objects.get(name="releases.send_mail")


def test_one_recipient_that_is_refused_never_stops_the_others(vote, smtp: Received) -> None:
    smtp.refuse = {"gone@tool.example.org": "550 5.1.1 no such list"}
    send()
    assert states() == {
        "dev@tool.example.org": "sent",
        "users@tool.example.org": "sent",
        "gone@tool.example.org": "refused",
        "quiet@example.org": "sent",
    }
    assert Delivery.objects.get(state="refused").said == "550 5.1.1 no such list"
    assert Event.objects.get(tag=Tag.MAIL_REFUSED).facts["recipients"] == 1
    assert job().state == Job.State.DONE
    send()
    assert len(smtp.messages) == 1


def test_a_blind_copy_is_in_the_envelope_and_nowhere_in_the_mail(vote, smtp: Received) -> None:
    send()
    assert "quiet@example.org" in smtp.envelopes[0].rcpt_tos
    assert b"quiet@" not in smtp.envelopes[0].content


def test_who_is_put_off_gets_it_later_and_nobody_gets_it_twice(vote, smtp: Received) -> None:
    smtp.refuse = {"users@tool.example.org": "451 greylisted, come back"}
    send()
    assert states()["users@tool.example.org"] == "waiting"
    assert job().state == Job.State.QUEUED
    assert job().due_at > now()
    smtp.refuse = {}
    send()
    assert set(states().values()) == {"sent"}
    assert [each.rcpt_tos for each in smtp.envelopes][1] == ["users@tool.example.org"]
    assert len({each["Message-ID"] for each in smtp.messages}) == 1


def test_a_connection_that_dies_before_the_end_of_a_mail_loses_nothing(vote, smtp) -> None:
    smtp.die = "before"
    send()
    assert set(states().values()) == {"waiting"}
    assert "could not be used" in Delivery.objects.first().said
    smtp.die = ""
    send()
    assert set(states().values()) == {"sent"}
    assert len(smtp.messages) == 1


def test_a_server_that_dies_with_the_mail_in_hand_gets_it_again_and_can_tell(vote, smtp) -> None:
    smtp.die = "after"
    send()
    assert set(states().values()) == {"waiting"}
    smtp.die = ""
    send()
    first, second = smtp.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert first.as_bytes().split(b"\n\n")[1:] == second.as_bytes().split(b"\n\n")[1:]
    assert "with one Message-ID" in job().log


def test_a_server_that_is_away_for_two_days_is_waited_for(vote, smtp: Received, settings) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    waits = []
    for _ in range(19):
        before = now()
        send()
        assert job().state == Job.State.QUEUED
        waits.append((job().due_at - before).total_seconds())
    assert sum(waits) > 48 * 3600
    settings.EMAIL_PORT = port
    send()
    assert set(states().values()) == {"sent"}


def test_who_was_served_before_a_later_portion_failed_gets_it_once(
    vote, smtp: Received, monkeypatch
) -> None:
    monkeypatch.setattr(smtp_lib, "AT_ONCE", 2)
    real, asked = smtp_lib._post, []

    def breaks_off(connection, made, to):
        asked.append(list(to))
        if len(asked) == 2:
            raise smtplib.SMTPServerDisconnected("gone")
        return real(connection, made, to)

    monkeypatch.setattr(smtp_lib, "_post", breaks_off)
    send()
    assert list(states().values()) == ["sent", "sent", "waiting", "waiting"]
    assert not Delivery.objects.filter(state="sent", said__contains="could not be used").exists()
    send()
    assert set(states().values()) == {"sent"}
    late = [LISTS[2], "quiet@example.org"]
    assert asked == [list(LISTS[:2]), late, late]
    assert [each.rcpt_tos for each in smtp.envelopes] == [asked[0], asked[1]]
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1, 2}


def test_send_again_while_its_job_runs_is_done_after_it_and_doubles_nothing(
    vote, smtp: Received, monkeypatch
) -> None:
    smtp.refuse = {LISTS[0]: "550 no", LISTS[1]: "451 later"}
    send()
    assert states()[LISTS[0]] == "refused"
    smtp.refuse = {}
    real = sending._hand_over

    def meanwhile(*given):
        monkeypatch.setattr(sending, "_hand_over", real)
        assert Message.objects.get().resend(by=vote.called_by) == 2
        newest = Message.objects.get().job
        assert newest is not None
        run(newest.pk)  # another worker takes it at once
        newest.refresh_from_db()
        assert (newest.state, newest.attempts) == (Job.State.QUEUED, 0)
        assert "Another job hands this mail over" in newest.log
        return real(*given)

    monkeypatch.setattr(sending, "_hand_over", meanwhile)
    send()
    assert (states()[LISTS[0]], states()[LISTS[1]]) == ("waiting", "sent")
    send()
    assert set(states().values()) == {"sent"}
    assert [each.rcpt_tos for each in smtp.envelopes][1:] == [[LISTS[1]], [LISTS[0]]]
    assert not Job.objects.filter(name="releases.send_mail").unsettled().exists()


def test_a_job_whose_worker_is_gone_keeps_nobody_waiting(vote) -> None:
    message = mail._message_for(Event.objects.get(tag=Tag.VOTE_CALLED))
    assert message is not None
    assert take(job().pk) is not None
    assert message.is_sent_by_another(0)
    assert not message.is_sent_by_another(job().pk)
    Job.objects.update(lease_until=now() - timedelta(seconds=1))
    assert not message.is_sent_by_another(0)


def test_a_list_gets_its_share_an_hour_and_the_rest_waits(vote, smtp, settings) -> None:
    settings.RATE_LIMITS, settings.MAIL_PER_LIST = True, 2
    for _ in range(3):
        vote.cast(Choice.FOR, by=make.member(vote), manifest_digest=vote.manifest_digest)
    run_pending("mail")
    to_list = [each for each in smtp.envelopes if LISTS[0] in each.rcpt_tos]
    assert len(to_list) == 2
    waiting = Job.objects.filter(name="releases.send_mail").unsettled()
    assert waiting.count() == 2
    assert all(each.due_at > now() + timedelta(minutes=10) for each in waiting)
    assert {each.attempts for each in waiting} == {0}
    assert not Delivery.objects.filter(address__startswith="person", state="waiting").exists()


def test_an_address_that_settings_rule_out_since_is_refused_here(vote, smtp, settings) -> None:
    settings.MAIL_TO_DOMAINS = ["tool.example.org"]
    send()
    assert states()["quiet@example.org"] == "refused"
    assert smtp.envelopes[0].rcpt_tos == list(LISTS)


def test_a_vote_keeps_its_recipients_when_the_policy_changes(vote, smtp: Received) -> None:
    vote.project.rules.change(by=vote.called_by, vote_recipients="other@tool.example.org")
    fresh = Vote.objects.get(pk=vote.pk)
    assert fresh.mail_to == Recipients(LISTS, (), ("quiet@example.org",))


def test_a_worker_that_was_taken_over_sends_nothing(vote, smtp: Received) -> None:

    running = take(job().pk)
    assert running is not None
    Job.objects.filter(pk=job().pk).update(claim="another")
    told = mail.send_for(Event.objects.get(tag=Tag.VOTE_CALLED), running)
    assert "taken_over" in told
    assert smtp.messages == []
    assert Message.objects.get().sent_at is None


class Killed(BaseException):
    """What no code catches: as the worker is gone by SIGKILL, so is all that it would do next."""


def test_a_worker_killed_after_the_server_took_the_mail_doubles_it_recognisably(
    vote, smtp: Received, monkeypatch
) -> None:
    def gone(*args: object) -> None:
        raise Killed

    monkeypatch.setattr(sending, "record", gone)
    with pytest.raises(Killed):
        send()
    assert len(smtp.messages) == 1
    assert set(states().values()) == {"waiting"}
    assert job().state == Job.State.RUNNING
    monkeypatch.undo()
    send()
    assert len(smtp.messages) == 1, "nobody takes it over while its lease runs"
    Job.objects.filter(pk=job().pk).update(lease_until=now() - timedelta(seconds=1))
    run(job().pk)
    assert set(states().values()) == {"sent"}
    first, second = smtp.messages
    assert first["Message-ID"] == second["Message-ID"]
    assert "An earlier attempt may have reached 4 of 4" in job().log
    assert "died or was stopped" in job().log
    send()
    assert len(smtp.messages) == 2
