"""Changing the files of a draft: each change is one revision, and no revision ever changes."""

import pytest
from django.core.exceptions import PermissionDenied

from projects.roles import Role
from releases.models import Entry, Release
from releases.phases import Outcome
from releases.renaming import with_companions
from tests import make
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, NotReady

pytestmark = pytest.mark.django_db


@pytest.fixture
def release() -> Release:
    return make.release()


@pytest.fixture
def person(release):
    return make.member(release, Role.PARTICIPANT)


def put(release, person, **files: str):
    """Add files whose names are given with `__` for a dot."""
    blobs = {name.replace("__", "."): make.blob(content) for name, content in files.items()}
    return release.add_files(blobs, by=person)


def held(revision) -> dict[str, str]:
    return {each.path: b"".join(each.blob.stream()).decode() for each in revision.entries}


def test_an_upload_makes_one_revision_and_its_checks_are_queued(release, person) -> None:
    revision = put(release, person, x__zip="1", x__zip__asc="sig")
    assert (revision.number, revision.file_count, revision.total_size) == (1, 2, 4)
    assert revision.description == "Uploaded 2 files"
    event = Event.objects.get(tag=Tag.REVISION_MADE)
    assert (event.actor, event.facts["manifest"]) == (person.username, revision.manifest_digest)
    job = Job.objects.get()
    assert (job.name, job.args, job.release) == (
        "checks.run",
        {"event": event.pk},
        str(release.pk),
    )


def test_a_second_upload_joins_the_first_and_replaces_what_has_its_name(release, person) -> None:
    first = put(release, person, a="1", b="1")
    second = put(release, person, b="2", c="2")
    assert held(second) == {"a": "1", "b": "2", "c": "2"}
    assert held(first) == {"a": "1", "b": "1"}


def test_two_people_who_saw_the_same_revision_both_get_their_files_in(release) -> None:
    one, other = (Release.objects.get(pk=release.pk) for _ in range(2))
    put(one, make.member(release), a="1")
    revision = put(other, make.member(release), b="2")
    assert revision.number == 2
    assert held(revision) == {"a": "1", "b": "2"}


def test_the_same_bytes_again_change_nothing(release, person) -> None:
    put(release, person, a="1")
    for files in ({"a": make.blob("1")}, {}):
        with pytest.raises(BadInput, match="Nothing changes"):
            release.add_files(files, by=person)
    assert release.revisions.count() == Entry.objects.count() == 1


def test_a_file_goes_with_its_signatures_and_checksums(release, person) -> None:
    names = ("x__tar", "x__tar__asc", "x__tar__SHA512", "x__tar__asc__sha512", "x__tar__gz")
    put(release, person, **dict.fromkeys(names, "."))
    revision = release.delete_files(["x.tar"], by=person)
    assert set(held(revision)) == {"x.tar.gz"}
    assert revision.description == "Deleted 4 files"
    assert release.delete_files(["x.tar.gz"], by=person).description == "Deleted x.tar.gz"


@pytest.mark.parametrize("other", ["x.zip.txt", "x.zip2.asc", "y/x.zip.asc", "x.zip.asc/z"])
def test_files_that_only_begin_alike_stay(other: str) -> None:
    assert with_companions(["x.zip"], {"x.zip": None, other: None}) == ["x.zip"]  # type: ignore[dict-item]


def test_what_is_not_there_cannot_be_deleted_or_renamed(release, person) -> None:
    put(release, person, a="1")
    for act in (
        lambda: release.delete_files(["a", "b"], by=person),
        lambda: release.rename_file("b", "c", by=person),
    ):
        with pytest.raises(BadInput, match="There is no file b in this revision"):
            act()
    assert held(release.newest) == {"a": "1"}


def test_a_file_is_renamed_with_what_belongs_to_it(release, person) -> None:
    put(release, person, x__zip="1", x__zip__asc="2", y="3")
    revision = release.rename_file("x.zip", "d/z.zip", by=person)
    assert held(revision) == {"d/z.zip": "1", "d/z.zip.asc": "2", "y": "3"}
    assert revision.description == "Renamed x.zip to d/z.zip"


def test_a_file_may_take_the_name_of_its_own_signature(release, person) -> None:
    put(release, person, x="1", x__asc="2")
    assert held(release.rename_file("x", "x.asc", by=person)) == {"x.asc": "1", "x.asc.asc": "2"}


@pytest.mark.parametrize(
    ("to", "sentence"),
    [
        ("y", "y exists already"),
        ("../x", "is not allowed"),
        ("x", "Nothing changes"),
        ("Y", "differ in case only"),
        ("y/x", "y is a file"),
        ("n" * 255, "longer than 255"),
    ],
)
def test_a_name_that_cannot_be_is_refused(release, person, to: str, sentence: str) -> None:
    put(release, person, x="1", x__asc="2", y="3")
    with pytest.raises(BadInput, match=sentence):
        release.rename_file("x", to, by=person)
    assert release.revisions.count() == 1


