"""Asking for bills of materials, and what becomes of the draft: who may, when, what follows."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import transaction

from projects.roles import Role
from releases.models import Generated, Release
from releases.models.generating import ARCHIVES
from tests import make
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib import archive_names
from trusted_releases.lib.errors import BadInput, NotReady

pytestmark = pytest.mark.django_db

ARCHIVE = "tool-1.0.tar.gz"
SBOM = "tool-1.0.tar.gz.cdx.json"


@pytest.fixture
def release() -> Release:
    return make.release(
        make.project("tool"), version="1.0", files={ARCHIVE: "bytes", "notes.txt": "text"}
    )


@pytest.fixture
def manager(release):
    return make.member(release.project, Role.PARTICIPANT)


def again(release) -> Release:
    return Release.objects.get(pk=release.pk)


def paths(release) -> list[str]:
    return [entry.path for entry in again(release).newest.entries]


def made(release, manager, content="{}") -> Generated:
    """As if a worker had done it."""
    row = release.generate_sbom(ARCHIVE, by=manager)
    assert release.record_generated(row, make.blob(content), {"components": 0})
    return row


def codes(caught) -> list[str]:
    return [each.code for each in caught.value.obstacles]


def test_it_leaves_a_row_an_event_and_a_job(release, manager):
    row = release.generate_sbom(ARCHIVE, by=manager, seen=1)
    entry = again(release).newest.entries.get(path=ARCHIVE)
    assert (row.state, row.input, row.asked_by) == ("waiting", entry.blob, manager)
    event = Event.objects.get(tag=Tag.SBOM_ASKED)
    assert event.actor == manager.username
    assert event.facts["input"] == f"sha256:{entry.blob.sha256}"
    job = Job.objects.get(name="checks.generate_sbom")
    assert (job.queue, job.args) == ("heavy", {"event": event.pk})
    assert row.is_in_hand


def test_a_rollback_takes_everything_along(release, manager):
    def interrupted():
        with transaction.atomic():
            release.generate_sbom(ARCHIVE, by=manager)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    assert not Generated.objects.exists()
    assert not Job.objects.filter(name="checks.generate_sbom").exists()


@pytest.mark.parametrize("who", ["stranger", "committer", "operator"])
def test_others_may_not(release, who):
    person = {
        "stranger": lambda: make.member(make.project()),
        "committer": lambda: make.user(is_committer=True),
        "operator": make.operator,
    }[who]()
    with pytest.raises(PermissionDenied):
        release.generate_sbom(ARCHIVE, by=person)
    assert not Generated.objects.exists()
    assert Event.objects.get(tag=Tag.REFUSED).facts["verb"] == "generate_sbom"


def test_only_archives_are_described(release, manager):
    with pytest.raises(NotReady) as caught:
        release.generate_sbom("notes.txt", by=manager)
    assert codes(caught) == ["no_archive"]


def test_archives_are_what_checks_read_as_such():
    assert set(ARCHIVES) == set(archive_names.TAR + archive_names.ZIP)


def test_a_file_that_is_not_there_cannot_be_described(release, manager):
    with pytest.raises(BadInput, match=r"no file gone\.zip"):
        release.generate_sbom("gone.zip", by=manager)


def test_what_a_person_has_uploaded_is_never_replaced(release, manager):
    release.add_files({SBOM: make.blob("mine")}, by=manager)
    with pytest.raises(NotReady, match="Delete it first") as caught:
        release.generate_sbom(ARCHIVE, by=manager)
    assert codes(caught) == ["sbom_exists"]


def test_nobody_asks_twice_at_once(release, manager):
    release.generate_sbom(ARCHIVE, by=manager)
    with pytest.raises(NotReady) as caught:
        release.generate_sbom(ARCHIVE, by=manager)
    assert codes(caught) == ["sbom_pending"]


def test_who_lost_the_worker_asks_again(release, manager):
    lost = release.generate_sbom(ARCHIVE, by=manager)
    Job.objects.filter(name="checks.generate_sbom").update(state=Job.State.FAILED)
    row = release.generate_sbom(ARCHIVE, by=manager)
    lost.refresh_from_db()
    assert (lost.state, row.state) == ("failed", "waiting")


def test_files_at_a_vote_are_frozen(manager):
    release = make.candidate(make.project("other"), files={ARCHIVE: "bytes"})
    make.vote(release)
    with pytest.raises(NotReady) as caught:
        again(release).generate_sbom(ARCHIVE, by=make.member(release))
    assert codes(caught) == ["files_frozen"]


def test_nobody_decides_on_a_revision_that_they_have_not_seen(release, manager):
    release.add_files({"new.txt": make.blob("new")}, by=manager)
    with pytest.raises(NotReady) as caught:
        release.generate_sbom(ARCHIVE, by=manager, seen=1)
    assert codes(caught) == ["newer_revision"]


def test_what_was_made_is_a_file_of_a_new_revision(release, manager):
    row = made(release, manager)
    assert (row.state, row.revision) == ("made", 2)
    assert paths(release) == ["notes.txt", ARCHIVE, SBOM]
    newest = again(release).newest
    assert (newest.number, newest.made_by, newest.description) == (2, None, f"Generated {SBOM}")
    event = Event.objects.get(tag=Tag.SBOM_MADE)
    assert event.actor == ""
    assert event.facts["asked_by"] == manager.username
    assert event.facts["input"] == f"sha256:{row.input.sha256}"
    assert event.facts["output"] == f"sha256:{row.output.sha256}"
    assert Job.objects.filter(name="checks.run").count() == 2


def test_a_job_that_comes_twice_doubles_nothing(release, manager):
    row = made(release, manager)
    assert release.record_generated(row, make.blob("{}"), {})
    assert again(release).last_revision == 2
    assert not row.record_failed("Too late.")
    assert Event.objects.filter(tag=Tag.SBOM_MADE).count() == 1


def test_it_joins_whatever_was_uploaded_meanwhile(release, manager):
    row = release.generate_sbom(ARCHIVE, by=manager)
    release.add_files({"more.txt": make.blob("more")}, by=manager)
    assert release.record_generated(row, make.blob("{}"), {})
    assert row.revision == 3
    assert set(paths(release)) == {"more.txt", "notes.txt", ARCHIVE, SBOM}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda r, m: r.add_files({ARCHIVE: make.blob("other")}, by=m), "was replaced meanwhile"),
        (lambda r, m: r.delete_files([ARCHIVE], by=m), "was deleted or renamed"),
        (lambda r, m: r.add_files({SBOM: make.blob("mine")}, by=m), "is left as it is"),
    ],
)
def test_a_draft_that_has_changed_refuses_it_and_says_why(release, manager, change, problem):
    row = release.generate_sbom(ARCHIVE, by=manager)
    change(release, manager)
    before = paths(release)
    assert not release.record_generated(row, make.blob("{}"), {})
    row.refresh_from_db()
    assert row.state == "failed"
    assert problem in row.problem
    assert paths(release) == before
    assert problem in Event.objects.get(tag=Tag.SBOM_FAILED).facts["problem"]


def test_a_vote_that_began_meanwhile_keeps_its_files():
    release = make.candidate(make.project("other"), files={ARCHIVE: "bytes"})
    row = release.generate_sbom(ARCHIVE, by=make.member(release))
    make.vote(release)
    assert not again(release).record_generated(row, make.blob("{}"), {})
    assert "frozen" in Generated.objects.get().problem


def test_a_draft_that_is_full_says_so(release, manager, settings):
    row = release.generate_sbom(ARCHIVE, by=manager)
    settings.MAX_FILES = 2
    assert not release.record_generated(row, make.blob("{}"), {})
    row.refresh_from_db()
    assert (row.state, row.output, row.revision) == ("failed", None, None)
    assert "at most 2 files" in row.problem
    assert release.last_revision == again(release).last_revision == 1


def test_an_archive_is_not_replaced_below_what_was_generated_from_it(release, manager):
    made(release, manager)
    with pytest.raises(NotReady, match="generate it anew") as caught:
        release.add_files({ARCHIVE: make.blob("other")}, by=manager)
    assert codes(caught) == ["regenerate"]
    assert again(release).last_revision == 2
    release.delete_files([SBOM], by=manager)
    release.add_files({ARCHIVE: make.blob("other")}, by=manager)
    assert made(again(release), manager, "{ }").state == "made"


def test_both_may_be_replaced_together_and_renamed_and_deleted(release, manager):
    made(release, manager)
    release.rename_file(ARCHIVE, "tool-1.0-src.tar.gz", by=manager)
    assert "tool-1.0-src.tar.gz.cdx.json" in paths(release)
    release.rename_file("tool-1.0-src.tar.gz", ARCHIVE, by=manager)
    release.add_files({ARCHIVE: make.blob("other"), SBOM: make.blob("mine")}, by=manager)
    release.delete_files([ARCHIVE], by=manager)
    assert paths(release) == ["notes.txt"]


def test_no_way_leads_to_a_bill_of_materials_of_another_file(release, manager):
    release.add_files({"other.zip": make.blob("zip")}, by=manager)
    made(release, manager)
    with pytest.raises(NotReady, match="generated from"):
        release.rename_file(SBOM, "other.zip.cdx.json", by=manager)
