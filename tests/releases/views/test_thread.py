"""The thread of a vote on its pages: line by line, read again, confirmed as a ballot."""

import pytest
from django.test import Client

from projects.models import VoteMode
from releases.models import Reading, Release
from releases.phases import Outcome
from tests import make
from tests.ballots import page_of, url
from tests.releases.archive import answer, put, read, served, vote_by_mail
from tests.visitors import logged_in
from trusted_releases.ledger.models import Job
from trusted_releases.ledger.worker import run

pytestmark = pytest.mark.django_db


@pytest.fixture
def archive(tmp_path, settings):
    with served(tmp_path / "mails", settings):
        yield tmp_path / "mails"


@pytest.fixture
def vote(archive):
    vote = vote_by_mail()
    people = [make.member(vote.project) for _ in range(3)]
    mails = [answer(vote, f"{each.username} <{each.email}>") for each in people]
    mails.append(answer(vote, "Zoe <zoe@else.net>", "-0.5 <b>slow</b>\n> +1 she said\n"))
    put(archive, vote, *mails)
    return vote


def thread_of(vote, client=None) -> str:
    return (client or Client()).get(url(vote.release, "thread", vote.number)).content.decode()


def test_every_line_is_shown_with_the_reason_and_its_mail(vote) -> None:
    read(vote)
    page = thread_of(vote)
    assert "3 votes by mail, of 5 mails" in page
    assert "It is not written as +1, 0 or -1." in page
    assert "It is quoted from another mail." in page
    assert "&lt;b&gt;slow&lt;/b&gt;" in page
    assert page.count("/thread/") >= 4
    assert "zoe@else.net" not in page


def test_before_it_was_read_the_page_says_so(vote) -> None:
    assert "has not been read yet" in thread_of(vote)
    assert "has not been read yet" in page_of(vote)


def test_a_manager_has_it_read_and_nobody_else(vote) -> None:
    where = url(vote.release, "read-thread", 1)
    assert Client().post(where).status_code in (302, 403)
    assert logged_in(make.user()).post(where).status_code == 403
    assert not Reading.objects.exists()
    manager = logged_in(make.member(vote.project))
    assert "Read the thread now" in thread_of(vote, manager)
    assert manager.post(where).status_code == 303
    assert "is being read" in thread_of(vote, manager)
    for job in Job.objects.filter(name="releases.read_thread"):
        run(job.pk)
    assert "3 votes by mail" in thread_of(vote, manager)
    assert manager.get(where).status_code == 200


def test_a_reading_that_failed_says_why(vote, settings) -> None:
    waiting = vote.begin_reading()
    waiting.record_failed("The archive could not be reached.")
    assert "The archive could not be reached." in thread_of(vote)


def test_who_voted_by_mail_confirms_it_as_a_ballot_with_one_click(archive) -> None:
    vote = vote_by_mail(mode=VoteMode.TRUSTED)
    voter = make.member(vote.project)
    put(archive, vote, answer(vote, f"V <{voter.email}>", "-1 no notice\n"))
    read(vote)
    client = logged_in(voter)
    page = page_of(vote, client)
    assert "Confirm my -1 as a ballot" in page
    assert vote.tally().binding.against == 0, "mails are no votes in this mode"
    sent = {"choice": "-1", "manifest_digest": vote.manifest_digest}
    assert client.post(url(vote.release, "one-cast", 1), sent).status_code == 303
    assert vote.tally().binding.against == 1
    assert "Confirm my" not in page_of(vote, client)
    assert "Confirm my" not in page_of(vote, logged_in(make.member(vote.project)))


def test_the_resolver_sees_the_lines_and_says_that_they_were_looked_at(vote) -> None:
    reading = read(vote)
    manager = logged_in(make.member(vote.project))
    where = url(vote.release, "resolve")
    page = manager.get(where).content.decode()
    assert "I have looked at the mails that count" in page
    assert "It is not written as +1, 0 or -1." in page
    version = vote.release.version
    sent = {"seen": 1, "outcome": Outcome.PASSED, "typed": version, "reading": reading.pk}
    assert manager.post(where, sent).status_code == 422
    again = read(vote)
    assert manager.post(where, {**sent, "looked": "on"}).status_code == 409
    assert manager.post(where, {**sent, "looked": "on", "reading": again.pk}).status_code == 303
    vote.refresh_from_db()
    assert vote.outcome == Outcome.PASSED
    assert "3 votes by mail" in thread_of(vote)
    result = Client().get(url(vote.release, "result", 1)).content.decode()
    assert "3 of 5 mails" in result


def test_a_vote_that_people_count_is_resolved_with_its_links(settings) -> None:
    settings.ARCHIVE_URL = "https://lists.example.org"
    vote = vote_by_mail(mode=VoteMode.MANUAL)
    assert "answer there" in page_of(vote, logged_in(make.member(vote.project)))
    manager = logged_in(make.member(vote.project))
    where = url(vote.release, "resolve")
    sent = {"seen": 1, "outcome": Outcome.PASSED, "typed": vote.release.version}
    assert manager.post(where, sent).status_code == 409
    links = {
        "thread": "https://lists.example.org/thread/a",
        "result_thread": "https://lists.example.org/thread/b",
    }
    assert manager.post(where, sent | links).status_code == 303
    page = Client().get(url(vote.release, "result", 1)).content.decode()
    assert all(each in page for each in links.values())


def test_many_mails_are_shown_in_pages(archive) -> None:
    vote = vote_by_mail()
    put(archive, vote, *(answer(vote, f"V <v{n}@else.net>", hour=n / 60) for n in range(70)))
    read(vote)
    assert "?page=2" in thread_of(vote)


def test_who_voted_on_the_same_files_before_gives_the_ballot_again_with_one_click() -> None:
    first = make.vote()
    voter, release = make.member(first.project), first.release
    first.cast(
        "+1",
        by=voter,
        manifest_digest=first.manifest_digest,
        comment="Built “it”.",
        checked=["built"],
    )
    release.resolve_vote(Outcome.CANCELLED, by=make.member(first.project))
    again = make.vote(Release.objects.get(pk=release.pk))
    assert again.number == 2
    client = logged_in(voter)
    assert "Give my +1 again" in page_of(again, client)
    assert "Give my" not in page_of(again, logged_in(make.member(first.project)))
    assert again.tally().binding.for_it == 0, "nothing is carried over without its voter"
    before = again.earlier_ballot_of(voter)
    sent = {
        "choice": before.choice,
        "comment": before.comment,
        "checked": before.checked,
        "manifest_digest": again.manifest_digest,
    }
    assert client.post(url(release, "one-cast", 2), sent).status_code == 303
    assert again.ballot_of(voter).says == before.says
    assert "Give my" not in page_of(again, client)


def test_on_other_files_nothing_is_given_again() -> None:
    first = make.vote()
    voter, release = make.member(first.project), first.release
    first.cast("+1", by=voter, manifest_digest=first.manifest_digest)
    release.resolve_vote(Outcome.CANCELLED, by=voter)
    changed = Release.objects.get(pk=release.pk)
    changed.add_files({"other.txt": make.blob("new")}, by=voter)
    make.checked(changed.newest)
    assert make.vote(changed).earlier_ballot_of(voter) is None
