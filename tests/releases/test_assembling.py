"""The end of uploads in parts: one revision of all files, once, or nothing and a reason."""

import pytest

from releases import assembling, resuming
from releases.expecting import Wanted
from releases.models import Arrival, Blob
from tests import make
from tests.archives import tar_gz
from tests.releases.test_resuming import (
    CONTENT,
    PART,
    begin,
    bytes_of,
    member,
    present,
    put,
    release,
    sha,
    small_parts,
    wanted,
)
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.worker import run_pending
from trusted_releases.lib.errors import BadInput, NotReady

pytestmark = pytest.mark.django_db

__all__ = ["member", "release", "small_parts"]  # fixtures


class TestFinishing:
    def test_what_is_missing_is_named_and_nothing_is_made(self, release, member):
        upload = begin(release, member)
        put(upload, member, 0, 2)
        with pytest.raises(NotReady, match=r"parts of b\.bin are missing"):
            assembling.finish(upload, by=member)
        assert present(upload) == [(0, 2)]

    def test_asked_twice_it_makes_one_revision(self, release, member):
        upload = begin(release, member)
        put(upload, member, 0, 1, 2)
        made = assembling.finish(upload, by=member)
        assert assembling.finish(resuming.find(upload.key, member), by=member) == made
        release.refresh_from_db()
        assert release.last_revision == 2

    def test_who_lost_the_race_to_the_end_gets_the_same_answer(self, release, member):
        one = begin(release, member)
        put(one, member, 0, 1, 2)
        two = resuming.find(one.key, member)
        assert assembling.finish(one, by=member) == assembling.finish(two, by=member)
        release.refresh_from_db()
        assert release.last_revision == 2

    def test_how_far_it_is_counts_what_is_here_already(self, release, member):
        known = wanted(b"a", "c.txt")  # the bytes of a.txt
        upload = begin(release, member, known, wanted())
        put(upload, member, 0, 1, 2, file=1)
        told: list[int] = []
        assembling.end(upload, by=member, told=told.append)
        assert upload.size == 24
        assert told[-1] == upload.size

    def test_an_archive_is_looked_into_first(self, release, member):
        content = tar_gz()
        upload = begin(release, member, wanted(content, "x-1.0-src.tar.gz"))
        put(upload, member, *range(-(-len(content) // PART)), content=content)
        made = assembling.finish(upload, by=member)
        assert isinstance(made, Arrival)
        assert assembling.finish(resuming.find(upload.key, member), by=member) == made
        run_pending()
        assert bytes_of(release, "x-1.0-src.tar.gz") == content

    def test_several_files_and_an_empty_one_are_one_revision(self, release, member):
        files = [wanted(), wanted(b"", "empty"), wanted(b"asc", "b.bin.asc")]
        upload = begin(release, member, *files)
        put(upload, member, 0, 1, 2)
        put(upload, member, 0, content=b"asc", file=2)
        made = assembling.finish(upload, by=member)
        assert made.file_count == 4
        assert made.description == "Uploaded 3 files"

    def test_a_file_that_is_not_what_it_was_said_to_be_is_refused(self, release, member):
        upload = begin(release, member, Wanted("b.bin", len(CONTENT), sha(b"else")))
        put(upload, member, 0, 1, 2)
        with pytest.raises(BadInput, match="not what its digest says"):
            assembling.finish(upload, by=member)
        assert not Blob.objects.filter(sha256=sha(CONTENT)).exists()

    def test_a_part_that_the_disk_has_damaged_is_to_be_sent_again(self, release, member):
        upload = begin(release, member)
        put(upload, member, 0, 1, 2)
        (upload.folder / f"0-1-{sha(CONTENT[10:20])}").write_bytes(b"damaged...")
        with pytest.raises(NotReady, match="missing"):
            assembling.finish(upload, by=member)
        assert present(upload) == [(0, 2)]
        put(upload, member, 1)
        assembling.finish(upload, by=member)
        assert bytes_of(release) == CONTENT

    def test_a_revision_that_nobody_expected_is_a_refusal_on_record(self, release, member):
        upload = begin(release, member, seen=1)
        put(upload, member, 0, 1, 2)
        release.add_files({"c.txt": make.blob("c")}, by=member)
        with pytest.raises(NotReady, match="Revision 2 has appeared"):
            assembling.finish(resuming.find(upload.key, member), by=member)
        assert Event.objects.get(refused=True).facts["verb"] == "receive"

    def test_what_others_have_changed_is_a_conflict_once_then_theirs_to_replace(
        self, release, member
    ):
        upload = begin(release, member)
        put(upload, member, 0, 1, 2)
        release.add_files({"b.bin": make.blob("other")}, by=make.member(release))
        with pytest.raises(NotReady, match="was changed by"):
            assembling.finish(upload, by=member)
        assert Event.objects.filter(refused=True).exists()
        release.refresh_from_db()
        again = begin(release, member)
        assert (again, present(again)) == (upload, [(0, 1, 2)])
        assembling.finish(again, by=member)
        assert bytes_of(release) == CONTENT
