"""Votes whose thread is on a private list: read with a log-in, and told to members alone."""

import logging
from contextlib import contextmanager

import pytest
from django.test import Client

from projects.roles import Role
from releases.archive_server import running
from releases.phases import Outcome
from releases.threads import Problem
from tests import make
from tests.ballots import url
from tests.releases.archive import answer, put, read, vote_by_mail
from tests.visitors import logged_in
from trusted_releases.lib.outbound import Bounds, Service, Unusable
from trusted_releases.system_checks_outside import archive_url

pytestmark = pytest.mark.django_db

COOKIE = "ponymail=0123-secret"
WORDS = "+1 but see the hole in the parser"


@contextmanager
def members_only(folder, settings, cookie: str = COOKIE):
    """The archive of a private list, and the log-in that this site has there."""
    with running(folder, cookie=COOKIE) as address:
        settings.ARCHIVE_URL, settings.ARCHIVE_SECRET_COOKIE = address, cookie
        yield


def vote_on(*, private: bool = True):
    project = make.project()
    if private:
        project.policy.vote_recipients = project.committee.private_list
        project.policy.save()
    return vote_by_mail(where=project)


def answered(folder, vote) -> None:
    people = [make.member(vote.project) for _ in range(3)]
    mails = [answer(vote, f"{each.username} <{each.email}>", f"{WORDS}\n") for each in people]
    put(folder, vote, *mails)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "mails"


def test_a_thread_on_a_private_list_is_read_with_the_log_in_and_counts(folder, settings) -> None:
    vote = vote_on()
    answered(folder, vote)
    with members_only(folder, settings):
        read(vote)
    assert vote.tally().binding.for_it == 3


@pytest.mark.parametrize(
    ("cookie", "said"),
    [("", "Operators can set its log-in"), ("ponymail=old", "Operators can renew its log-in")],
)
def test_who_is_not_let_in_is_told_what_to_do_and_no_secret(
    folder, settings, caplog, cookie, said
) -> None:
    vote = vote_on()
    answered(folder, vote)
    caplog.set_level(logging.DEBUG)
    with members_only(folder, settings, cookie), pytest.raises(Problem, match=said) as problem:
        read(vote)
    assert "ponymail" not in str(problem.value) + caplog.text


def test_a_list_that_everybody_reads_is_never_asked_with_the_log_in(folder, settings) -> None:
    vote = vote_on(private=False)
    answered(folder, vote)
    with members_only(folder, settings), pytest.raises(Problem, match="does not let this site"):
        read(vote)


def test_the_log_in_goes_by_https_or_stays_on_this_machine() -> None:
    bounds = Bounds(seconds=1)
    with pytest.raises(Unusable, match="by https only"):
        Service("http://10.0.0.1", agent="x", private=True, bounds=bounds, cookie=COOKIE)
    for base in ("http://127.0.0.1:1", "https://127.0.0.1:1"):
        made = Service(base, agent="x", private=True, bounds=bounds, cookie=COOKIE)
        assert made.headers["Cookie"] == COOKIE
    assert "Cookie" not in Service(base, agent="x", private=True, bounds=bounds).headers


@pytest.mark.parametrize(
    ("url", "cookie", "found"),
    [
        ("https://lists.apache.org", COOKIE, []),
        ("https://lists.apache.org", "a=b; c=d", []),
        ("http://127.0.0.1:8080", COOKIE, []),
        ("http://lists.intern", COOKIE, ["tr.E036"]),
        ("https://lists.apache.org", "only-words-here", ["tr.E036"]),
        ("https://lists.apache.org", "a=b\r\nHost: x", ["tr.E036"]),
        ("https://lists.apache.org", "a=ü", ["tr.E036"]),
    ],
)
def test_the_site_does_not_start_with_a_log_in_that_is_none(settings, url, cookie, found) -> None:
    settings.ARCHIVE_URL, settings.ARCHIVE_PRIVATE = url, True
    settings.ARCHIVE_SECRET_COOKIE = cookie
    messages = list(archive_url())
    assert [each.id for each in messages] == found
    assert not any(cookie in str(each) for each in messages)


def test_what_members_have_written_there_is_shown_to_members_alone(folder, settings) -> None:
    vote = vote_on()
    answered(folder, vote)
    with members_only(folder, settings):
        read(vote)
    thread = url(vote.release, "thread", vote.number)
    member, manager = (
        logged_in(make.member(vote.project, role)) for role in (Role.MEMBER, Role.RELEASE_MANAGER)
    )
    assert WORDS in member.get(thread).content.decode()
    for other in (Client(), manager):
        answered_with = other.get(thread)
        assert answered_with.status_code == 403
        assert "its members read it" in answered_with.content.decode()
    vote.release.resolve_vote(Outcome.PASSED, by=make.member(vote.project))
    for page in ("", "result/", "result.json"):
        text = Client().get(f"{vote.get_absolute_url()}{page}").content.decode()
        assert WORDS not in text, page
        assert "passed" in text.lower(), page
