"""The same request of the API twice at the same moment: one effect, and no error of ours."""

import base64
from collections.abc import Callable
from typing import Any

import pytest

from keys import jwts
from keys.models import AccessToken, SshKey
from projects.models import Project, User
from projects.roles import Role
from releases.api import announcing
from releases.models import Arrival, Ballot, Publication, Release, Revision, Vote
from releases.phases import Outcome, Phase
from releases.publishing import materialise
from tests import make, ssh
from tests.api import Api
from tests.test_races import at_once
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag

pytestmark = pytest.mark.django_db(transaction=True)

AT = {"project": "tool", "version": "1.0"}
TO = "dev@tool.example.org"
TIMES = 3


@pytest.fixture
def person(transactional_db: None) -> User:
    project = make.project("tool")
    project.policy.vote_recipients = project.policy.announce_recipients = TO
    project.policy.save()
    return make.member(project, Role.RELEASE_MANAGER, username="alice")


def tool() -> Project:
    return Project.objects.get()


@pytest.fixture
def jwt(person: User) -> str:
    return jwts.make(AccessToken.objects.make(by=person, label="script", days=30)[0])


def sent(jwt: str, path: str, body: dict[str, Any]) -> list[int]:
    """The statuses of the same request, sent so often at once."""
    Api(jwt=jwt).get("/user/info")  # the token's last use is noted once a minute: not here

    def ask() -> int:
        return int(Api(jwt=jwt).post(path, body).status_code)

    done, refused, _ = at_once([ask] * TIMES)
    assert refused == []
    return sorted(done)


def file(name: str) -> dict[str, Any]:
    content = base64.b64encode(b"the same bytes").decode()
    return AT | {"relpath": name, "content": content, "expected_revision": None}


def events(tag: Tag) -> int:
    return Event.objects.accepted().filter(tag=tag).count()


def test_one_draft_begins(person, jwt) -> None:
    assert sent(jwt, "/release/create", AT) == [201, 409, 409]
    assert Release.objects.count() == 1
    assert events(Tag.RELEASE_STARTED) == 1


def test_one_file_is_one_revision(person, jwt) -> None:
    make.release(tool(), by=person, version="1.0")
    assert sent(jwt, "/release/upload", file("a.txt")) == [201, 409, 409]
    assert Revision.objects.count() == 1


def test_of_those_who_know_the_newest_revision_one_is_first(person, jwt) -> None:
    make.release(tool(), by=person, version="1.0", files={"a": "a"})
    numbers = iter(range(TIMES))

    def ask() -> int:
        body = file(f"{next(numbers)}.txt") | {"expected_revision": "00001"}
        return int(Api(jwt=jwt).post("/release/upload", body).status_code)

    assert sorted(at_once([ask] * TIMES)[0]) == [201, 409, 409]
    assert Revision.objects.count() == 2


def test_one_archive_is_looked_into_once(person, jwt) -> None:
    make.release(tool(), by=person, version="1.0")
    assert sent(jwt, "/release/upload", file("a-1.0.tar.gz")) == [202] * TIMES
    assert Arrival.objects.count() == events(Tag.ARCHIVE_RECEIVED) == 1


def test_one_vote_is_called(person, jwt) -> None:
    make.candidate(tool(), by=person, version="1.0")
    assert sent(jwt, "/vote/start", AT | {"email_to": TO}) == [201, 409, 409]
    assert Vote.objects.count() == events(Tag.VOTE_CALLED) == 1


def voting(person: User) -> Vote:
    return make.vote(make.candidate(tool(), version="1.0"))


def test_a_ballot_counts_once(person, jwt) -> None:
    vote = voting(person)
    statuses = sent(jwt, "/vote/cast", AT | {"choice": "+1", "comment": "Good."})
    assert set(statuses) <= {200, 409}
    assert 200 in statuses
    assert vote.ballots.count() == 1
    assert Ballot.objects.get().voter == person


def test_a_vote_is_resolved_once(person, jwt) -> None:
    vote = voting(person)
    for _ in range(3):
        make_ballot(vote)
    statuses = sent(jwt, "/vote/resolve", AT | {"resolution": "passed"})
    assert statuses[0] == 200
    assert set(statuses[1:]) <= {404, 409}  # there is no open vote, or no more
    vote.refresh_from_db()
    assert vote.outcome == Outcome.PASSED
    assert events(Tag.VOTE_PASSED) == 1


def make_ballot(vote: Vote) -> None:
    vote.cast("+1", by=make.member(vote.release.project), manifest_digest=vote.manifest_digest)


def test_a_release_is_announced_once(person, jwt, monkeypatch) -> None:
    release = make.passed(make.candidate(tool(), version="1.0"))
    release.publish(by=person)
    publication = Publication.objects.get()
    publication.record_published(materialise(publication))
    monkeypatch.setattr(announcing, "pause", lambda: None)
    body = AT | {"revision": "00001", "email_to": TO, "body": None, "path_suffix": None}
    assert sent(jwt, "/release/announce", body) == [201, 201, 201]
    assert Release.objects.get().phase == Phase.RELEASED
    assert events(Tag.RELEASE_ANNOUNCED) == 1


def test_a_release_that_nobody_has_published_is_published_once(person, jwt, monkeypatch) -> None:
    make.passed(make.candidate(tool(), version="1.0"))
    monkeypatch.setattr(announcing, "WAIT", 0)
    body = AT | {"revision": "00001", "email_to": TO, "body": None, "path_suffix": None}
    assert sent(jwt, "/release/announce", body) == [409] * TIMES
    assert Publication.objects.count() == events(Tag.PUBLICATION_STARTED) == 1


def test_an_ssh_key_is_added_and_deleted_once(person, jwt) -> None:
    assert sent(jwt, "/ssh-key/add", {"text": ssh.ed25519_key()}) == [201, 409, 409]
    key = SshKey.objects.get()
    statuses = sent(jwt, "/ssh-key/delete", {"fingerprint": key.fingerprint})
    assert statuses[0] == 201
    assert set(statuses[1:]) <= {404, 409}
    assert events(Tag.SSH_KEY_REMOVED) == 1


def test_a_draft_is_deleted_once(person, jwt) -> None:
    make.release(tool(), by=person, version="1.0", files={"a": "a"})
    statuses = sent(jwt, "/release/draft/delete", AT)
    assert statuses[0] in (200, 201)
    assert set(statuses[1:]) <= {404, 409}
    assert not Release.objects.exists()


def test_a_token_is_revoked_once(person) -> None:
    token = AccessToken.objects.make(by=person, label="script", days=30)[0]

    def revoke() -> Callable[..., Any]:
        return AccessToken.objects.get(pk=token.pk).revoke(by=person)

    done, refused, _ = at_once([revoke] * TIMES)
    assert (len(done), len(refused)) == (1, TIMES - 1)
    assert events(Tag.TOKEN_REVOKED) == 1
