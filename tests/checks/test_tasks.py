"""Checks by a worker: once for each file, again when keys or policy change, whoever dies."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils.timezone import now

from checks import working
from checks.engine.model import UnitResult
from checks.engine.plan import rules_digest
from checks.models import Finding, Ignore, Result, Run
from projects.models import Project
from releases.models import Release, Revision
from releases.phases import Outcome, Verdict
from tests import make, signed
from tests.pgp import Signer
from trusted_releases.ledger.jobs import enqueue
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run as run_job
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db(transaction=True)


def checked(release: Release) -> Run:
    """Let a worker do all there is to do; the run of the newest revision."""
    run_pending()
    return Run.objects.select_related("revision").get(
        revision=Release.objects.get(pk=release.pk).newest
    )


def blockers(run: Run) -> str:
    return " ".join(each.message for each in run.findings.at_level("blocker"))


def codes(release: Release) -> list[str]:
    return [each.code for each in Release.objects.get(pk=release.pk).vote_obstacles()]


def test_a_signed_release_passes_and_may_be_voted_on(tmp_path: Path) -> None:
    release = signed.release_of(tmp_path)
    assert codes(release) == ["checks_running"]
    run = checked(release)
    assert (run.state, run.note, run.units_done) == (Run.State.DONE, "", run.units_total)
    assert run.revision.verdict == Verdict.PASSED
    assert run.revision.counts["note"] == run.findings.count() - 1 > 5
    assert run.revision.counts["suggestion"] == 1  # it has no bill of materials
    assert list(run.errors()) == []
    assert codes(release) == []
    event = Event.objects.get(tag=Tag.CHECKS_FINISHED)
    assert event.facts["verdict"] == "passed"


def test_an_unchanged_file_is_never_examined_again(tmp_path: Path) -> None:
    release = signed.release_of(tmp_path)
    first = checked(release)
    release.add_files({"docs/notes.txt": make.blob("new")}, by=make.member(release))
    second = checked(release)
    mine = {result.pk for result in first.results.exclude(path="")}
    assert mine <= {result.pk for result in second.results.all()}
    assert second.units_reused >= len(mine) >= 3
    assert second.units_total - second.units_reused <= 2  # the new file, the release as a whole


def test_another_release_with_the_same_files_reuses_what_does_not_depend_on_it(
    tmp_path: Path,
) -> None:
    release = signed.release_of(tmp_path)
    first = checked(release)
    files = {
        line.path: entry.blob
        for line, entry in zip(release.newest.lines(), release.newest.entries, strict=True)
    }
    other = make.release(Project.objects.get(pk=release.project_id), version="1.0.1")
    other.add_files(files, by=make.member(release))
    again = checked(other)
    assert again.units_reused > 0
    assert set(again.results.values_list("pk")) & set(first.results.values_list("pk"))


def test_a_job_that_runs_twice_finds_all_done(tmp_path: Path) -> None:
    release = signed.release_of(tmp_path)
    run = checked(release)
    findings = Finding.objects.count()
    enqueue("checks.run_revision", revision=run.revision_id)
    again = checked(release)
    assert again.units_reused == again.units_total
    assert Finding.objects.count() == findings
    assert Event.objects.filter(tag=Tag.CHECKS_FINISHED).count() == 1


def test_a_policy_that_changes_asks_for_new_checks_which_come_by_themselves(
    tmp_path: Path,
) -> None:
    release = signed.release_of(tmp_path)
    checked(release)
    project = Project.objects.get(pk=release.project_id)
    project.rules.change(by=make.member(project), binary_paths="*.jar")
    assert codes(release) == ["checks_outdated"]
    checked(release)
    assert codes(release) == []


def test_a_key_that_arrives_mends_a_signature_and_nothing_else_is_read(tmp_path: Path) -> None:
    bob = Signer("Bob <bob@example.org>", at=now() - timedelta(days=3))
    project = signed.project_with(signed.author())
    release = make.release(project, version="1.0", files={**signed.files_of(tmp_path, bob)})
    before = checked(release)
    assert before.revision.verdict == Verdict.FAILED
    assert codes(release) == ["blockers"]
    signed.add_keys(project, bob)
    assert codes(release) == ["blockers", "checks_outdated"]
    after = checked(release)
    assert after.revision.verdict == Verdict.PASSED
    assert after.units_total - after.units_reused == 1
    assert codes(release) == []


def test_keys_that_change_during_a_vote_are_judged_when_it_has_failed(tmp_path: Path) -> None:
    release = signed.release_of(tmp_path)
    checked(release)
    vote = make.vote(Release.objects.get(pk=release.pk))
    bob = Signer("Bob <bob@example.org>", at=now() - timedelta(days=3))
    signed.add_keys(Project.objects.get(pk=release.project_id), bob)
    run_pending()
    vote.release.resolve_vote(Outcome.CANCELLED, by=make.member(vote))
    assert codes(release) == ["checks_outdated"]
    checked(release)
    assert codes(release) == []


def test_a_newer_revision_makes_older_checks_needless(tmp_path: Path) -> None:
    release = signed.release_of(tmp_path)
    release.add_files({"b.txt": make.blob("2")}, by=make.member(release))
    checked(release)
    first, second = Revision.objects.order_by("number")
    assert first.run.state == Run.State.SUPERSEDED
    assert first.verdict == Verdict.PENDING
    assert second.run.state == Run.State.DONE


def test_checks_of_a_draft_that_was_deleted_end_well(tmp_path: Path) -> None:
    release = signed.release_of(tmp_path)
    release.delete_draft(by=make.member(release))
    run_pending()
    assert {job.state for job in Job.objects.all()} == {Job.State.DONE}
    assert Job.objects.get(name="checks.run").result["gone"]


def test_a_check_that_failed_is_our_fault_and_is_tried_again(tmp_path: Path, monkeypatch) -> None:
    real = working.examine

    def broken(revision, candidate, units, progress):
        for unit in units:
            yield UnitResult(unit.key, unit.path, unit.rules, error="The rule failed.")

    monkeypatch.setattr(working, "examine", broken)
    release = signed.release_of(tmp_path)
    run = checked(release)
    assert run.revision.verdict == Verdict.FAILED
    assert run.revision.counts == {
        **dict.fromkeys(run.revision.counts, 0),
        "error": run.units_total,
    }
    assert run.errors().count() == run.units_total
    monkeypatch.setattr(working, "examine", real)
    enqueue("checks.run_revision", revision=run.revision_id)
    assert checked(release).revision.verdict == Verdict.PASSED
    assert not Result.objects.exclude(error="").exists()


def test_what_a_worker_that_lost_its_job_finds_is_not_written(tmp_path: Path, monkeypatch) -> None:
    real = working.examine

    def taken_over(revision, candidate, units, progress):
        for count, result in enumerate(real(revision, candidate, units, progress)):
            if count == 1:
                Job.objects.filter(state="running").update(claim="of another worker")
            yield result

    release = signed.release_of(tmp_path)
    Job.objects.exclude(name="checks.run").delete()
    monkeypatch.setattr(working, "examine", taken_over)
    run_pending()
    run = Run.objects.get()
    assert (run.state, run.units_done) == (Run.State.RUNNING, 1)
    assert Result.objects.count() == 1
    run.revision.refresh_from_db()
    assert run.revision.verdict == Verdict.PENDING

    monkeypatch.setattr(working, "examine", real)
    Job.objects.update(lease_until=now() - timedelta(seconds=1))
    run_job(Job.objects.get().pk)
    run = checked(release)
    assert run.state == Run.State.DONE
    assert run.units_reused == 1
    assert "stopped in the middle. Another one took over (attempt 2) and kept 1 of" in run.note


def test_a_change_of_keys_looks_at_the_drafts_of_that_committee_only(tmp_path: Path) -> None:
    release = signed.release_of(tmp_path)
    other = make.release(files={"a": "1"})
    make.release(release.project)
    run_pending()
    Job.objects.all().delete()
    signed.add_keys(release.project, Signer("Bob <bob@example.org>", at=now()))
    run_pending()
    again = Job.objects.filter(name="checks.run_revision")
    assert {job.args["revision"] for job in again} == {release.newest.pk}
    assert other.newest.pk not in {job.args["revision"] for job in again}


def test_a_draft_that_comes_back_from_a_vote_is_judged_by_todays_policy() -> None:
    release = make.candidate()
    make.vote(release)
    member = make.member(release.project)
    release.project.rules.change(by=member, source_paths="*.tar.gz")
    run_pending()
    Release.objects.get(pk=release.pk).resolve_vote(Outcome.CANCELLED, by=member)
    assert "checks_outdated" in codes(release)
    run_pending()
    assert "checks_outdated" not in codes(release)


def test_a_committee_that_becomes_a_podling_has_its_drafts_judged_again() -> None:
    release = make.candidate()
    committee = release.committee
    committee.parent, committee.is_podling = make.committee(), True
    committee.save()
    Event.objects.record(Tag.COMMITTEE_CHANGED, by=None, subject=committee)
    assert "checks_outdated" in codes(release)
    run_pending()
    assert "checks_outdated" not in codes(release)


def test_a_verdict_that_the_clock_has_overtaken_is_made_again_by_itself(tmp_path: Path) -> None:
    """No vote begins on that of the day before; nothing but the signature is looked at again."""
    by = Signer("Zoe <zoe@example.org>", at=now() - timedelta(days=2), expires="3d")
    release = signed.release_of(tmp_path, by)
    before = checked(release)
    ends = before.revision.holds_until
    assert now() < ends < now() + timedelta(days=1, minutes=1)
    Result.objects.filter(holds_until=ends).update(holds_until=now())
    Revision.objects.update(holds_until=now())  # as if that day had come
    assert codes(release) == ["checks_outdated"]
    enqueue("checks.refresh")
    after = checked(release)
    assert after.units_total - after.units_reused == 1
    assert after.revision.holds_until == ends
    assert codes(release) == []
    Job.objects.filter(name="checks.run_revision").delete()
    enqueue("checks.refresh")
    run_pending()
    assert not Job.objects.filter(name="checks.run_revision").exists()


def test_after_an_upgrade_of_the_rules_drafts_are_checked_again_by_themselves(
    tmp_path: Path,
) -> None:
    release = signed.release_of(tmp_path)
    checked(release)
    Run.objects.update(rules="those of the version before")
    Revision.objects.update(basis="of the version before")
    assert codes(release) == ["checks_outdated"]
    enqueue("checks.refresh")
    assert checked(release).rules == rules_digest()
    assert codes(release) == []


def test_what_is_ignored_stays_ignored_in_the_next_revision(tmp_path: Path) -> None:
    release = signed.release_of(tmp_path)
    checked(release)
    ignore = Ignore(project=release.project, rule="sbom.present", reason="We have none.")
    ignore.set(by=make.member(release), seen=1)
    assert Release.objects.get(pk=release.pk).newest.counts["ignored"] == 1
    release.add_files({"docs/notes.txt": make.blob("new")}, by=make.member(release))
    run = checked(release)
    assert (run.revision.counts["ignored"], run.revision.counts["suggestion"]) == (1, 0)
    assert [each.rule for each in run.findings.filter(run.hidden)] == ["sbom.present"]
