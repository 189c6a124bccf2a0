"""Verbs that put a draft in order: names, checksums, tags."""

import hashlib
import os
import subprocess

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from projects.models import User
from projects.roles import Role
from releases.models import Release, Revision
from releases.models.tidying import is_download
from tests import make
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, NotReady, Stale, Unchanged

pytestmark = pytest.mark.django_db

OLD, NEW = "tool-1.0-rc1.tar.gz", "tool-1.0.tar.gz"
BYTES = "not really an archive"
SHA512 = hashlib.sha512(BYTES.encode()).hexdigest()


@pytest.fixture
def person() -> User:
    return make.user()


@pytest.fixture
def release(person: User) -> Release:
    made = make.release(
        files={
            OLD: BYTES,
            f"{OLD}.asc": "a signature",
            f"{OLD}.sha512": f"{SHA512} *{OLD}\n",
            "README": "words",
        }
    )
    made.committee.add_member(person, Role.PARTICIPANT, by=make.member(made.project))
    return made


def held(revision: Revision | None) -> dict[str, str]:
    assert revision is not None
    return {each.path: b"".join(each.blob.stream()).decode() for each in revision.entries}


class TestNames:
    def test_candidate_tags_go_and_every_other_byte_stays(self, release, person) -> None:
        revision = release.strip_candidate_tags(by=person, seen=1)
        assert held(revision) == {
            NEW: BYTES,
            f"{NEW}.asc": "a signature",
            f"{NEW}.sha512": f"{SHA512}  {NEW}\n",
            "README": "words",
        }
        assert revision.description == "Took release-candidate tags out of 3 names"
        assert Event.objects.filter(tag=Tag.REVISION_MADE).latest("pk").facts["revision"] == 2

    def test_restoring_the_revision_before_undoes_it(self, release, person) -> None:
        before = held(release.newest)
        release.strip_candidate_tags(by=person)
        assert held(release.restore_revision(1, by=person)) == before

    @pytest.mark.parametrize(
        "content",
        [
            f"{'0' * 128}  {OLD}\n",  # of other bytes
            f"{SHA512}\n",
            f"{SHA512}  other.zip\n",
            f"{SHA512}  {OLD}\n{SHA512}  other.zip\n",
            "\xff" * 5000,
        ],
    )
    def test_a_checksum_that_says_anything_else_is_left_as_it_is(
        self, release, person, content: str
    ) -> None:
        release.add_files({f"{OLD}.sha512": make.blob(content)}, by=person)
        assert held(release.strip_candidate_tags(by=person))[f"{NEW}.sha512"] == content

    def test_a_checksum_that_somebody_has_signed_is_left_as_it_is(self, release, person) -> None:
        before = held(release.newest)[f"{OLD}.sha512"]
        release.add_files({f"{OLD}.sha512.asc": make.blob("signed")}, by=person)
        assert held(release.strip_candidate_tags(by=person))[f"{NEW}.sha512"] == before

    def test_names_that_are_taken_are_refused_all_at_once(self, release, person) -> None:
        release.add_files({NEW: make.blob("1"), f"{NEW}.asc": make.blob("2")}, by=person)
        with pytest.raises(NotReady, match=f"{NEW} exists already") as refused:
            release.strip_candidate_tags(by=person)
        assert len(refused.value.obstacles) == 2
        assert release.revisions.count() == 2

    def test_without_such_a_name_nothing_changes(self, person) -> None:
        release = make.release(files={"a": "1"})
        with pytest.raises(Unchanged):
            release.strip_candidate_tags(by=make.member(release))

    def test_files_move_into_a_folder_and_back(self, release, person) -> None:
        before = held(release.newest)
        revision = release.move_files([OLD], "source", by=person, seen=1)
        assert set(held(revision)) == {
            "README",
            *(f"source/{path}" for path in before if path[0] == "t"),
        }
        assert revision.description == "Moved 3 files to source"
        assert (
            held(release.move_files(["source"], "deep", by=person))["deep/source/" + OLD] == BYTES
        )
        assert held(release.move_files([f"deep/source/{OLD}"], "", by=person)) == before

    @pytest.mark.parametrize("act", ["strip_candidate_tags", "move_files", "generate_checksums"])
    def test_another_revision_than_the_one_looked_at_is_refused(self, release, person, act) -> None:
        args = {"move_files": (["README"], "x"), "generate_checksums": (["README"],)}.get(act, ())
        with pytest.raises(NotReady, match="Revision 1 has appeared"):
            getattr(release, act)(*args, by=person, seen=9)

    @pytest.mark.parametrize(
        ("act", "args"),
        [
            ("strip_candidate_tags", ()),
            ("move_files", (["README"], "x")),
            ("generate_checksums", (["README"],)),
            ("tag_revision", (1, "rc1")),
        ],
    )
    def test_strangers_and_frozen_files_are_refused(self, release, person, act, args) -> None:
        with pytest.raises(PermissionDenied):
            getattr(release, act)(*args, by=make.user())
        frozen = make.vote().release
        path = frozen.newest.entries.first().path
        args = tuple([path] if each == ["README"] else each for each in args)
        with pytest.raises(NotReady, match="are frozen"):
            getattr(frozen, act)(*args, by=make.member(frozen))


