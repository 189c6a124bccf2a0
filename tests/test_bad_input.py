"""Whatever is wrong with what people send: a clear sentence, and nothing has changed."""

import html
import io
import re
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from checks.models import Run
from projects.models import Membership, Policy, User
from projects.roles import Role
from releases.models import Ballot, Blob, Entry, Publication, Release, Revision, Vote
from releases.phases import Outcome, Verdict
from tests import make, signed, uploads
from tests.pgp import Signer
from trusted_releases.ledger.models import Job
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db

OURS = (Release, Revision, Entry, Blob, Vote, Ballot, Publication, Policy, Membership)


@contextmanager
def nothing_changes() -> Iterator[None]:
    """All rows of the life cycle, and what there is to do, are the same afterwards."""
    before = picture()
    yield
    assert picture() == before


def picture() -> dict[str, Any]:
    rows = {model.__name__: list(model.objects.order_by("pk").values()) for model in OURS}
    return rows | {"jobs": Job.objects.count()}


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def address(name: str, release: Release) -> str:
    return reverse(f"releases:{name}", args=release.url_args)


def said(answer: Any) -> str:
    """The page as one reads it."""
    text = re.sub(r"<[^>]*>", " ", answer.content.decode())
    return " ".join(html.unescape(text).split())


def send(person: User, release: Release, files: list[tuple[Any, bytes]], **headers: Any) -> Any:
    """Upload by the form of the page."""
    body = headers.pop("body", uploads.body_of(files))
    at = address("upload", release)
    return signed_in(person).generic("POST", at, body, content_type=uploads.TYPE, **headers)


@pytest.fixture
def draft() -> Release:
    return make.candidate()


@pytest.fixture
def member(draft) -> User:
    return make.member(draft)


@pytest.fixture
def vote(draft) -> Vote:
    return make.vote(draft)


def ballot(vote: Vote, **values: str) -> dict[str, str]:
    return {"choice": "+1", "comment": "", "manifest_digest": vote.manifest_digest} | values


def test_wrong_phase(vote, member) -> None:
    with nothing_changes():
        answer = send(member, vote.release, [("new.zip", b"new")])
    assert answer.status_code == 409
    assert "are frozen: the release is in phase “Vote”" in said(answer)


def test_wrong_role(draft) -> None:
    committer = make.user(is_committer=True)
    with nothing_changes():
        answer = send(committer, draft, [("new.zip", b"new")])
        voting = signed_in(committer).get(address("call-vote", draft))
    assert answer.status_code == voting.status_code == 403
    assert "releases.start_vote" in said(voting)


def test_a_role_in_another_committee(draft) -> None:
    stranger = make.member(make.project())
    with nothing_changes():
        answer = send(stranger, draft, [("new.zip", b"new")])
    assert answer.status_code == 404  # who may not see a draft is not told that there is one


def test_stale_revision(draft, member) -> None:
    draft.add_files({"late.zip": make.blob("late")}, by=member)
    make.checked(Release.objects.get(pk=draft.pk).newest)
    form = {"revision": 1, "hours": 0, "to": draft.rules.vote_to, "subject": "S", "body": "B"}
    deleted = {"paths": ["late.zip"], "seen": 1}
    with nothing_changes():
        answers = [
            signed_in(member).post(address("call-vote", draft), form),
            signed_in(member).post(address("delete-files", draft), deleted),
        ]
    for answer in answers:
        assert answer.status_code == 409
        assert "Revision 2 has appeared since you looked at revision 1" in said(answer)


def test_a_vote_that_was_closed(vote) -> None:
    vote.release.resolve_vote(Outcome.CANCELLED, by=make.member(vote))
    committer = make.user(is_committer=True)
    with nothing_changes():
        answer = signed_in(committer).post(address("cast", vote.release), ballot(vote))
    assert answer.status_code == 409
    assert "This vote is closed: cancelled" in said(answer)


def test_a_vote_that_is_over() -> None:
    vote = make.vote(make.candidate(make.project(hours=72)))
    with time_machine.travel(vote.ends_at + timedelta(seconds=1)), nothing_changes():
        answer = signed_in(make.user()).post(address("cast", vote.release), ballot(vote))
    assert answer.status_code == 409
    assert f"This vote ended at {vote.ends_at:%Y-%m-%d %H:%M} UTC" in said(answer)


def test_other_files_than_those_in_the_vote(vote) -> None:
    other = ballot(vote, manifest_digest="sha256:" + "0" * 64)
    with nothing_changes():
        answer = signed_in(make.user()).post(address("cast", vote.release), other)
    assert answer.status_code == 409
    assert "The files in this vote are not the ones you looked at" in said(answer)


def test_an_upload_that_is_too_large(draft, member, settings) -> None:
    settings.MAX_FILE_SIZE = 1000
    with nothing_changes():
        answer = send(member, draft, [("big.zip", b"x" * 1001)])
    assert answer.status_code == 422
    assert "big.zip is larger than 1000 bytes" in said(answer)


def test_an_upload_that_was_cut(draft, member) -> None:
    body = uploads.body_of([("a.zip", b"x" * 5000)])
    with nothing_changes():
        answer = send(member, draft, [], body=body[:-40])
    assert answer.status_code == 422
    assert "The upload was cut short: not all of it arrived" in said(answer)


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("../evil.zip", "'..' is not allowed in a path"),
        ("/evil.zip", "a path starts with a name"),
        ("a\\evil.zip", "not with a backslash"),
        ("a\x07.zip", "the character “\\x07” (a control character) is not allowed"),
        ("\u0430pache.zip", "CYRILLIC SMALL LETTER A"),
        ("a\u202egpj.zip", "RIGHT-TO-LEFT OVERRIDE"),
    ],
)
def test_a_name_that_cannot_be(draft, member, name: str, sentence: str) -> None:
    with nothing_changes():
        answer = send(member, draft, [("good.zip", b"good"), (name, b"evil")])
    assert answer.status_code == 422
    assert sentence in said(answer)


