"""What a run gets to upload with: a key or a ticket, for its own token, once."""

import hashlib
import io
import tarfile
from collections.abc import Iterator
from typing import Any

import pytest

from keys import passes, workflow_tokens
from keys.models import SshKey, UploadTicket, WorkflowSshKey
from projects.models import Project, User, Workflow
from projects.roles import Role
from releases.models import Arrival, Release, Way
from tests import issuer as fake
from tests import make, ssh, workflows
from tests.api import Api, refused
from tests.archives import tar_gz
from tests.issuer import REPOSITORY, WORKFLOW, Issuer
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag

pytestmark = pytest.mark.django_db
REGISTER = "/publisher/ssh/register"
TICKET = "/publisher/upload/ticket"


@pytest.fixture(autouse=True)
def issuer(settings: Any) -> Iterator[Issuer]:
    with fake.serving() as found:
        settings.DEBUG, settings.GITHUB_OIDC_ISSUER = True, found.address
        yield found


@pytest.fixture
def project() -> Project:
    return make.project("tool")


@pytest.fixture
def alice(project: Project) -> User:
    person = make.member(project, Role.PARTICIPANT, username="alice")
    workflows.let(project, person)
    return person


def register(issuer: Issuer, jwt: str = "", key: str = "") -> Any:
    said = {"publisher": "github", "jwt": jwt or issuer.token()}
    return Api().post(REGISTER, said | {"ssh_key": key or ssh.ed25519_key()})


def ticket(issuer: Issuer, version: str = "1.0", jwt: str = "") -> Any:
    said = {"publisher": "github", "jwt": jwt or issuer.token(), "version": version}
    return Api().post(TICKET, said)


def store(secret: str, path: str = "a.txt", content: bytes = b"a", version: str = "1.0") -> Any:
    place = f"/release/store?project=tool&version={version}&relpath={path}"
    return Api(jwt=secret).client.post(
        f"/api{place}",
        content,
        content_type="application/octet-stream",
        headers={"Authorization": f"Bearer {secret}"},
    )


# --- Keys ---


def test_a_run_registers_a_key_for_the_project_of_its_grant(issuer, alice) -> None:
    text = ssh.ed25519_key("run")
    answer = register(issuer, key=text)
    assert answer.status_code == 200
    key = WorkflowSshKey.objects.get()
    assert answer.json() == {
        "endpoint": REGISTER,
        "fingerprint": key.fingerprint,
        "project": "tool",
        "expires": int(key.expires_at.timestamp()),
    }
    assert (key.key, key.owner, key.run_id) == (text, alice, "99")
    assert (key.repository, key.path, key.phase) == (REPOSITORY, WORKFLOW, "compose")
    assert key.claims["actor"] == "alice-at-github"
    event = Event.objects.get(tag=Tag.WORKFLOW_KEY_ADDED)
    assert (event.actor, event.project) == ("alice", "tool")
    assert event.facts["by_token"] == f"run 99 of {WORKFLOW} in {REPOSITORY}"


def test_a_token_registers_one_key(issuer, alice) -> None:
    token = issuer.token()
    assert register(issuer, token).status_code == 200
    assert refused(register(issuer, token), 401) == workflow_tokens.USED
    assert refused(ticket(issuer, jwt=token), 401) == workflow_tokens.USED
    assert WorkflowSshKey.objects.count() == 1


def test_a_key_that_anybody_has_is_not_registered_again(issuer, alice) -> None:
    text = ssh.ed25519_key()
    register(issuer, key=text)
    assert "known already" in refused(register(issuer, key=text), 409)
    key = make.user(username="bob")
    theirs = ssh.ed25519_key()
    WorkflowSshKey.objects.all().delete()
    SshKey.objects.add(theirs, by=key)
    assert "known already" in refused(register(issuer, key=theirs), 409)
    assert not WorkflowSshKey.objects.exists()


