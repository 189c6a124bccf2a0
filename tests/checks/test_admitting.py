"""Looking into an archive before it becomes part of a release."""

import pytest

from checks import admitting, tasks
from checks.admitting import look_into
from checks.engine.model import UnitResult
from checks.models import Result, Run
from releases.models import Arrival, Way
from tests import make
from tests.archives import tar_gz
from trusted_releases.ledger.models import Job
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db

PATH = "tool-1.0-src.tar.gz"


def arrival(content: bytes) -> Arrival:
    draft = make.release(make.project("tool"), version="1.0")
    blob = make.blob(content)
    return draft.receive({PATH: blob}, by=make.member(draft.project), way=Way.API)


def test_nothing_speaks_against_a_whole_one() -> None:
    assert look_into(arrival(tar_gz())) == {}


def test_the_sentence_names_what_is_wrong_and_where() -> None:
    assert "../x" in look_into(arrival(tar_gz("../x")))[PATH]


def test_what_only_the_project_s_rules_object_to_is_no_reason() -> None:
    """Without LICENSE there is a blocker, which people can look at as everywhere."""
    sent = arrival(tar_gz())
    run_pending()
    sent.refresh_from_db()
    assert sent.state == Arrival.State.ADMITTED
    revision = sent.release.newest
    assert revision.counts["blocker"] > 0


def test_of_what_is_refused_no_finding_is_kept() -> None:
    look_into(arrival(tar_gz("../x")))
    assert not Result.objects.exists()


def test_an_archive_is_not_read_a_second_time() -> None:
    sent = arrival(tar_gz())
    look_into(sent)
    keys = set(Result.objects.values_list("key", flat=True))
    assert keys
    sent.record_admitted()
    run_pending()
    run = Run.objects.get(revision=sent.release.newest)
    assert keys <= set(run.results.values_list("key", flat=True))
    assert run.units_reused == len(keys)


def test_what_cannot_be_looked_into_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def died(candidate, units, **more):
        return [UnitResult(each.key, each.path, each.rules, error="It died.") for each in units]

    monkeypatch.setattr(admitting, "run_in_child", died)
    assert look_into(arrival(tar_gz())) == {PATH: "It could not be looked into. It died."}


def test_a_large_one_waits_for_its_like(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "QUICK", 10)
    sent = arrival(tar_gz())
    run_pending("default")
    assert Job.objects.get(name="checks.admit_large").queue == "heavy"
    sent.refresh_from_db()
    assert sent.is_waiting
    run_pending("heavy")
    sent.refresh_from_db()
    assert sent.state == Arrival.State.ADMITTED
