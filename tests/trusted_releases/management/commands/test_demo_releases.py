"""The releases that a demo shows from its first minutes, made by the processes of `make run`."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from projects.models import Project
from releases.models import Ballot, Release, Revision
from releases.phases import Phase, Verdict
from tests import make, processes
from trusted_releases import demo
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import Refused
from trusted_releases.management.commands import demo_releases, up

LOOKS = "Releases to look at come within a minute"


@pytest.fixture(autouse=True)
def no_samples_yet(data_dir: Path) -> Iterator[None]:
    """Every test of this process has the same data directory."""
    demo.samples_made().unlink(missing_ok=True)
    yield
    demo.samples_made().unlink(missing_ok=True)


def wait(look: Any, seconds: float = 90) -> None:
    end = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_they_are_made_once_whoever_stops_meanwhile(data_dir: Path) -> None:
    command = [*processes.MANAGE, "up", "--port", "8470"]
    with processes.running(*command, DEMO="1", DEBUG="1") as run:
        run.says(LOOKS)
        wait(Revision.objects.exists)  # its key is gone when the process is
        assert run.stop() == 0, run.output
    with processes.running(*command, DEMO="1", DEBUG="1") as run:
        run.says(LOOKS)
        wait(Ballot.objects.exists)
        assert run.stop() == 0, run.output
    assert not demo.samples_made().exists()
    with processes.running(*command, DEMO="1", DEBUG="1") as run:
        run.says(LOOKS)
        wait(demo.samples_made().exists)
        assert run.stop() == 0, run.output
    found = Release.objects.filter(project__slug=demo.SAMPLE).order_by("version")
    assert [(each.version, each.phase) for each in found] == [
        ("1.0.0", Phase.RELEASED),
        ("1.1.0", Phase.VOTE),
        ("1.2.0", Phase.COMPOSE),
    ]
    verdicts = [each.newest.verdict for each in found]
    assert verdicts == [Verdict.PASSED, Verdict.PASSED, Verdict.FAILED]
    assert [each.votes.get().ballots.count() for each in found[:2]] == [3, 1]
    assert Event.objects.filter(tag=Tag.RELEASE_ANNOUNCED).count() == 1
    with processes.running(*command, DEMO="1", DEBUG="1") as run:
        run.says(r"at (http://\S+)")
        assert LOOKS not in run.output
        assert run.stop() == 0, run.output


@pytest.mark.django_db
def test_a_vote_that_was_called_has_the_vote_of_who_called_it_once() -> None:
    release = make.release(make.project(), version="1.0", files={"a.txt": "a"})
    caller = make.member(release.project)
    make.checked(release.newest)
    for _ in range(2):
        demo_releases.voted(release, caller)
        assert release.votes.get().ballots.filter(voter=caller).count() == 1
    release.votes.get().ballots.all().delete()  # as if it had ended between the two
    demo_releases.voted(release, caller)
    assert release.votes.get().ballots.count() == 1


@pytest.mark.django_db
def test_who_acts_meanwhile_is_told_of_no_crash(settings: Any, monkeypatch: Any) -> None:
    def refused() -> None:
        raise Refused("The draft is frozen.")

    settings.DEMO = True
    monkeypatch.setattr(demo_releases, "made", refused)
    with pytest.raises(CommandError, match=r"is frozen\. The samples go on"):
        call_command("demo_releases")
    assert not demo.samples_made().exists()


@pytest.mark.django_db
def test_what_was_deleted_since_does_not_come_back(settings: Any) -> None:
    settings.DEMO = True
    demo.samples_made().parent.mkdir(parents=True, exist_ok=True)
    demo.samples_made().touch()
    call_command("demo_releases")
    assert not Project.objects.exists()


def test_a_real_installation_gets_none(settings: Any) -> None:
    settings.DEMO = False
    assert not up.wants_samples()
    with pytest.raises(CommandError, match="is no demo"):
        call_command("demo_releases")


def test_clients_in_test_mode_find_what_they_expect_and_nothing_else(settings: Any) -> None:
    settings.DEMO = settings.DEBUG = True
    assert up.wants_samples()
    settings.TEST_MODE = True
    assert not up.wants_samples()