@pytest.mark.parametrize(
    "text",
    ["x", "ssh-ed25519 AAAA", "-----BEGIN OPENSSH PRIVATE KEY-----", "ssh-dss AAAA", ""],
)
def test_what_cannot_be_a_key_uses_no_token_up(issuer, alice, text: str) -> None:
    token = issuer.token()
    said = {"publisher": "github", "jwt": token, "ssh_key": text}
    assert Api().post(REGISTER, said).status_code == 400
    assert register(issuer, token).status_code == 200


def test_a_weak_key_is_as_little_taken_as_from_people(issuer, alice) -> None:
    assert "at least 2048 bits" in refused(register(issuer, key=ssh.rsa_key(1024)), 400)
    assert register(issuer, key=ssh.rsa_key(2048)).status_code == 200


@pytest.mark.parametrize("ask", [register, ticket])
def test_a_grant_for_another_phase_lets_nothing_up(issuer, alice, ask) -> None:
    Workflow.objects.update(phase="vote")
    assert "in the phase “compose”" in refused(ask(issuer), 403)
    assert not Release.objects.exists()


@pytest.mark.parametrize("ask", [register, ticket])
def test_who_started_it_must_be_one_who_uploads(issuer, alice, ask) -> None:
    alice.memberships.all().delete()
    assert "may not do this" in refused(ask(issuer), 403)
    assert not Release.objects.exists()
    assert not WorkflowSshKey.objects.exists()
    assert not UploadTicket.objects.exists()
    assert Event.objects.filter(tag=Tag.REFUSED, actor="alice").exists()


@pytest.mark.parametrize("ask", [register, ticket])
def test_a_project_that_is_held_gives_none(issuer, project, alice, ask) -> None:
    project.hold(by=make.user(is_superuser=True), reason="Looks odd.")
    assert "held" in refused(ask(issuer), 409)


def test_ten_keys_an_hour_for_a_person(issuer, alice) -> None:
    for _ in range(10):
        assert register(issuer).status_code == 200
    assert refused(register(issuer), 429)


# --- Tickets ---


def test_a_run_gets_a_ticket_and_uploads_with_it_in_one_call(issuer, alice) -> None:
    answer = ticket(issuer)
    assert answer.status_code == 200
    given, release = UploadTicket.objects.get(), Release.objects.get()
    said = answer.json()
    assert {name: said[name] for name in ("endpoint", "project", "version", "expires")} == {
        "endpoint": TICKET,
        "project": "tool",
        "version": "1.0",
        "expires": int(given.expires_at.timestamp()),
    }
    assert (release.version, release.created_by) == ("1.0", alice)
    taken = store(said["ticket"])
    assert taken.status_code == 201, taken.content
    assert taken.json()["revision"]["asfuid"] == "alice"
    assert [each.path for each in release.entries.all()] == ["a.txt"]
    event = Event.objects.get(tag=Tag.REVISION_MADE)
    assert event.actor == "alice"
    assert f"run 99 of {WORKFLOW} in {REPOSITORY}" in event.facts["by_token"]
    assert "it was used" in refused(store(said["ticket"], "b.txt"), 401)


def test_an_archive_that_came_by_a_ticket_is_looked_into_like_any(issuer, alice) -> None:
    answer = store(ticket(issuer).json()["ticket"], "tool-1.0.tar.gz", tar_gz())
    assert answer.status_code == 202
    assert Arrival.objects.get().way == Way.API


def test_it_takes_base64_as_well(issuer, alice) -> None:
    secret = ticket(issuer).json()["ticket"]
    said = {"project": "tool", "version": "1.0", "relpath": "a.txt", "content": "YQ=="}
    assert Api(jwt=secret).post("/release/upload", said).status_code == 201
    assert refused(Api(jwt=secret).post("/release/upload", said), 401)


