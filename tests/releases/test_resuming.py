"""Uploads in parts: begun, sent in any order and any number of times, ended once."""

import hashlib
from functools import partial
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.utils.timezone import now

from projects.models import User
from projects.roles import Role
from releases import assembling, resuming
from releases.expecting import Wanted
from releases.models import Blob, OpenUpload, Release, Revision, Way
from tests import make
from tests.test_races import at_once, fresh
from trusted_releases.ledger.models import Event
from trusted_releases.lib.errors import BadInput, NotReady

pytestmark = pytest.mark.django_db

PART = 10
CONTENT = b"0123456789abcdefghijXYZ"  # two parts, and a shorter third


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


@pytest.fixture(autouse=True)
def small_parts(settings: Any) -> None:
    settings.UPLOAD_PART_SIZE = PART


@pytest.fixture
def release() -> Release:
    return make.release(make.project("tool"), version="1.0", files={"a.txt": "a"})


@pytest.fixture
def member(release: Release) -> Any:
    return make.member(release)


def wanted(content: bytes = CONTENT, path: str = "b.bin", *, told: bool = True) -> Wanted:
    return Wanted(path, len(content), sha(content) if told else "")


def begin(release: Release, by: Any, *files: Wanted, **more: Any) -> OpenUpload:
    return resuming.begin(release, files or (wanted(),), by=by, way=Way.PAGE, **more)


def put(upload: OpenUpload, by: Any, *parts: int, content: bytes = CONTENT, file: int = 0) -> None:
    for part in parts:
        piece = content[part * PART : part * PART + PART]
        resuming.put(upload, file, part * PART, sha(piece), BytesIO(piece), by=by)


def present(upload: OpenUpload) -> list[tuple[int, ...]]:
    return [each.present for each in resuming.progress_of(upload, upload.begun_by)]


def bytes_of(release: Release, path: str = "b.bin") -> bytes:
    release.refresh_from_db()
    return b"".join(release.newest.entries.get(path=path).blob.stream())


class Counted(BytesIO):
    """A body that knows whether anybody has read of it."""

    taken = 0

    def read(self, size: int | None = -1, /) -> bytes:
        block = super().read(size)
        self.taken += len(block)
        return block


class TestPutting:
    def test_parts_in_any_order_become_the_file(self, release, member):
        upload = begin(release, member)
        put(upload, member, 2, 0, 1)
        made = assembling.finish(upload, by=member)
        assert isinstance(made, Revision)
        assert bytes_of(release) == CONTENT
        assert not upload.folder.exists()

    def test_nothing_is_part_of_the_release_before_the_end(self, release, member):
        put(begin(release, member), member, 0, 1, 2)
        release.refresh_from_db()
        assert release.last_revision == 1
        assert not Blob.objects.filter(sha256=sha(CONTENT)).exists()

    def test_a_part_that_is_here_is_not_read_again(self, release, member):
        upload = begin(release, member)
        body = Counted(CONTENT[:PART])
        args = (upload, 0, 0, sha(CONTENT[:PART]))
        assert resuming.put(*args, body, by=member) is True
        assert body.taken == PART
        again = Counted(CONTENT[:PART])
        assert resuming.put(*args, again, by=member) is False
        assert again.taken == 0

    @pytest.mark.parametrize(
        ("offset", "piece"),
        [(5, b"x" * 10), (30, b"x" * 10), (-10, b"x" * 10), (0, b"x" * 9), (20, b"x" * 10)],
        ids=["within a part", "behind the end", "before the beginning", "too short", "too long"],
    )
    def test_what_is_no_part_of_the_file_is_refused(self, release, member, offset, piece):
        upload = begin(release, member)
        with pytest.raises(BadInput):
            resuming.put(upload, 0, offset, sha(piece), BytesIO(piece), by=member)
        assert present(upload) == [()]

    def test_of_a_part_that_never_ends_one_byte_too_many_is_read(self, release, member):
        upload, body = begin(release, member), Counted(b"x" * 1000)
        with pytest.raises(BadInput):
            resuming.put(upload, 0, 0, sha(b"x" * 1000), body, by=member)
        assert body.taken == PART + 1
        assert list(upload.folder.iterdir()) == []

    def test_bytes_that_are_not_what_their_digest_says_are_thrown_away(self, release, member):
        upload = begin(release, member)
        with pytest.raises(BadInput, match="not what its digest says"):
            resuming.put(upload, 0, 0, sha(b"other"), BytesIO(CONTENT[:PART]), by=member)
        assert list(upload.folder.iterdir()) == []

    def test_a_file_that_is_not_of_the_upload_is_refused(self, release, member):
        upload = begin(release, member)
        with pytest.raises(BadInput, match="no file 1"):
            put(upload, member, 0, file=1)

    def test_of_two_claims_for_one_place_the_later_counts(self, release, member):
        upload = begin(release, member, wanted(told=False))
        put(upload, member, 0, content=b"z" * PART)
        put(upload, member, 0, 1, 2)
        assembling.finish(upload, by=member)
        assert bytes_of(release) == CONTENT

    def test_where_two_lie_at_one_place_it_counts_as_missing_and_can_be_mended(
        self, release, member
    ):
        upload = begin(release, member)
        put(upload, member, 0, 1, 2)
        (upload.folder / f"0-0-{sha(b'y' * PART)}").write_bytes(b"y" * PART)
        assert present(upload) == [(1, 2)]
        put(upload, member, 0)
        assert present(upload) == [(0, 1, 2)]


