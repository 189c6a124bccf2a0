"""The first verdicts of an upload, whatever else is in the queue."""

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from checks.engine.model import Candidate, File
from checks.engine.plan import plan
from checks.models import Run, Sbom
from checks.rules.sbom_content import SbomContent
from checks.working import QUICK, Rest, Work
from releases.models import Release
from releases.phases import Verdict
from tests import make, signed
from tests.checks.sbom.boms import as_json, component
from tests.processes import Child, wait_for
from trusted_releases.ledger.models import Job
from trusted_releases.ledger.worker import run as run_job
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db(transaction=True)

Workers = Callable[..., AbstractContextManager[Child]]
FIRST = {"paths", "checksum", "signature"}


def first_rules(release: Release) -> set[str]:
    """The rules whose verdicts on a release are there."""
    run = Run.objects.filter(revision__release=release).first()
    found = run.results.values_list("rules", flat=True) if run else []
    return {rule for rules in found for rule in rules}


def begun(release: Release) -> Run:
    """The run of a release after the quick checks, and nothing else, have been done."""
    Job.objects.filter(name="checks.recheck").delete()  # the keys came before the files
    job = Job.objects.get(name="checks.run", release=str(release.pk))
    run_job(job.pk)
    return Run.objects.get(revision__release=release)


def test_names_checksums_and_signatures_come_first_and_archives_are_handed_on(
    tmp_path: Path,
) -> None:
    release = signed.release_of(tmp_path)
    run = begun(release)
    assert first_rules(release) >= FIRST
    assert not first_rules(release) & {"archive.safety", "license.files"}
    assert run.state == Run.State.RUNNING
    assert run.revision.verdict == Verdict.PENDING
    assert 0 < run.units_done < run.units_total
    assert 0 < run.bytes_done < run.bytes_total
    (rest,) = Job.objects.filter(name="checks.rest")
    assert (rest.queue, rest.args) == ("heavy", {"revision": release.newest.pk})
    assert Job.objects.get(name="checks.run").result["left"] == run.units_total - run.units_done


def test_the_rest_goes_on_counting_where_the_first_ended(tmp_path: Path) -> None:
    release = signed.release_of(tmp_path)
    first = begun(release)
    run_pending()
    run = Run.objects.get(pk=first.pk)
    assert run.state == Run.State.DONE
    assert run.started_at == first.started_at
    assert (run.units_total, run.bytes_total) == (first.units_total, first.bytes_total)
    assert (run.units_reused, run.note) == (0, "")
    assert Release.objects.get(pk=release.pk).newest.verdict == Verdict.PASSED


def test_where_nothing_is_left_the_first_job_gives_the_verdict(tmp_path: Path) -> None:
    release = make.release(files={"notes.txt": "1"})
    run = begun(release)
    assert run.state == Run.State.DONE
    assert not Job.objects.filter(name="checks.rest").exists()


def test_a_first_job_that_runs_twice_hands_on_once(tmp_path: Path) -> None:
    release = signed.release_of(tmp_path)
    begun(release)
    job = Job.objects.get(name="checks.run")
    Job.objects.filter(pk=job.pk).update(state="queued")
    run_job(job.pk)
    assert Job.objects.filter(name="checks.rest").count() == 1
    run_pending()
    assert Run.objects.get(revision__release=release).state == Run.State.DONE


def test_a_signature_over_a_very_large_file_is_not_quick() -> None:
    def of(size: int) -> Candidate:
        large = File("a.zip", Path("/none"), size, "1" * 64, "1" * 128)
        return Candidate((large, File("a.zip.asc", Path("/none"), 900, "2" * 64, "2" * 128)))

    work = Work.__new__(Work)
    for size, quick in ((QUICK // 2, True), (QUICK, False)):
        candidate = of(size)
        units = {unit.path: unit for unit in plan(candidate)}
        assert work.is_ours(units["a.zip.asc"], candidate) is quick
        assert work.is_ours(units[""], candidate)
        assert not work.is_ours(units["a.zip"], candidate)
        assert Rest.is_ours(work, units["a.zip"], candidate)  # type: ignore[arg-type]


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_large_archives_of_others_do_not_delay_the_first_verdicts(
    start_worker: Workers, tmp_path: Path
) -> None:
    """A real worker whose heavy queue is full of archives that take long, then a small upload."""
    name = "apache-tool-1.0-source.tar.xz"
    signed.slow_archive(tmp_path / name, blocks=100)
    content = (tmp_path / name).read_bytes()
    large = [make.release(files={f"{number}-{name}": content}) for number in range(3)]
    with start_worker(WORKERS="1"):
        wait_for(
            lambda: Run.objects.filter(state=Run.State.RUNNING, bytes_done__gt=1 << 20).exists(), 90
        )
        begun = time.monotonic()
        small = signed.release_of(tmp_path)
        wait_for(lambda: first_rules(small) >= FIRST)
        took = time.monotonic() - begun
        states = Run.objects.filter(revision__release__in=large).values_list("state", flat=True)
        assert Run.State.DONE not in states, "the queue was empty before the small upload came"
        assert not first_rules(small) & {"archive.safety"}
    assert took < 20, "a second or two on a machine that has nothing else to do: see make bench"


def test_a_large_bill_of_materials_waits_like_an_archive_and_is_read_once(tmp_path: Path) -> None:
    small, large = (
        as_json(*(component(f"n{number}") for number in range(count))) for count in (1, 20_000)
    )
    release = make.release(files={"a.cdx.json": small, "b.cdx.json": large})
    assert len(large) * SbomContent.weight > QUICK > len(small) * SbomContent.weight
    begun(release)
    assert [each.result.path for each in Sbom.objects.all()] == ["a.cdx.json"]
    assert Job.objects.filter(name="checks.rest").exists()
    run_pending()
    counts = Sbom.objects.order_by("pk").values_list("components_count", flat=True)
    assert list(counts) == [1, 20_000]
    release.add_files({"notes.txt": make.blob("more")}, by=make.member(release))
    run_pending()
    assert list(counts.all()) == [1, 20_000]
    assert Sbom.objects.filter(result__runs__revision=release.newest).count() == 2