def folder(secret: str, version: str = "1.0") -> Any:
    """All files of a release in one request, as `tar -cf - -C dist .` sends them."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name in ("./a.txt", "./docs/b.txt"):
            entry = tarfile.TarInfo(name)
            entry.size = 1
            archive.addfile(entry, io.BytesIO(b"x"))
    place = f"/release/store-directory?project=tool&version={version}"
    return Api(jwt=secret).post(place, packed.getvalue(), content_type="application/x-tar")


def test_a_folder_comes_in_one_call_by_one_ticket(issuer, project, alice) -> None:
    make.release(project, version="2.0", files={"old.txt": "old"})
    secret = ticket(issuer).json()["ticket"]
    assert folder(secret).status_code == 201
    release = Release.objects.get(version="1.0")
    assert {each.path for each in release.entries.all()} == {"a.txt", "docs/b.txt"}
    assert release.last_revision == 1
    assert "it was used" in refused(folder(secret), 401)
    secret = ticket(issuer).json()["ticket"]
    assert "for tool 1.0 only" in refused(folder(secret, "2.0"), 403)


def test_an_upload_in_parts_is_not_opened_by_a_ticket(issuer, alice) -> None:
    """It is many requests, and a ticket is for one."""
    secret = ticket(issuer).json()["ticket"]
    said = {"project": "tool", "version": "1.0"}
    for path in ("/release/upload/begin", "/release/upload/part", "/release/upload/finish"):
        assert refused(Api(jwt=secret).post(path, said), 401)
    assert store(secret).status_code == 201


def test_a_ticket_is_for_one_version_and_opens_nothing_else(issuer, project, alice) -> None:
    make.release(project, version="2.0", files={"old.txt": "old"})
    secret = ticket(issuer).json()["ticket"]
    assert "for tool 1.0 only" in refused(store(secret, version="2.0"), 403)
    secret = ticket(issuer).json()["ticket"]
    said = {"project": "tool", "version": "1.0"}
    for path in ("/release/create", "/release/draft/delete", "/vote/resolve", "/key/add"):
        assert refused(Api(jwt=secret).post(path, said), 401)
    assert refused(Api(jwt=secret).get("/release/get/tool/1.0"), 401)
    assert store(secret).status_code == 201, "and none of these has used it up"


def test_files_at_the_vote_are_for_no_ticket(issuer, project, alice) -> None:
    make.vote(make.candidate(project, version="1.0"))
    assert "frozen" in refused(ticket(issuer), 409)
    assert not UploadTicket.objects.exists()


def test_a_draft_that_is_there_is_gone_on_with(issuer, project, alice) -> None:
    release = make.release(project, version="1.0", files={"old.txt": "old"})
    store(ticket(issuer).json()["ticket"])
    assert {each.path for each in release.entries.all()} == {"old.txt", "a.txt"}
    assert Release.objects.count() == 1


def test_an_embargoed_release_takes_nothing_from_workflows(issuer, project) -> None:
    """Whatever their person may: a run happens where others look on."""
    member = make.member(project, username="mary")
    workflows.let(project, member)
    Release.objects.start(project, "1.0", by=member, expedited=True)
    assert "not found" in refused(ticket(issuer), 404)
    _, secret = workflows.ticket(project, member)
    assert "not found" in refused(store(secret), 404)
    came = passes.person_by(workflows.key(project, member))
    assert Release.objects.visible_to(member).exists()
    assert not Release.objects.visible_to(came).exists()
    assert not came.has_perm("releases.change_files", Release.objects.get())


def test_a_version_that_is_none_begins_nothing(issuer, alice) -> None:
    assert refused(ticket(issuer, "1.0-"), 400)
    assert not Release.objects.exists()


def test_what_was_sent_by_a_ticket_is_what_was_stored(issuer, alice) -> None:
    content = b"\0binary\xff" * 10_000
    store(ticket(issuer).json()["ticket"], "a.bin", content)
    entry = Release.objects.get().entries.get()
    assert entry.blob.sha256 == hashlib.sha256(content).hexdigest()
