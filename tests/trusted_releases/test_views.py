"""Home, events, jobs, the demo's mailbox, health, and pages for what went wrong."""

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from projects.roles import Role
from releases.mail import Mailbox
from tests import make
from trusted_releases.ledger.models import Event, Job, WorkerBeat

pytestmark = pytest.mark.django_db


def logged_in(person) -> Client:
    client = Client()
    client.force_login(person)
    return client


class TestHome:
    def test_nobody_sees_what_is_going_on(self, client):
        vote = make.vote()
        page = client.get("/").content.decode()
        assert vote.release.get_absolute_url() in page
        assert "What waits for me" not in page

    def test_a_member_sees_what_waits_for_them(self):
        project = make.project("tool")
        person = make.member(project)
        draft = make.release(project, by=person)
        vote = make.vote(make.candidate(project, by=person), by=person)
        finishing = make.passed(make.candidate(project, by=person))
        context = logged_in(person).get("/").context
        assert list(context["drafts"]) == [draft]
        assert list(context["to_vote"]) == [vote]
        assert list(context["to_resolve"]) == [vote]
        assert list(context["to_finish"]) == [finishing]

    def test_a_vote_that_one_has_cast_waits_no_more(self):
        vote = make.vote()
        person = make.member(vote.project)
        vote.cast("+1", by=person, manifest_digest=vote.manifest_digest)
        assert not logged_in(person).get("/").context["to_vote"]

    def test_members_of_the_parent_are_asked_about_a_podlings_vote(self):
        parent = make.committee("incubator")
        podling = make.committee("young", is_podling=True, parent=parent)
        vote = make.vote(make.candidate(make.project("young-tool", committee=podling)))
        assert list(logged_in(make.member(parent)).get("/").context["to_vote"]) == [vote]

    def test_it_costs_as_many_questions_for_many_releases_as_for_few(
        self, django_assert_max_num_queries
    ):
        project = make.project()
        person = make.member(project)
        for _ in range(6):
            make.vote(make.candidate(project, by=person), by=person)
            make.release(project, by=person)
        client = logged_in(person)
        with django_assert_max_num_queries(12):
            client.get("/")


class TestEvents:
    @pytest.fixture
    def release(self):
        return make.release(make.project("tool"), version="7.7.7", files={"a.txt": "a"})

    @pytest.mark.parametrize("standing", ["is_foundation_member", "is_superuser"])
    def test_the_foundation_and_operators_search_all(self, release, standing):
        client = logged_in(make.user(**{standing: True}))
        assert "started 7.7.7" in client.get(reverse("events")).content.decode()

    def test_members_of_a_committee_search_all_and_others_do_not(self, client, release):
        member = logged_in(make.member(make.committee()))
        assert member.get(reverse("events")).status_code == 200
        for role in (Role.RELEASE_MANAGER, Role.PARTICIPANT):
            other = logged_in(make.member(release.project, role))
            assert other.get(reverse("events")).status_code == 403
        assert client.get(reverse("events")).status_code == 403

    def test_words_and_tags_narrow_them(self, release):
        client = logged_in(make.operator())
        found = client.get(reverse("events"), {"tag": "revision.made"}).context["events"]
        assert {event.tag for event in found} == {"revision.made"}
        found = client.get(reverse("events"), {"q": "7.7.7"}).context["events"]
        assert {event.facts["version"] for event in found} == {"7.7.7"}
        empty = client.get(reverse("events"), {"q": "nothing\0such"})
        assert "No event matches" in empty.content.decode()

    def test_a_page_of_fifty_costs_what_a_page_of_one_does(self, django_assert_num_queries):
        client = logged_in(make.user(is_foundation_member=True))
        project = make.project()
        for number in range(60):
            Event.objects.record("project.changed", by=None, subject=project, number=number)
        with django_assert_num_queries(4):
            page = client.get(reverse("events"))
        assert len(page.context["events"]) == 50

    def test_those_of_a_draft_are_for_committers_and_refusals_for_its_people(self, client, release):
        url = reverse("release-events", args=release.url_args)
        outsider = make.user(is_committer=True)
        logged_in(outsider).post(reverse("releases:delete-files", args=release.url_args), {})
        make_refusal(release, outsider)
        assert client.get(url).status_code == 404
        assert "was refused" not in logged_in(outsider).get(url).content.decode()
        own = logged_in(make.member(release.project))
        assert "was refused" in own.get(url).content.decode()

    def test_those_of_a_project_are_for_its_people(self, client, release):
        url = reverse("project-events", args=["tool"])
        own = logged_in(make.member(release.project, Role.PARTICIPANT))
        assert "started 7.7.7" in own.get(url).content.decode()
        for other in (client, logged_in(make.user(is_committer=True))):
            assert other.get(url).status_code == 403


