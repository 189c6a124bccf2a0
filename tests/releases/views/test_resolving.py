"""Resolving a vote: what is missing, what follows, and the mail that tells the result."""

import html
import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail as outbox
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from projects.roles import Role
from releases.models import Vote
from releases.phases import Outcome, Phase
from tests import make
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db

HTMX = {"HX-Request": "true"}


def url(release, name, *more):
    return reverse(f"releases:{name}", args=[*release.url_args, *more])


@pytest.fixture
def vote() -> Vote:
    return make.vote(make.candidate(version="1.0"))


@pytest.fixture
def manager(vote):
    return logged_in(make.member(vote.project, Role.RELEASE_MANAGER))


def cast(vote, *choices, **more):
    for choice in choices:
        person = make.member(vote.project)
        vote.cast(choice, by=person, manifest_digest=vote.manifest_digest, **more)


def resolve(client, vote, outcome, **more):
    sent = {"outcome": outcome, "seen": vote.number, "typed": "1.0", **more}
    return client.post(url(vote.release, "resolve"), sent)


class TestResolve:
    def test_a_vote_with_three_binding_goes_on_to_finish(self, vote, manager):
        cast(vote, "+1", "+1", "+1")
        page = manager.get(url(vote.release, "resolve")).content.decode()
        assert "It has what it takes to pass." in page
        assert resolve(manager, vote, Outcome.PASSED).status_code == 303
        vote.release.refresh_from_db()
        assert vote.release.phase == Phase.FINISH

    def test_a_vote_that_lacks_votes_does_not_pass_and_says_what_is_missing(self, vote, manager):
        cast(vote, "+1")
        answer = resolve(manager, vote, Outcome.PASSED)
        assert answer.status_code == 409
        assert "2 more binding +1 needed (1 of 3)." in answer.content.decode()

    def test_a_minus_one_asks_for_a_second_look(self, vote, manager):
        cast(vote, "+1", "+1", "+1", "-1")
        page = manager.get(url(vote.release, "resolve")).content.decode()
        assert "I have read the comments of those who voted -1" in page
        assert resolve(manager, vote, Outcome.PASSED).status_code == 409
        assert resolve(manager, vote, Outcome.PASSED, confirmed="on").status_code == 303

    def test_a_cancelled_vote_leads_back_to_the_draft(self, vote, manager):
        answer = resolve(manager, vote, Outcome.CANCELLED)
        assert answer.status_code == 303
        page = manager.get(vote.release.get_absolute_url()).content.decode()
        assert "Vote 1 ended" in page
        assert "<b>cancelled</b>" in page

    def test_voters_do_not_resolve(self, vote):
        client = logged_in(make.member(vote.project, Role.PARTICIPANT))
        assert client.get(url(vote.release, "resolve")).status_code == 403
        assert resolve(client, vote, Outcome.CANCELLED).status_code == 403

    def test_sent_twice_the_second_finds_nothing_to_resolve(self, vote, manager):
        cast(vote, "+1", "+1", "+1")
        resolve(manager, vote, Outcome.PASSED)
        answer = resolve(manager, vote, Outcome.PASSED)
        assert answer.status_code == 409
        assert "There is no open vote" in answer.content.decode()

    def test_a_pass_asks_for_the_typed_version_and_nothing_else_does(self, vote, manager):
        cast(vote, "+1", "+1", "+1")
        answer = resolve(manager, vote, Outcome.PASSED, typed="")
        assert answer.status_code == 422
        assert "Type 1.0 to confirm" in answer.content.decode()
        vote.refresh_from_db()
        assert vote.outcome == Outcome.OPEN
        assert resolve(manager, vote, Outcome.CANCELLED, typed="").status_code == 303

    def test_comments_of_those_against_are_there_in_full(self, vote, manager):
        cast(vote, "-1", comment="The LICENSE is missing.\nSee <section 4>.")
        page = manager.get(url(vote.release, "resolve")).content.decode()
        assert "The LICENSE is missing.<br>See &lt;section 4&gt;." in page

    def test_each_outcome_says_what_follows_and_what_stands_in_its_way(self, vote, manager):
        cast(vote, "+1")
        page = manager.get(url(vote.release, "resolve"))
        ways = {each["outcome"]: len(each["obstacles"]) for each in page.context["follows"]}
        assert ways == {Outcome.PASSED: 1, Outcome.FAILED: 0, Outcome.CANCELLED: 0}
        assert "no number is used twice" in page.content.decode()

    def test_what_the_count_suggests_is_chosen(self, vote, manager):
        def chosen():
            return manager.get(url(vote.release, "resolve")).context["form"]["outcome"].value()

        assert chosen() == ""
        cast(vote, "+1", "+1", "+1")
        assert chosen() == Outcome.PASSED

    def test_time_that_is_left_is_told(self):
        vote = make.vote(make.candidate(make.project(hours=72)), hours=72)
        person = make.member(vote.project)
        page = logged_in(person).get(url(vote.release, "resolve")).content.decode()
        assert "The vote runs until" in page
        with time_machine.travel(now() + timedelta(hours=73)):
            page = logged_in(person).get(url(vote.release, "resolve"))
            assert "The time was over" in page.content.decode()
            assert page.context["form"]["outcome"].value() == Outcome.FAILED


class TestPreview:
    def preview(self, client, vote, outcome, **more):
        sent = {"outcome": outcome, "seen": vote.number, **more}
        return client.post(url(vote.release, "resolve-preview"), sent, headers=HTMX)

    @pytest.mark.django_db(transaction=True)
    @pytest.mark.parametrize("outcome", [Outcome.PASSED, Outcome.CANCELLED])
    def test_what_is_shown_is_what_goes_out_byte_for_byte(self, vote, manager, settings, outcome):
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        cast(vote, "+1", "+1", "+1", "0")
        vote.cast("+1", by=make.user(full_name="Vi & Co"), manifest_digest=vote.manifest_digest)
        shown = self.preview(manager, vote, outcome).content.decode()
        assert resolve(manager, vote, outcome).status_code == 303
        run_pending()
        mail = outbox.outbox[-1]
        text = re.search(r'aria-label="Text of the mail">\n(.*?)</pre>', shown, re.DOTALL)[1]
        # The digest of the result is made with the result: a preview says where it will stand.
        digest = Vote.objects.get(pk=vote.pk).bundle_digest
        assert html.unescape(text).replace("(its digest stands here)", digest) == mail.body
        assert digest in mail.body
        assert outcome.label.lower() in mail.body
        assert f"<b>{html.escape(mail.subject)}</b>" in shown

    def test_a_preview_resolves_nothing(self, vote, manager):
        cast(vote, "+1", "+1", "+1")
        before = Event.objects.count()
        self.preview(manager, vote, Outcome.PASSED, typed="1.0")
        vote.refresh_from_db()
        assert (vote.outcome, vote.counted) == (Outcome.OPEN, {})
        assert Event.objects.count() == before

    def test_without_an_outcome_there_is_no_mail_yet(self, vote, manager):
        assert "Choose an outcome" in manager.get(url(vote.release, "resolve")).content.decode()
        page = self.preview(manager, vote, "nonsense").content.decode()
        assert "no mail can go out" in page

    def test_it_is_for_those_who_may_resolve(self, client, vote):
        for person in (make.operator(), make.user(), make.member(vote.project, Role.PARTICIPANT)):
            answer = self.preview(logged_in(person), vote, Outcome.FAILED)
            assert answer.status_code == 403
        assert self.preview(client, vote, Outcome.FAILED).status_code == 302
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(make.member(vote.project))
        assert self.preview(strict, vote, Outcome.FAILED).status_code == 403