class TestWho:
    def test_nobody_else_finds_it(self, release, member):
        upload = begin(release, member)
        assert resuming.find(upload.key, member) == upload
        assert resuming.find(upload.key, make.member(release)) is None
        assert resuming.find("x" * 5000, member) is None

    def test_who_may_not_change_files_begins_none(self, release):
        stranger = make.user(is_committer=True)
        with pytest.raises(PermissionDenied):
            begin(release, stranger)
        assert Event.objects.get(refused=True).facts["verb"] == "begin_upload"
        assert not OpenUpload.objects.exists()

    def test_who_has_lost_the_right_meanwhile_sends_and_ends_nothing(self, release, member):
        upload = begin(release, member)
        put(upload, member, 0, 1, 2)
        member.memberships.all().delete()
        member = User.objects.get(pk=member.pk)
        with pytest.raises(PermissionDenied):
            put(upload, member, 0)
        with pytest.raises(PermissionDenied):
            assembling.finish(upload, by=member)

    def test_files_at_the_vote_take_no_part(self, member, release):
        make.checked(release.newest)
        upload = begin(release, member)
        make.vote(release)
        upload = resuming.find(upload.key, member)
        for act in (lambda: put(upload, member, 0), lambda: assembling.finish(upload, by=member)):
            with pytest.raises(NotReady, match="frozen"):
                act()

    def test_a_participant_may(self, release):
        person = make.member(release.project, Role.PARTICIPANT)
        upload = begin(release, person)
        put(upload, person, 0, 1, 2)
        assert assembling.finish(upload, by=person)


class TestKnown:
    """What the store has is not sent; and nobody learns what they may not read."""

    def test_what_the_person_can_read_is_known_and_need_not_be_sent(self, release, member):
        make.release(release.project, by=member, files={"x": CONTENT})
        upload = begin(release, member)
        assert [each.known for each in resuming.progress_of(upload, member)] == [True]
        assembling.finish(upload, by=member)
        assert bytes_of(release) == CONTENT

    def test_a_draft_of_others_is_no_answer_to_who_has_its_digest(self, release, member):
        make.release(files={"secret.bin": CONTENT})
        upload = begin(release, member)
        assert [each.known for each in resuming.progress_of(upload, member)] == [False]
        with pytest.raises(NotReady, match="missing"):
            assembling.finish(upload, by=member)

    def test_a_digest_with_another_size_is_not_known(self, release, member):
        make.release(release.project, by=member, files={"x": CONTENT})
        upload = begin(release, member, Wanted("b.bin", 5, sha(CONTENT)))
        assert [each.known for each in resuming.progress_of(upload, member)] == [False]

    def test_what_can_no_longer_be_read_is_to_be_sent(self, release, member):
        elsewhere = make.release(files={"x": CONTENT})
        role = make.member(elsewhere, username="both")
        make_member_of(release, role)
        upload = begin(release, role)
        assert [each.known for each in resuming.progress_of(upload, role)] == [True]
        role.memberships.filter(committee=elsewhere.committee).delete()
        role = User.objects.get(pk=role.pk)
        with pytest.raises(NotReady, match="missing"):
            assembling.finish(upload, by=role)


def make_member_of(release: Release, person: Any) -> None:
    release.committee.memberships.create(user=person, role=Role.MEMBER)


class TestGoingOn:
    def test_the_same_files_go_on_where_they_were_cut(self, release, member):
        first = begin(release, member)
        put(first, member, 0, 2)
        again = begin(release, member)
        assert again == first
        assert present(again) == [(0, 2)]

    def test_without_digests_nothing_is_taken_for_the_same(self, release, member):
        one = begin(release, member, wanted(told=False))
        assert begin(release, member, wanted(told=False)) != one

    def test_with_a_file_more_what_was_sent_is_taken_over(self, release, member):
        put(begin(release, member), member, 0, 1)
        more = wanted(b"signature", "b.bin.asc")
        upload = begin(release, member, more, wanted())
        assert present(upload) == [(), (0, 1)]

    def test_nothing_is_taken_over_of_somebody_else(self, release, member):
        put(begin(release, member), member, 0, 1)
        assert present(begin(release, make.member(release))) == [()]

    def test_each_has_their_own(self, release, member):
        assert begin(release, member) != begin(release, make.member(release))

    def test_it_is_there_for_the_page_until_it_has_ended(self, release, member):
        upload = begin(release, member)
        assert resuming.open_to(release, member) == [upload]
        put(upload, member, 0, 1, 2)
        assembling.finish(upload, by=member)
        assert resuming.open_to(release, member) == []


def test_one_that_is_cancelled_while_it_is_begun_again_begins_anew(
    release, member, monkeypatch
) -> None:
    first = begin(release, member)
    monkeypatch.setattr(resuming, "now", lambda: (OpenUpload.objects.all().delete(), now())[1])
    second = begin(release, member)
    assert second.key != first.key
    assert present(second) == [()]


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_beginning_and_ending_at_once_wait_for_nothing_that_waits_for_them(settings) -> None:
    settings.MAX_OPEN_UPLOADS = 20
    release = make.release(files={"a.txt": "a"})
    by = make.member(release)
    begun = [
        partial(begin, fresh(release), by, wanted(b"%d" % each, f"{each}")) for each in range(10)
    ]
    ended = [
        partial(fresh(release).add_files, {f"y{each}": make.blob(f"{each}")}, by=by)
        for each in range(10)
    ]
    done, refused, _ = at_once([each for pair in zip(begun, ended, strict=True) for each in pair])
    assert (len(done), refused) == (20, [])