def make_refusal(release, person) -> None:
    data = {"seen": release.last_revision, "typed": release.version}
    answer = logged_in(person).post(reverse("releases:delete-draft", args=release.url_args), data)
    assert answer.status_code == 403


class TestRetry:
    @pytest.fixture
    def job(self):
        release = make.release(make.project(), files={"a.txt": "a"})
        job = Job.objects.get(release=str(release.pk))
        Job.objects.filter(pk=job.pk).update(state="failed", error="The disk is full.")
        return job

    def test_an_operator_queues_a_failed_job_again(self, job):
        client = logged_in(make.operator())
        answer = client.post(reverse("retry-job", args=[job.pk]))
        assert answer.status_code == 303
        job.refresh_from_db()
        assert job.state == "queued"

    def test_everybody_else_is_told_no(self, client, job):
        for who in (client, logged_in(make.user(is_committer=True))):
            assert who.post(reverse("retry-job", args=[job.pk])).status_code == 403
        job.refresh_from_db()
        assert job.state == "failed"

    def test_one_that_has_not_failed_is_left_alone(self, job):
        Job.objects.filter(pk=job.pk).update(state="queued")
        client = logged_in(make.operator())
        answer = client.post(reverse("retry-job", args=[job.pk]), follow=True)
        assert "has not failed" in answer.content.decode()


class TestMailbox:
    def test_it_is_part_of_the_demo_only(self, client):
        assert client.get(reverse("mailbox")).status_code == 404

    def test_it_shows_mail_newest_first_with_its_threads(self, client, settings, tmp_path):
        settings.DEMO, settings.DATA_DIR = True, tmp_path
        assert "No mail yet" in client.get(reverse("mailbox")).content.decode()
        first = EmailMessage("[VOTE] Tool", "Please vote.", headers={"Message-ID": "<1@x>"})
        reply = {"Message-ID": "<2@x>", "In-Reply-To": "<1@x>"}
        second = EmailMessage("Re: [VOTE] Tool", "+1 <b>Grüße</b>", headers=reply)
        Mailbox().send_messages([first])
        Mailbox().send_messages([second])
        page = client.get(reverse("mailbox"))
        assert [mail["subject"] for mail in page.context["mails"]] == [
            "Re: [VOTE] Tool",
            "[VOTE] Tool",
        ]
        assert [mail["is_reply"] for mail in page.context["mails"]] == [True, False]
        assert "+1 &lt;b&gt;Grüße&lt;/b&gt;" in page.content.decode()


class TestHealth:
    def test_the_process_answers(self, client):
        assert client.get("/healthz").content == b"ok\n"

    def test_it_is_ready_when_a_worker_lives(self, client):
        assert client.get("/readyz").json() == {"database": True, "worker": False}
        WorkerBeat.objects.create(host="here", pid=1, queues=["default"], at=now())
        answer = client.get("/readyz")
        assert answer.status_code == 200


class TestWhatWentWrong:
    def test_an_unknown_address_says_where_to_look(self, client, settings):
        answer = client.get("/nothing/here")
        assert answer.status_code == 404
        assert "There is nothing at this address" in answer.content.decode()

    def test_a_crash_is_our_fault_and_nobody_elses(self, client, monkeypatch):
        def crash(*args):
            raise ZeroDivisionError

        monkeypatch.setattr("trusted_releases.views.Healthz.get", crash)
        client.raise_request_exception = False
        answer = client.get("/healthz")
        assert answer.status_code == 500
        assert "Something broke on our side" in answer.content.decode()

    def test_no_page_brings_or_allows_inline_scripts_and_styles(self, client):
        answer = client.get("/")
        policy = answer["Content-Security-Policy"]
        assert "default-src 'self'" in policy
        assert "unsafe" not in policy
        text = answer.content.decode()
        assert " style=" not in text
        assert "<style" not in text
        assert "onclick" not in text

    def test_logging_in_looks_like_the_rest(self, client):
        page = client.get(reverse("account_login")).content.decode()
        assert "Skip to the content" in page
        assert "site/site.css" in page