def test_an_earlier_revision_comes_back_as_a_new_one(release, person) -> None:
    first = put(release, person, a="1", b="1")
    put(release, person, b="2")
    release.delete_files(["a"], by=person)
    revision = release.restore_revision(1, by=person)
    assert revision.number == 4
    assert revision.manifest_digest == first.manifest_digest
    assert held(revision) == {"a": "1", "b": "1"}
    with pytest.raises(BadInput, match="has no revision 9"):
        release.restore_revision(9, by=person)


def test_the_same_content_has_the_same_manifest_in_other_releases(release, person) -> None:
    other = make.release(files={"b": "2", "a": "1"})
    put(release, person, a="1")
    assert put(release, person, b="2").manifest_digest == other.newest.manifest_digest


def test_names_that_differ_in_case_only_are_one_file_on_many_systems(release, person) -> None:
    put(release, person, readme="1")
    with pytest.raises(BadInput, match="differ in case only"):
        put(release, person, README="1")


@pytest.mark.parametrize("below", ["a/b", "A/b", "a/b/c"])
def test_nothing_lies_below_a_file(release, person, below: str) -> None:
    put(release, person, a="1")
    with pytest.raises(BadInput, match=r"a is a file, so .* cannot lie below it"):
        release.add_files({below: make.blob("2")}, by=person)


@pytest.mark.parametrize(
    ("name", "limit", "sentence"),
    [
        ("MAX_FILES", 2, "at most 2 files; this has 3"),
        ("MAX_REVISION_SIZE", 5, "at most 5 bytes together; these take 6"),
    ],
)
def test_the_limits_are_those_of_the_whole_set(
    release, person, settings, name: str, limit: int, sentence: str
) -> None:
    setattr(settings, name, limit)
    put(release, person, a="11")
    with pytest.raises(BadInput, match=sentence):
        put(release, person, b="22", c="33")
    assert held(release.newest) == {"a": "11"}


def test_a_bad_name_is_refused_on_every_way_in(release, person) -> None:
    with pytest.raises(BadInput, match="is not allowed"):
        release.add_files({"../x": make.blob()}, by=person)


def test_who_looked_at_an_older_revision_is_told(release, person) -> None:
    put(release, person, a="1", b="2")
    put(release, person, c="3")
    acts = (
        lambda: release.delete_files(["a"], by=person, seen=1),
        lambda: release.rename_file("a", "z", by=person, seen=1),
        lambda: release.restore_revision(1, by=person, seen=1),
        lambda: release.delete_draft(by=person, seen=1),
    )
    for act in acts:
        with pytest.raises(NotReady, match="Revision 2 has appeared since") as refused:
            act()
        assert [each.code for each in refused.value.obstacles] == ["newer_revision"]
    assert release.delete_files(["a"], by=person, seen=2).number == 3


def acts_on(release: Release, by) -> list:
    return [
        lambda: release.add_files({"new": make.blob("n")}, by=by),
        lambda: release.delete_files(["apache-x-1.0.tar.gz"], by=by),
        lambda: release.rename_file("apache-x-1.0.tar.gz", "z", by=by),
        lambda: release.restore_revision(1, by=by),
        lambda: release.delete_draft(by=by),
    ]


def test_files_are_frozen_from_the_vote_on_until_it_fails() -> None:
    vote = make.vote()
    release = vote.release
    for act in acts_on(release, make.member(release)):
        with pytest.raises(NotReady, match="are frozen") as refused:
            act()
        assert [each.code for each in refused.value.obstacles] == ["files_frozen"]
    release.resolve_vote(Outcome.FAILED, by=make.member(release))
    assert acts_on(release, make.member(release))[0]().number == 2


@pytest.mark.parametrize("who", ["visitor", "committer", "member of another committee"])
def test_others_change_no_files_and_leave_only_the_refusal(who: str) -> None:
    release = make.candidate()
    person = {
        "visitor": make.user,
        "committer": lambda: make.user(is_committer=True),
        "member of another committee": lambda: make.member(make.project()),
    }[who]()
    events, jobs, files = Event.objects.count(), Job.objects.count(), held(release.newest)
    acts = acts_on(release, person)
    for act in acts:
        with pytest.raises(PermissionDenied):
            act()
    assert held(Release.objects.get(pk=release.pk).newest) == files
    assert (Job.objects.count(), release.revisions.count()) == (jobs, 1)
    new = list(Event.objects.order_by("pk")[events:])
    assert [event.facts["verb"] for event in new] == [
        "add_files",
        "delete_files",
        "rename_file",
        "restore_revision",
        "delete_draft",
    ]
    assert all(event.refused for event in new)
