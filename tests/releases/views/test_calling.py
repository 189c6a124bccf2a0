"""Calling a vote: what will happen is said, the mail is shown, then it is done."""

import html
import re

import pytest
import time_machine
from django.core import mail as outbox
from django.test import Client
from django.urls import reverse

from projects.roles import Role
from releases.models import Message, Release, Vote
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
def release() -> Release:
    return make.candidate(make.project("tool", name="Tool"), version="1.0")


@pytest.fixture
def manager(release):
    return logged_in(make.member(release.project, Role.RELEASE_MANAGER, full_name="Ada Lovelace"))


def sent(release, **more):
    mail = {"subject": "[VOTE] Tool", "body": "Please vote."}
    to = {"to": list(release.rules.vote_to)}
    return {"revision": release.last_revision, "hours": 0, **to, **mail, **more}


class TestCallVote:
    def test_the_page_says_what_will_happen_and_shows_the_mail(self, manager, release):
        page = manager.get(url(release, "call-vote"))
        text = page.content.decode()
        assert "are frozen" in text
        assert "<b>To undo it:</b> cancel the vote" in text
        assert "cannot be called back" in text
        assert release.newest.manifest_digest in text
        assert page.context["form"]["subject"].value() == (
            "[VOTE] Release {{PROJECT_NAME}} {{VERSION}} (revision {{REVISION}})"
        )
        assert page.context["email"].subject == "[VOTE] Release Tool 1.0 (revision 1)"
        assert page.context["email"].to == list(release.project.rules.vote_to)
        assert "the number of the revision that is voted on" in text

    def test_calling_it_leads_to_the_vote_and_says_how_to_take_it_back(self, manager, release):
        answer = manager.post(url(release, "call-vote"), sent(release))
        assert answer.status_code == 303
        assert answer.url == url(release, "vote")
        release.refresh_from_db()
        assert release.phase == Phase.VOTE
        assert "To take it back, cancel" in manager.get(answer.url).content.decode()

    def test_variables_are_filled_in_before_it_goes_out(self, manager, release):
        body = "{{YOUR_FULL_NAME}}: {{REVIEW_URL}}\r\n{{ VERSION }}"
        manager.post(url(release, "call-vote"), sent(release, body=body))
        vote = Vote.objects.get()
        assert vote.body == f"Ada Lovelace: http://testserver{vote.get_absolute_url()}\n1.0"

    def test_a_variable_that_nobody_knows_is_told_beside_the_text(self, manager, release):
        answer = manager.post(url(release, "call-vote"), sent(release, body="{{SECRET_KEY}}"))
        assert answer.status_code == 422
        assert "{{SECRET_KEY}}, which is not known here" in answer.content.decode()
        assert not Vote.objects.exists()

    def test_a_mail_that_names_another_vote_does_not_go_out(self, manager, release):
        asked = sent(release, number=1)
        make.vote(release).release.resolve_vote(Outcome.CANCELLED, by=make.member(release))
        answer = manager.post(url(release, "call-vote"), asked)
        assert answer.status_code == 409
        assert "The next one is vote 2" in answer.content.decode()
        release.refresh_from_db()
        assert (release.phase, release.last_vote) == (Phase.COMPOSE, 1)

    def test_a_participant_sees_the_draft_but_calls_no_vote(self, release):
        client = logged_in(make.member(release.project, Role.PARTICIPANT))
        assert client.get(url(release, "call-vote")).status_code == 403
        assert client.post(url(release, "call-vote"), sent(release)).status_code == 403
        assert Event.objects.get(refused=True).facts["verb"] == "start_vote"

    def test_the_operator_calls_no_vote(self, release):
        client = logged_in(make.operator())
        assert client.get(url(release, "call-vote")).status_code == 403

    def test_nobody_votes_on_files_they_have_not_seen(self, manager, release):
        asked = sent(release)
        release.add_files({"b.txt": make.blob("b")}, by=make.member(release.project))
        answer = manager.post(url(release, "call-vote"), asked)
        assert answer.status_code == 409
        assert "Revision 2 has appeared" in answer.content.decode()
        assert not Vote.objects.exists()

    def test_concerns_are_confirmed_one_by_one_each_with_its_link(self, manager, release):
        make.checked(release.newest, concerns=("license.files", "signature"))
        page = manager.get(url(release, "call-vote")).content.decode()
        assert "I have read what “license.files” found" in page
        assert "?level=concern&amp;rule=license.files&amp;revision=1" in page
        asked = sent(release, acknowledged=["signature"])
        answer = manager.post(url(release, "call-vote"), asked)
        assert answer.status_code == 409
        assert "Read the concerns" in answer.content.decode()
        asked["acknowledged"].append("license.files")
        assert manager.post(url(release, "call-vote"), asked).status_code == 303
        assert Vote.objects.get().acknowledged == ["license.files", "signature"]

    def test_while_the_checks_run_there_is_no_form(self, manager, release):
        release.add_files({"b.txt": make.blob("b")}, by=make.member(release.project))
        page = manager.get(url(release, "call-vote")).content.decode()
        assert "are still running" in page
        assert "<textarea" not in page

    def test_what_is_new_since_the_vote_before_is_told(self, manager, release):
        make.vote(release).release.resolve_vote(Outcome.FAILED, by=make.member(release))
        release = Release.objects.get(pk=release.pk)
        release.add_files({"new.txt": make.blob("new")}, by=make.member(release))
        make.checked(release.newest)
        page = manager.get(url(release, "call-vote")).content.decode()
        assert "Call vote 2 on revision 2" in page
        assert "1 added" in page
        assert url(release, "one-vote", 1) in page


