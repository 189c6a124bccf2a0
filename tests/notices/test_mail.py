"""Notices by mail: at once, once a day, and stopped with one click."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils.timezone import now

from notices import mail
from notices.kinds import How, Kind
from notices.models import Notice, wish, wishes_of
from tests import make
from tests.smtp import Received
from trusted_releases.ledger.models import Job
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make.user("ada", full_name="Ada Lovelace")


def notice(person, event: int = 1, how: str = How.MAIL, **more) -> Notice:
    fields = {"kind": Kind.CALLED, "text": f"Vote {event} on Tool has begun.", "url": "/x/"}
    return Notice.objects.create(person=person, event=event, how=how, **fields | more)


def at_once(made: Notice) -> None:
    Job.objects.enqueue("notices.send", args={"notice": made.pk})
    run_pending("mail")


def test_a_notice_is_mailed_once_and_says_how_to_stop_it(ada, smtp: Received) -> None:
    made = notice(ada)
    at_once(made)
    at_once(made)
    (got,) = smtp.messages
    assert got["To"] == "ada@example.org"
    assert got["Subject"] == "[Trusted Releases] Vote 1 on Tool has begun."
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "http://testserver/x/" in got.get_content()
    assert got["List-Unsubscribe"].strip(" <>") in got.get_content().replace("\r\n", "")


def test_the_reader_s_own_button_stops_it_without_a_log_in(ada, smtp: Received) -> None:
    wish(ada, Kind.CALLED, How.MAIL)
    at_once(notice(ada))
    address = smtp.messages[0]["List-Unsubscribe"].strip(" <>").removeprefix("http://testserver")
    client = Client(enforce_csrf_checks=True)
    assert "Nothing has changed yet" in client.get(address).content.decode()
    assert wishes_of(ada, None)[Kind.CALLED] == How.MAIL
    answer = client.post(address, "List-Unsubscribe=One-Click", "application/x-www-form-urlencoded")
    assert answer.status_code == 200
    assert wishes_of(ada, None)[Kind.CALLED] == How.SITE


def test_it_stops_a_project_s_mails_too_and_no_other_kind(ada) -> None:
    project = make.project()
    wish(ada, Kind.CALLED, How.DIGEST, project)
    wish(ada, Kind.ENDED, How.DIGEST)
    Client().post(mail.link_to_stop(ada, Kind.CALLED).removeprefix("http://testserver"))
    assert wishes_of(ada, project.pk)[Kind.CALLED] == How.SITE
    assert wishes_of(ada, None)[Kind.ENDED] == How.DIGEST
    Client().post(mail.link_to_stop(ada, mail.DIGEST).removeprefix("http://testserver"))
    assert How.DIGEST not in wishes_of(ada, None).values()


@pytest.mark.parametrize("how", [How.MAIL, How.DIGEST])
def test_what_waits_when_mails_are_stopped_stays_on_the_site(ada, smtp, how: str) -> None:
    other = notice(ada, 1, how, kind=Kind.ENDED)
    made = notice(ada, 2, how)
    neighbour = notice(make.user("ben"), 2, how)
    what = mail.DIGEST if how == How.DIGEST else Kind.CALLED
    Client().post(mail.link_to_stop(ada, what).removeprefix("http://testserver"))
    for each in (made, other, neighbour):
        Job.objects.enqueue("notices.send", args={"notice": each.pk})
    Job.objects.enqueue("notices.digests", args={})
    run_pending()
    expected = ["ben"] if how == How.DIGEST else ["ada", "ben"]
    assert sorted(got["To"].partition("@")[0] for got in smtp.messages) == expected
    made.refresh_from_db()
    assert (made.how, made.mailed_at) == (How.SITE, None)


@pytest.mark.parametrize("token", ["x", "WzEsImNhbGxlZCJd:1:x", "a" * 500])
def test_an_address_that_nobody_made_stops_nothing(client, token: str) -> None:
    assert client.post(f"/notices/stop/{token}/").status_code == 404


def test_a_digest_holds_what_has_come_together_and_is_sent_once_a_day(ada, smtp) -> None:
    for number in (1, 2):
        notice(ada, number, How.DIGEST)
    notice(ada, 3, How.SITE)
    for hours in (0, 0.1):
        with time_machine.travel(now() + timedelta(hours=hours)):
            Job.objects.enqueue("notices.digests", args={})
            run_pending()
    (got,) = smtp.messages
    assert got["Subject"] == "[Trusted Releases] 2 notices of Trusted Releases"
    assert "Vote 1 on Tool" in got.get_content()
    assert "Vote 3" not in got.get_content()
    assert not Notice.objects.to_mail(How.DIGEST).exists()


def test_a_digest_leaves_out_what_is_not_theirs_to_see_any_more(ada, smtp: Received) -> None:
    draft = make.release()
    notice(ada, 1, How.DIGEST, release=draft, text="Secret.")
    Job.objects.enqueue("notices.send_digest", args={"person": ada.pk})
    run_pending("mail")
    assert smtp.messages == []
    assert not Notice.objects.to_mail(How.DIGEST).exists()


def test_nobody_without_a_mail_address_is_written_to(smtp: Received) -> None:
    at_once(notice(make.user("nobody", email="")))
    assert smtp.messages == []


def test_a_server_that_is_away_is_waited_for(ada, smtp: Received, settings) -> None:
    port, settings.EMAIL_PORT = settings.EMAIL_PORT, 1
    made = notice(ada)
    at_once(made)
    assert Job.objects.get(name="notices.send").state == Job.State.QUEUED
    settings.EMAIL_PORT = port
    Job.objects.update(due_at=now())
    run_pending("mail")
    assert len(smtp.messages) == 1
