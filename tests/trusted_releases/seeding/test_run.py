"""What the seed leaves behind is what the verbs would have left behind."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import transaction
from django.utils.timezone import now

from checks.models import Finding, Run
from keys import openpgp
from keys.models import Certificate, keys_document
from projects.models import Committee, Cycle, Membership, Policy, Project
from releases import manifest
from releases.models import Entry, Publication, Release, Revision, Vote
from releases.phases import Outcome, Phase, Verdict
from tests import make
from trusted_releases.ledger.models import Event, Job, LogEntry
from trusted_releases.ledger.sealing import seal_all
from trusted_releases.ledger.tags import Tag
from trusted_releases.seeding import names, run
from trusted_releases.seeding.scales import SCALES

pytestmark = pytest.mark.django_db
TINY = SCALES["tiny"]
AT = datetime(2026, 6, 1, 12, tzinfo=UTC)


def seeded(at: datetime | None = None, seed: int = 1) -> list[str]:
    said: list[str] = []
    run.run(TINY, seed, at or now(), said.append)
    return said


def test_there_is_as_much_of_everything_as_the_scale_says() -> None:
    seeded()
    podlings = Committee.objects.filter(is_podling=True)
    assert Committee.objects.count() == TINY.committees + TINY.podlings + 1
    assert podlings.count() == TINY.podlings
    assert Project.objects.count() == Policy.objects.count() == TINY.projects + 1
    phases = [Phase.COMPOSE, Phase.VOTE, Phase.FINISH]
    counts = [Release.objects.in_phase(phase).count() for phase in phases]
    assert counts == [TINY.composing + 1, TINY.voting + 1, TINY.finishing]
    assert Release.objects.count() == TINY.all_releases
    assert Cycle.objects.exists()


def test_one_committee_has_the_most_of_everything() -> None:
    seeded()
    large, project = TINY.large, Project.objects.get(slug=names.slug(names.LARGE))
    assert project.committee.memberships.count() == large.people
    assert project.committee.key_links.count() == large.keys
    assert project.releases.in_phase(Phase.RELEASED).count() == large.releases
    draft, candidate = [project.releases.get(phase=each) for each in (Phase.COMPOSE, Phase.VOTE)]
    assert (draft.newest.file_count, draft.last_revision) == (large.files, 2)
    assert draft.entries.filter(until=2).count() == large.files // 2
    assert candidate.vote.ballots.count() == large.ballots
    assert Run.objects.get(revision=candidate.newest).findings.count() > large.findings


def test_the_newest_releases_come_last() -> None:
    seeded()
    done = Release.objects.in_phase(Phase.RELEASED).order_by("pk")
    begun = list(done.values_list("created_at", flat=True))
    assert begun == sorted(begun)


def test_good_signatures_name_a_key_of_the_committee() -> None:
    seeded()
    signed = Finding.objects.filter(rule="signature", level="note")
    named = {each.data["certificate_fingerprint"] for each in signed}
    assert named <= set(Certificate.objects.values_list("fingerprint", flat=True))
    assert len(named) > 1


def test_the_log_is_whole_and_nothing_waits_for_its_place() -> None:
    seeded()
    said = StringIO()
    call_command("verify_events", stdout=said)
    assert f"The log is whole: {Event.objects.count()} entries" in said.getvalue()
    assert LogEntry.objects.count() == Event.objects.count() > 500


def test_the_log_goes_on_after_the_seed_and_after_what_was_there_before() -> None:
    make.vote()
    seeded()
    make.vote()
    assert Event.objects.unsealed().exists()
    seal_all()
    call_command("verify_events", stdout=StringIO())


def test_a_second_run_adds_nothing() -> None:
    seeded()
    before = [model.objects.count() for model in (Release, Event, Membership, Finding, Job)]
    said = seeded()
    assert [model.objects.count() for model in (Release, Event, Membership, Finding, Job)] == before
    assert f"releases: {TINY.all_releases} of {TINY.all_releases} were there" in said


def test_a_larger_scale_keeps_what_a_smaller_one_has_made() -> None:
    seeded()
    first = set(Release.objects.values_list("pk", flat=True))
    larger = replace(TINY, releases=90, people=50)
    run.run(larger, 1, now(), lambda _: None)
    assert first < set(Release.objects.values_list("pk", flat=True))
    call_command("verify_events", stdout=StringIO())


def test_the_same_seed_makes_the_same() -> None:
    def made() -> list[object]:
        return [
            *Release.objects.values_list("project__slug", "version", "phase", "created_at"),
            *Event.objects.order_by("pk").values_list("at", "tag", "actor"),
            *Certificate.objects.values_list("fingerprint", "armored"),
        ]

    begun = transaction.savepoint()
    seeded(AT)
    first = made()
    transaction.savepoint_rollback(begun)
    seeded(AT)
    assert made() == first


def test_manifests_are_those_of_the_files() -> None:
    seeded()
    revisions = list(Revision.objects.all())
    assert [r.pk for r in revisions if manifest.digest(r.lines()) != r.manifest_digest] == []
    assert [r.pk for r in revisions if len(r.lines()) != r.file_count] == []
    assert Entry.objects.filter(until__isnull=False).exists()


def test_votes_are_counted_as_real_ones_are() -> None:
    seeded()
    for vote in Vote.objects.exclude(outcome=Outcome.OPEN):
        again = vote.tally(vote.resolved_at).as_json()
        assert vote.counted["tally"] == again | {"missing": list(again["missing"])}
        if vote.outcome == Outcome.PASSED:
            assert again["passes"]
    assert Vote.objects.filter(outcome=Outcome.PASSED).count() > 50


def test_a_verdict_is_what_the_findings_say() -> None:
    seeded()
    for done in Run.objects.select_related("revision"):
        revision = done.revision
        assert revision.counts == done.findings.counts() | {"error": 0}
        blocked = revision.counts["blocker"] > 0
        assert revision.verdict == (Verdict.FAILED if blocked else Verdict.PASSED)


def test_what_is_not_finished_can_be_gone_on_with() -> None:
    seeded()
    ready = [
        release
        for release in Release.objects.in_phase(Phase.COMPOSE)
        if release.newest and release.newest.verdict == Verdict.PASSED
    ]
    assert ready
    for release in ready:
        assert list(release.vote_obstacles()) == []
        for entry in release.newest.entries:
            entry.blob.verify()


def test_nothing_happens_in_the_future() -> None:
    at = now()
    seeded(at)
    assert not Event.objects.filter(at__gt=at + timedelta(seconds=10)).exists()
    assert Vote.objects.open().filter(ends_at__gt=at).exists()


def test_published_releases_have_their_places() -> None:
    seeded()
    done = Publication.objects.filter(release__phase=Phase.RELEASED)
    assert done.count() == TINY.releases - TINY.unfinished + TINY.large.releases
    assert not done.exclude(state=Publication.State.DONE).exists()


def test_keys_are_such_as_gpg_writes() -> None:
    seeded()
    committee = Certificate.objects.order_by("pk").first().committees.first()
    read = [
        each for block in openpgp.read_keys(keys_document(committee)) for each in block.certificates
    ]
    rows = {each.fingerprint: each for each in committee.certificates.all()}
    assert {each.fingerprint for each in read} == set(rows)
    for each in read:
        row = rows[each.fingerprint]
        assert each.armored.decode() == row.armored
        assert (each.algorithm, each.length, list(each.user_ids)) == (
            row.algorithm,
            row.length,
            row.user_ids,
        )


def test_jobs_follow_from_events() -> None:
    seeded()
    asked = Job.objects.exclude(args={}).values_list("args__event", flat=True)
    assert set(asked) <= set(Event.objects.values_list("pk", flat=True))
    mails = Job.objects.filter(name="releases.send_mail").count()
    assert mails == Event.objects.filter(tag=Tag.MAIL_SENT).count() > 50


def test_every_constraint_of_the_models_holds() -> None:
    seeded()
    for model in (Release, Vote, Policy, Publication, Entry, Committee):
        for row in model.objects.all():
            row.validate_constraints()
