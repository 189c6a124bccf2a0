"""The mails of a release: who sees which, what became of them, and sending one again."""

import pytest
from django.urls import reverse

from projects.roles import Role
from releases.models import Delivery, Message, Vote
from releases.phases import Choice
from tests import make
from tests.smtp import Received
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db


@pytest.fixture
def vote(smtp: Received) -> Vote:
    project = make.project("tool")
    vote = make.vote(make.candidate(project, version="1.0"), by=make.member(project))
    smtp.refuse = {"dev@tool.example.org": "550 no such list"}
    run_pending("mail")
    return vote


URL = "/releases/tool/1.0/mails/"


def page(client) -> str:
    answer = client.get(URL)
    assert answer.status_code == 200
    return answer.content.decode()


def test_who_works_on_it_sees_every_mail_with_its_state(vote) -> None:
    text = page(logged_in(make.member(vote, Role.PARTICIPANT)))
    assert "dev@tool.example.org" in text
    assert "550 no such list" in text
    assert "Refused" in text
    assert Message.objects.get().message_id.strip("<>") in text


def test_a_voter_sees_their_own_mails_and_a_stranger_none(client, vote) -> None:
    voter = make.user("visitor")
    vote.cast(Choice.FOR, by=voter, manifest_digest=vote.manifest_digest, comment="I built it")
    run_pending("mail")
    mine = page(logged_in(voter))
    assert "I built it" in mine
    assert "Please vote." not in mine
    assert "550" not in page(client)
    assert "I built it" not in page(logged_in(make.user()))


def test_a_mail_that_nobody_has_made_yet_is_announced(vote) -> None:
    vote.cast(Choice.FOR, by=make.user("visitor"), manifest_digest=vote.manifest_digest)
    assert "about to be made" in page(logged_in(make.member(vote)))


def test_a_member_sends_it_again_to_those_who_did_not_get_it(vote, smtp: Received) -> None:
    message = Message.objects.get()
    url = reverse("releases:resend", args=["tool", "1.0", message.pk])
    client = logged_in(make.member(vote))
    assert url in page(client)
    shown = client.get(url).content.decode()
    assert "dev@tool.example.org" in shown
    smtp.refuse = {}
    assert client.post(url).status_code == 303
    run_pending("mail")
    assert len(smtp.messages) == 1
    assert smtp.messages[0]["Message-ID"] == message.message_id
    assert Delivery.objects.get().state == "sent"
    assert Event.objects.get(tag=Tag.MAIL_RESENT).facts["recipients"] == 1
    assert client.post(url).status_code == 409
    run_pending("mail")
    assert len(smtp.messages) == 1


def test_others_do_not_send_it_again(client, vote) -> None:
    url = reverse("releases:resend", args=["tool", "1.0", Message.objects.get().pk])
    for who in (client, logged_in(make.member(vote, Role.RELEASE_MANAGER))):
        assert who.post(url).status_code == 403
    assert not Job.objects.filter(queue="mail").unsettled().exists()


def test_an_attempt_that_waits_is_brought_forward_and_not_doubled(vote, smtp: Received) -> None:
    smtp.refuse = {"dev@tool.example.org": "451 later"}
    Delivery.objects.update(state="waiting", said="451 later")
    Job.objects.enqueue(
        "releases.send_mail",
        release=vote.release_id,
        args={"event": Message.objects.get().event},
    )
    Message.objects.get().resend(by=make.member(vote))
    assert Job.objects.filter(queue="mail").unsettled().count() == 1


def test_it_costs_as_many_questions_for_many_mails_as_for_one(
    vote, django_assert_max_num_queries
) -> None:
    client = logged_in(make.member(vote))
    page(client)
    for number in range(15):
        voter = make.user(f"voter{number}")
        vote.cast(Choice.FOR, by=voter, manifest_digest=vote.manifest_digest)
    run_pending("mail")
    with django_assert_max_num_queries(20):
        page(client)
