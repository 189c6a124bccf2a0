"""Bringing the voted files into the download area, and every way in which it must not end."""

import json
import shutil
import subprocess
import threading
from pathlib import Path

import pytest
from django.core.files.storage import storages
from django.db import connection, connections

from projects.models import Project
from releases import manifest, publishing
from releases.models import Blob, Entry, Publication, Release
from releases.phases import Phase
from releases.publishing import Impossible, materialise
from tests import make
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.ledger.worker import run_pending
from trusted_releases.lib.errors import NotReady

pytestmark = pytest.mark.django_db

FILES = {"apache-x-1.0.tar.gz": b"\x00\xff" * 700_000, "docs/readme.txt": "read me\n", "empty": ""}


@pytest.fixture(autouse=True)
def area():
    root = Path(storages["downloads"].location)
    shutil.rmtree(root, ignore_errors=True)
    yield root
    shutil.rmtree(root, ignore_errors=True)


@pytest.fixture
def publication() -> Publication:
    return make.publication(make.passed(make.candidate(files=FILES)))


def published(home: Path) -> dict[str, bytes]:
    """The files of a release as they lie there, without the proof."""
    found = {str(path.relative_to(home)): path for path in home.rglob("*") if path.is_file()}
    return {
        name: path.read_bytes() for name, path in found.items() if not name.startswith("_proof/")
    }


def expected() -> dict[str, bytes]:
    return {
        name: content.encode() if isinstance(content, str) else content
        for name, content in FILES.items()
    }


def put_in_place(home: Path, name: str, content: bytes = b"foreign") -> Path:
    path = home / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path


def blob_file(blob: Blob) -> Path:
    path = Path(storages["blobs"].path(blob.name))
    path.chmod(0o644)
    return path


def test_what_was_voted_is_what_lies_there(publication, area) -> None:
    told: list[tuple[int, int]] = []
    location = materialise(publication, lambda *done: told.append(done))
    home = area / location
    release = publication.release
    assert location == f"{release.committee.slug}/{release.project.slug}/{release.version}"
    assert published(home) == expected()
    assert all(path.stat().st_mode & 0o777 == 0o444 for path in home.rglob("*") if path.is_file())
    size = sum(len(content) for content in expected().values())
    assert told[-1] == (size, publication.release.voted.file_count)
    assert [files for _, files in told] == list(range(1, len(told) + 1))
    assert not list((area / ".staging").iterdir())


def test_the_proof_says_what_was_voted_and_how(publication, area) -> None:
    home = area / materialise(publication)
    proof = home / "_proof"
    assert "sha256:" + publishing.digest_of([(proof / "manifest.json").read_bytes()]).sha256 == (
        publication.manifest_digest
    )
    vote = json.loads((proof / "vote.json").read_bytes())
    assert vote["manifest"] == publication.manifest_digest
    assert vote["tally"]["binding"]["for_it"] == 3
    said = subprocess.run(
        ["sha512sum", "--strict", "-c", "_proof/SHA512SUMS"],
        cwd=home,
        capture_output=True,
        text=True,
        check=True,
    )
    assert said.stdout.count(": OK") == len(FILES)
    assert (proof / "KEYS").read_bytes() == (home.parent.parent / "KEYS").read_bytes()


def test_publishing_again_reads_back_and_changes_nothing(publication, area) -> None:
    home = area / materialise(publication)
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
    assert area / materialise(publication) == home
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == before


def test_a_damaged_blob_is_never_published(publication, area) -> None:
    blob = Entry.objects.get(path="docs/readme.txt").blob
    blob_file(blob).write_bytes(b"read ME\n")
    with pytest.raises(Impossible, match=f"Restore blob {blob.sha256} from a backup"):
        materialise(publication)
    assert not (area / publishing.location_of(publication.release)).exists()
    blob_file(blob).write_bytes(b"read me\n")
    assert published(area / materialise(publication)) == expected()


def test_a_lost_blob_is_said_to_be_lost(publication, area) -> None:
    blob = Entry.objects.get(path="docs/readme.txt").blob
    blob_file(blob).unlink()
    with pytest.raises(Impossible, match=r"docs/readme.txt cannot be read from the blob store"):
        materialise(publication)
    assert not (area / publishing.location_of(publication.release)).exists()


@pytest.mark.parametrize("change", ["path", "blob", "gone", "more", "digest"])
def test_a_database_changed_from_outside_publishes_nothing(publication, area, change) -> None:
    entries = Entry.objects.filter(path="docs/readme.txt")
    if change == "path":
        entries.update(path="docs/evil.txt")
    elif change == "blob":
        entries.update(blob=make.blob("evil"))
    elif change == "gone":
        entries.delete()
    elif change == "more":
        Entry.objects.create(release=publication.release, path="x", blob=make.blob("evil"), since=1)
    else:
        Blob.objects.filter(entries__in=entries).update(sha256="0" * 64)
    with pytest.raises(Impossible, match="database was changed from outside"):
        materialise(publication)
    assert not area.exists() or not any(area.iterdir())


@pytest.mark.parametrize("name", ["foreign.txt", "docs/readme.txt", "docs/more.txt"])
def test_other_files_in_the_place_are_refused_and_kept(publication, area, name: str) -> None:
    home = area / publishing.location_of(publication.release)
    foreign = put_in_place(home, name)
    with pytest.raises(Impossible, match="Nothing was overwritten"):
        materialise(publication)
    assert [path for path in home.rglob("*") if path.is_file()] == [foreign]
    assert foreign.read_bytes() == b"foreign"