class TestChecksums:
    def test_sha512sum_accepts_what_is_made(self, release, person, tmp_path) -> None:
        release.delete_files([f"{OLD}.sha512"], by=person)
        revision = release.generate_checksums([OLD, "README"], by=person, seen=2)
        files = held(revision)
        assert revision.description == "Generated 2 checksums"
        for path in (OLD, f"{OLD}.sha512", "README", "README.sha512"):
            (tmp_path / path).write_text(files[path])
        subprocess.run(
            ["sha512sum", "--strict", "-c", f"{OLD}.sha512", "README.sha512"],
            cwd=tmp_path,
            check=True,
            env=dict(os.environ),
        )

    def test_in_a_folder_it_names_the_file_alone(self, release, person) -> None:
        release.add_files({"docs/a.zip": make.blob("a")}, by=person)
        made = held(release.generate_checksums(["docs/a.zip"], by=person))["docs/a.zip.sha512"]
        assert made.split()[1] == "a.zip"

    @pytest.mark.parametrize(
        ("path", "why"),
        [
            (OLD, "is there already"),
            (f"{OLD}.asc", "needs no checksum"),
            ("other", "There is no file other"),
        ],
    )
    def test_what_cannot_have_one_is_refused(self, release, person, path: str, why: str) -> None:
        with pytest.raises(BadInput, match=why):
            release.generate_checksums([path], by=person)
        with pytest.raises(BadInput, match="at least one"):
            release.generate_checksums([], by=person)
        assert release.revisions.count() == 1

    def test_a_file_that_was_replaced_in_the_same_moment_is_not_given_the_old_sum(
        self, release, person, monkeypatch
    ) -> None:
        other = Release.objects.get(pk=release.pk)
        plain = Release._files

        def replaced_meanwhile(self, number=None):
            monkeypatch.setattr(Release, "_files", plain)
            found = plain(self, number)
            other.add_files({"README": make.blob("other words")}, by=person)
            return found

        monkeypatch.setattr(Release, "_files", replaced_meanwhile)
        with pytest.raises(Stale, match="changed meanwhile"):
            release.generate_checksums(["README"], by=person)


class TestTags:
    def test_a_revision_gets_a_name_for_good(self, release, person) -> None:
        revision = release.tag_revision(1, " rc1 ", by=person)
        assert release.revisions.get(number=1).tag == revision.tag == "rc1"
        event = Event.objects.latest("pk")
        assert (event.tag, event.facts["label"]) == (Tag.REVISION_TAGGED, "rc1")
        with pytest.raises(Unchanged):
            release.tag_revision(1, "rc1", by=person)
        with pytest.raises(Stale, match="tags never change"):
            release.tag_revision(1, "rc2", by=person)

    def test_no_two_revisions_of_a_release_share_one(self, release, person) -> None:
        release.add_files({"x": make.blob("x")}, by=person)
        release.tag_revision(1, "rc1", by=person)
        with pytest.raises(BadInput, match="Revision 1 is tagged rc1"):
            release.tag_revision(2, "rc1", by=person)
        with pytest.raises(IntegrityError), transaction.atomic():
            release.revisions.filter(number=2).update(tag="rc1")
        other = make.release(release.project, files={"a": "1"}, by=make.member(release.project))
        assert other.tag_revision(1, "rc1", by=person).tag == "rc1"

    @pytest.mark.parametrize("tag", ["", "a b", "ä", "a/b", "x" * 257, "a\n", "<b>"])
    def test_odd_tags_are_refused(self, release, person, tag: str) -> None:
        if tag == "a\n":
            tag = "a\nb"
        with pytest.raises(BadInput, match="A tag has"):
            release.tag_revision(1, tag, by=person)

    def test_a_revision_that_is_not_there_is_refused(self, release, person) -> None:
        with pytest.raises(BadInput, match="no revision 7"):
            release.tag_revision(7, "rc1", by=person)


def test_what_people_download_is_known_by_its_name() -> None:
    assert is_download("a.TAR.GZ")
    assert is_download("a.deb")
    assert not is_download("README")