class TestPreview:
    def preview(self, client, release, **more):
        return client.post(url(release, "call-vote-preview"), sent(release, **more), headers=HTMX)

    @pytest.mark.django_db(transaction=True)
    def test_what_is_shown_is_what_goes_out_byte_for_byte(self, manager, release, settings):
        settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
        asked = sent(
            release,
            hours=96,
            subject="[VOTE] {{PROJECT_NAME}} <1.0> & more",
            body="\r\n  Ends {{VOTE_ENDS_UTC}}\r\n<b>&amp;</b>\r\n{{MANIFEST}}\r\n\r\n",
        )
        with time_machine.travel("2026-11-21 12:00:00+00:00", tick=False):
            shown = self.preview(manager, release, **asked).content.decode()
            assert manager.post(url(release, "call-vote"), asked).status_code == 303
        run_pending()
        mail = outbox.outbox[0]
        text = re.search(r'aria-label="Text of the mail">\n(.*?)</pre>', shown, re.DOTALL)[1]
        assert html.unescape(text) == mail.body
        assert "Ends 2026-11-25 12:00 UTC" in mail.body
        for name, value in {
            "To": ", ".join(mail.to),
            "From": mail.from_email,
            "Reply-To": ", ".join(mail.reply_to),
            "Subject": mail.subject,
        }.items():
            found = re.search(rf"<dt>{name}</dt><dd>(.*?)</dd>", shown)[1]
            assert html.unescape(re.sub("</?b>", "", found)) == value

    def test_with_scripts_it_is_the_mail_alone(self, manager, release):
        answer = self.preview(manager, release, hours=72)
        assert answer.status_code == 200
        page = answer.content.decode()
        assert "<html" not in page
        assert 'id="mail"' in page
        assert "Called now, the vote would end" in page

    def test_without_scripts_it_is_the_page_with_what_was_filled_in(self, manager, release):
        asked = sent(release, body="Words of mine, {{VERSION}}")
        page = manager.post(url(release, "call-vote-preview"), asked)
        text = page.content.decode()
        assert "<html" in text
        assert "Words of mine, {{VERSION}}</textarea>" in text
        assert page.context["email"].body == "Words of mine, 1.0"
        assert f'action="{url(release, "call-vote")}"' in text

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [
            ({"body": "{{NONSENSE}}"}, "{{NONSENSE}}"),
            ({"subject": ""}, "This field is required."),
            ({"hours": "soon"}, "Enter a whole number."),
            ({"hours": "99999"}, "less than or equal to 720"),
        ],
    )
    def test_what_makes_no_mail_is_a_sentence_instead(self, manager, release, wrong, sentence):
        page = self.preview(manager, release, **wrong).content.decode()
        assert "no mail can go out" in page
        assert sentence in html.unescape(page)

    def test_a_preview_does_nothing(self, manager, release):
        before = Event.objects.count()
        self.preview(manager, release)
        assert Event.objects.count() == before
        assert not Vote.objects.exists()
        assert not Message.objects.exists()

    def test_it_is_for_those_who_may_call_the_vote(self, client, release):
        for person in (make.operator(), make.member(release.project, Role.PARTICIPANT)):
            assert self.preview(logged_in(person), release).status_code == 403
        assert self.preview(logged_in(make.user()), release).status_code == 404
        assert self.preview(client, release).status_code == 404  # a draft

    def test_it_takes_no_request_from_elsewhere(self, release):
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(make.member(release.project))
        assert self.preview(strict, release).status_code == 403
        assert strict.post(url(release, "call-vote"), sent(release)).status_code == 403
        assert not Vote.objects.exists()

    def test_who_opens_its_address_finds_the_form(self, manager, release):
        answer = manager.get(url(release, "call-vote-preview"))
        assert (answer.status_code, answer.url) == (303, url(release, "call-vote"))