def test_a_file_that_changed_after_it_was_published_is_noticed(publication, area) -> None:
    home = area / materialise(publication)
    changed = home / "docs/readme.txt"
    changed.chmod(0o644)
    changed.write_bytes(b"read ME\n")
    with pytest.raises(Impossible, match="is not the voted file: its digest differs"):
        materialise(publication)
    assert changed.read_bytes() == b"read ME\n"


def test_a_link_is_no_published_file(publication, area, tmp_path) -> None:
    home = area / materialise(publication)
    (tmp_path / "elsewhere").write_bytes(b"read me\n")
    (home / "docs/readme.txt").unlink()
    (home / "docs/readme.txt").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(Impossible, match="does not belong"):
        materialise(publication)


def test_what_a_killed_attempt_left_behind_is_cleared(publication, area) -> None:
    dead = put_in_place(area / ".staging" / f"{publication.pk}-dead", "half")
    (area / ".staging" / f"{publication.pk}-dead.lock").touch()
    materialise(publication)
    assert not dead.exists()
    assert not (area / ".staging" / f"{publication.pk}-dead.lock").exists()


def test_an_attempt_that_is_alive_keeps_its_place(publication, area) -> None:
    with publishing.Area(area).staging(publication) as alive:
        (alive / "half").write_text("half")
        materialise(publication)
        assert (alive / "half").exists()
    assert not alive.exists()


def test_a_faster_attempt_wins_and_the_slower_one_ends_well(publication, area, monkeypatch) -> None:
    """The other one places everything, and clears up, while this one is still writing."""
    steps: list[str] = []

    def interrupted(step: str) -> None:
        steps.append(step)
        if step == "stage docs/readme.txt" and steps.count(step) == 1:
            materialise(Publication.objects.get(pk=publication.pk))

    monkeypatch.setattr(publishing, "checkpoint", interrupted)
    assert published(area / materialise(publication)) == expected()
    assert not list((area / ".staging").iterdir())


def test_a_full_disk_is_no_verdict_and_leaves_nothing_public(publication, area, monkeypatch):
    def full(step: str) -> None:
        if step == "stage _proof/KEYS":
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(publishing, "checkpoint", full)
    with pytest.raises(OSError, match="No space left"):
        materialise(publication)
    assert not list((area / ".staging").iterdir())  # or the disk would stay full
    monkeypatch.undo()
    assert not (area / publishing.location_of(publication.release)).exists()
    assert published(area / materialise(publication)) == expected()


def test_a_release_that_is_public_cannot_be_published_again(publication) -> None:
    publication.record_published(materialise(publication))
    release = publication.release
    with pytest.raises(NotReady) as refused:
        release.publish(by=make.member(release))
    assert [each.code for each in refused.value.obstacles] == ["published"]
    assert release.phase == Phase.FINISH


@pytest.mark.django_db(transaction=True)
def test_one_job_delivered_twice_at_once_publishes_once(publication, area) -> None:
    start, errors = threading.Barrier(2), []

    def work() -> None:
        try:
            start.wait()
            mine = Publication.objects.select_related("release").get(pk=publication.pk)
            mine.record_published(materialise(mine))
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    connection.close()
    assert errors == []
    publication.refresh_from_db()
    assert publication.state == Publication.State.DONE
    assert published(area / publication.location) == expected()
    assert Event.objects.filter(tag=Tag.RELEASE_PUBLISHED).count() == 1
    assert not list((area / ".staging").iterdir())


def test_the_lines_of_the_manifest_are_those_of_the_candidate(publication) -> None:
    lines = publishing.voted_lines(publication)
    assert manifest.digest(lines) == publication.manifest_digest
    assert sorted(line.path for line in lines) == sorted(FILES)


def test_a_large_file_is_told_while_it_is_written(publication, area, monkeypatch) -> None:
    monkeypatch.setattr(publishing, "TOLD_EVERY", 1)
    told: list[tuple[int, int]] = []
    materialise(publication, lambda *done: told.append(done))
    assert told == sorted(told)
    assert (told[0][1], told[-1][1]) == (0, publication.release.voted.file_count)


def hold(publication: Publication) -> None:
    project = Project.objects.get(pk=publication.project.pk)
    project.hold(by=make.staff("security officer"), reason="A key was stolen.")


@pytest.mark.django_db(transaction=True)  # what a job writes before it gives up is kept
def test_a_project_that_is_held_after_it_was_asked_for_goes_no_further(publication, area) -> None:
    hold(publication)
    run_pending()
    publication.refresh_from_db()
    assert publication.state == Publication.State.FAILED
    assert "is held since" in publication.error
    assert not (area / publishing.location_of(publication.release)).exists()
    officer = make.staff("security officer")
    Project.objects.get().unhold(by=officer, reason="The key was replaced.")
    Release.objects.get().publish(by=make.member(publication.project))
    run_pending()
    publication.refresh_from_db()
    assert publication.state == Publication.State.DONE


def test_what_lies_in_place_when_a_project_is_held_is_recorded(publication, area) -> None:
    materialise(publication)  # and then the worker dies
    hold(publication)
    run_pending()
    publication.refresh_from_db()
    assert publication.state == Publication.State.DONE