def test_a_name_sent_twice_and_an_upload_of_nothing(draft, member) -> None:
    with nothing_changes():
        twice = send(member, draft, [("a.zip", b"1"), ("a.zip", b"2")])
        nothing = send(member, draft, [("", b"")])
    assert (twice.status_code, nothing.status_code) == (422, 422)
    assert "a.zip was sent twice in one upload" in said(twice)
    assert "Choose at least one file" in said(nothing)


def bomb() -> bytes:
    """A zip in which 200 KB unpack to 200 MB."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("apache-tool-1.0/zeros", bytes(200 << 20))
    return made.getvalue()


def verdict_on(release: Release) -> tuple[str, str]:
    """The verdict of the checks, and what they say stands in the way of a vote."""
    run_pending()
    run = Run.objects.get(revision=release.newest)
    blockers = " ".join(each.message for each in run.findings.at_level("blocker"))
    run.revision.refresh_from_db()
    return run.revision.verdict, blockers


def test_an_archive_bomb(tmp_path: Path) -> None:
    project = signed.project_with(signed.author())
    files = signed.files_of(tmp_path, content=bomb(), name="apache-tool-1.0-source.zip")
    verdict, blockers = verdict_on(make.release(project, version="1.0", files={**files}))
    assert verdict == Verdict.FAILED
    assert "more than 100 to 1" in blockers
    assert Run.objects.get().errors().count() == 0


def test_a_signature_by_a_stranger(tmp_path: Path) -> None:
    stranger = Signer("Mallory <m@example.org>", at=now() - timedelta(days=2))
    project = signed.project_with(signed.author())
    release = make.release(project, version="1.0", files={**signed.files_of(tmp_path, stranger)})
    verdict, blockers = verdict_on(release)
    assert verdict == Verdict.FAILED
    assert f"{stranger.fingerprint.upper()} is not among the committee's keys" in blockers
    codes = [each.code for each in Release.objects.get(pk=release.pk).vote_obstacles()]
    assert codes == ["blockers"]


def test_a_signature_by_an_expired_key(tmp_path: Path) -> None:
    made = now() - timedelta(days=30)
    old = Signer("Olga <olga@example.org>", at=made, expires="10d")
    project = signed.project_with(old)
    content = signed.archive()
    (tmp_path / signed.NAME).write_bytes(content)
    signature = old.sign(tmp_path / signed.NAME, at=made + timedelta(days=1))
    files = {signed.NAME: content, f"{signed.NAME}.asc": signature.read_bytes()}
    release = make.release(project, version="1.0", files={**files})
    run_pending()
    told = Run.objects.get(revision=release.newest).findings.filter(rule="signature")
    assert any("expired" in each.message for each in told.exclude(level="note"))


def test_a_comment_of_ten_megabytes(vote, settings) -> None:
    settings.DEBUG = False
    client = signed_in(make.user())
    with nothing_changes():
        huge = client.post(address("cast", vote.release), ballot(vote, comment="x" * 10_000_000))
        long = client.post(address("cast", vote.release), ballot(vote, comment="x" * 10_001))
    assert huge.status_code == 400
    assert "larger than any form of this site" in said(huge)
    assert long.status_code == 422
    assert "at most 10000 characters" in said(long)


def test_a_ballot_and_an_upload_sent_twice(vote) -> None:
    client = signed_in(make.user())
    client.post(address("cast", vote.release), ballot(vote))
    with nothing_changes():
        assert client.post(address("cast", vote.release), ballot(vote)).status_code == 303
    draft = make.release()
    member = make.member(draft)
    send(member, draft, [("a.txt", b"1")])
    with nothing_changes():
        again = send(member, draft, [("a.txt", b"1")])
    assert again.status_code == 422
    assert "Nothing changes: these files are already there" in said(again)


def test_an_unknown_project_or_release(draft, member) -> None:
    client = signed_in(member)
    with nothing_changes():
        for path in ("/releases/none/1.0/upload/", f"/releases/{draft.project.slug}/9.9/upload/"):
            body = uploads.body_of([("a", b"1")])
            answer = client.generic("POST", path, body, content_type=uploads.TYPE)
            assert answer.status_code == 404
        assert client.post("/projects/none/start/", {"version": "1.0"}).status_code == 404


def test_a_form_without_its_token(draft, member) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(member)
    body = uploads.body_of([("a", b"1")])
    with nothing_changes():
        answer = client.generic("POST", address("upload", draft), body, content_type=uploads.TYPE)
    assert answer.status_code == 403
    assert "token is missing or too old" in said(answer)


def test_a_version_that_is_none(draft) -> None:
    manager = make.member(draft, Role.RELEASE_MANAGER)
    at = reverse("releases:start", args=[draft.project.slug])
    with nothing_changes():
        bad = signed_in(manager).post(at, {"version": "../1"})
        taken = signed_in(manager).post(at, {"version": draft.version})
    assert (bad.status_code, taken.status_code) == (422, 409)
    assert "is no version" in said(bad)
    assert "exists already" in said(taken)
