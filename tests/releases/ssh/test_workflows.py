"""rsync from a run of a workflow: its token registers a key, and the real programs come with it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils.timezone import now

from keys.models import SshKey, WorkflowSshKey
from projects.models import Project, User, Workflow
from releases.models import Release
from tests import issuer as fake
from tests import make, workflows
from tests.api import Api
from tests.issuer import REPOSITORY, WORKFLOW, Issuer
from tests.processes import wait_for
from tests.rsync import PLACE, Client, files_of, laptop, left_over
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.timeout(240),
]
DENIED = "Permission denied"


@pytest.fixture
def issuer(settings: Any) -> Iterator[Issuer]:
    with fake.serving() as found:
        settings.DEBUG, settings.GITHUB_OIDC_ISSUER = True, found.address
        yield found


@pytest.fixture
def person(project: Project) -> User:
    found = make.member(project, username="alice")
    workflows.let(project, found)
    return found


@pytest.fixture
def run(person: User, issuer: Issuer, port: int, tmp_path: Path) -> Client:
    """A machine of GitHub's that runs the workflow: a new key, and a token to register it with."""
    machine = laptop(tmp_path / "run", port)
    machine.name = "github"
    machine.write(a_txt=b"a")
    key = (machine.home / "id.pub").read_text()
    said = {"publisher": "github", "jwt": issuer.token(), "ssh_key": key}
    assert Api().post("/publisher/ssh/register", said).status_code == 200
    return machine


def test_a_run_uploads_and_the_log_names_it(run) -> None:
    told = run.send(PLACE)
    assert told.returncode == 0, told.stderr
    release = Release.objects.get()
    assert files_of(release) == {"a.txt": b"a"}
    assert f"Revision 1 of {release}" in told.stderr
    event = Event.objects.get(tag=Tag.REVISION_MADE)
    assert event.actor == "alice"
    assert f"run 99 of {WORKFLOW} in {REPOSITORY}" in event.facts["by_token"]
    assert WorkflowSshKey.objects.get().last_used_at is not None
    run.write(b_txt=b"b")
    assert run.send(PLACE, "--delete").returncode == 0, "a key is for as often as its time allows"
    assert set(files_of(Release.objects.get())) == {"a.txt", "b.txt"}
    assert run.get(PLACE).returncode == 0
    assert (run.home / "got" / "b.txt").read_bytes() == b"b"
    assert left_over() == []


def test_it_comes_in_as_github_and_as_nobody_else(run, person) -> None:
    for name in ("alice", "GitHub", "root", "nobody"):
        run.name = name
        assert DENIED in run.send(PLACE).stderr
    assert not Release.objects.exists()


def test_a_key_of_a_person_does_not_come_in_as_github(run, alice) -> None:
    alice.name, alice.options = "github", ()
    alice.write(a_txt=b"a")
    assert DENIED in alice.send(PLACE).stderr


@pytest.fixture
def alice(person: User, port: int, tmp_path: Path) -> Client:
    return laptop(tmp_path / "alice", port, person)


def test_not_even_an_account_of_that_name_comes_in_by_its_own_key(port, tmp_path, project) -> None:
    theirs = laptop(tmp_path / "g", port, make.member(project, username="github"))
    assert SshKey.objects.get().owner.username == "github"
    theirs.write(a_txt=b"a")
    assert DENIED in theirs.send(PLACE).stderr


def test_another_project_is_refused_and_on_record(run, person, project) -> None:
    make.project("other", committee=project.committee)
    told = run.send("/other/1.0/")
    assert told.returncode != 0
    assert "for the project tool only" in told.stderr
    assert "for the project tool only" in run.get("/other/1.0/").stderr
    assert "for the project tool only" in run.send("/nothing/1.0/").stderr
    assert not Release.objects.exists()
    assert Event.objects.filter(tag=Tag.REFUSED, actor="alice", project="tool").count() == 3


def test_files_at_the_vote_are_not_written(run, project) -> None:
    release = make.candidate(project, version="1.0")
    make.vote(release)
    told = run.send(PLACE)
    assert (told.returncode != 0, "frozen" in told.stderr) == (True, True), told.stderr
    assert Release.objects.get().last_revision == 1


def test_no_other_command_is_taken(run) -> None:
    for words in (("ls",), ("rsync --server --daemon .",), ("-s", "sftp")):
        told = run.ssh("github@127.0.0.1", *words)
        assert told.returncode != 0


def expired(key: WorkflowSshKey, person: User) -> None:
    at = now() - timedelta(minutes=20, seconds=1)
    WorkflowSshKey.objects.update(made_at=at, expires_at=at + timedelta(minutes=20))


def revoked(key: WorkflowSshKey, person: User) -> None:
    key.revoke(by=person, reason="Not wanted.")


def grant_taken(key: WorkflowSshKey, person: User) -> None:
    Workflow.objects.get().revoke(by=person)


def role_lost(key: WorkflowSshKey, person: User) -> None:
    person.memberships.all().delete()


@pytest.mark.parametrize("end", [expired, revoked, grant_taken, role_lost])
def test_what_has_ended_opens_nothing(run, person, end) -> None:
    assert run.send(PLACE).returncode == 0
    end(WorkflowSshKey.objects.get(), person)
    run.write(b_txt=b"b")
    assert DENIED in run.send(PLACE).stderr
    assert set(files_of(Release.objects.get())) == {"a.txt"}


@pytest.mark.parametrize(("end", "taken"), [(expired, True), (revoked, False)])
def test_what_ends_while_files_come(run, person, end, taken: bool) -> None:
    """Time that passes lets an upload end; a decision does not."""
    run.write(big_bin=b"b" * 400_000)
    slow = run.sending(PLACE)
    wait_for(left_over)
    end(WorkflowSshKey.objects.get(), person)
    assert (slow.wait(60) == 0) is taken
    assert Release.objects.exists() is taken


def test_the_key_of_a_person_that_is_removed_while_files_come_takes_nothing(alice, person) -> None:
    alice.write(big_bin=b"b" * 400_000)
    slow = alice.sending(PLACE)
    wait_for(left_over)
    SshKey.objects.get().remove(by=person)
    assert slow.wait(60) != 0
    assert not Release.objects.exists()
