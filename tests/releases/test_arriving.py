"""Uploads of several files, and of several people at once: all of each is there, or none of it."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from releases.models import Arrival, Blob, Release, Revision, Way
from tests import make
from tests.archives import tar_gz
from trusted_releases.ledger.worker import run_pending
from trusted_releases.lib.errors import BadInput, NotReady, Stale

pytestmark = pytest.mark.django_db

SOURCE, BINARY = "tool-1.0-src.tar.gz", "tool-1.0-bin.tar.gz"


@pytest.fixture
def draft() -> Release:
    return make.release(make.project("tool"), version="1.0", files={"a.txt": "a", "b.txt": "b"})


@pytest.fixture
def alice(draft):
    return make.member(draft.project, username="alice")


@pytest.fixture
def bob(draft):
    return make.member(draft.project, username="bob")


def take(draft: Release, by, changes: dict, **more) -> Arrival | Revision:
    blobs = {path: None if each is None else make.blob(each) for path, each in changes.items()}
    return draft.receive(blobs, by=by, **{"way": Way.RSYNC, **more})


def files_of(draft: Release) -> dict[str, bytes]:
    draft.refresh_from_db()
    return {each.path: b"".join(each.blob.stream()) for each in draft.newest.entries}


def test_all_of_an_upload_is_one_revision_when_each_archive_is_safe(draft, alice) -> None:
    sent = {SOURCE: tar_gz(), BINARY: tar_gz(content=b"bin"), "c.txt": b"c", "a.txt": None}
    arrival = take(draft, alice, sent)
    assert isinstance(arrival, Arrival)
    assert set(files_of(draft)) == {"a.txt", "b.txt"}
    run_pending()
    assert set(files_of(draft)) == {"b.txt", "c.txt", SOURCE, BINARY}
    assert draft.last_revision == 2
    assert draft.newest.description == "Uploaded 3 files, deleted a.txt by rsync"


def test_one_bad_archive_keeps_all_of_it_out_and_each_reason_is_told(draft, alice) -> None:
    sent = {SOURCE: tar_gz("../out"), BINARY: b"no archive", "c.txt": b"c"}
    arrival = take(draft, alice, sent)
    run_pending()
    arrival.refresh_from_db()
    assert arrival.state == Arrival.State.REFUSED
    told = {each.path: each.problem for each in arrival.files.all()}
    assert "../out" in told[SOURCE]
    assert told[BINARY]
    assert not told["c.txt"]
    assert arrival.problem.startswith(f"{BINARY}: ")
    assert arrival.problem.endswith("And 1 more.")
    assert set(files_of(draft)) == {"a.txt", "b.txt"}
    assert set(Blob.objects.all()) == {each.blob for each in draft.newest.entries}


def test_archives_that_are_there_already_need_no_second_look(draft, alice) -> None:
    take(draft, alice, {SOURCE: tar_gz()})
    run_pending()
    draft.refresh_from_db()
    made = take(draft, alice, {SOURCE: tar_gz(), "c.txt": b"c"})
    assert isinstance(made, Revision)
    assert made.number == 3


def test_the_same_again_while_it_waits_is_one(draft, alice) -> None:
    sent = {SOURCE: tar_gz(), "c.txt": b"c"}
    first = take(draft, alice, sent)
    assert take(draft, alice, sent) == first
    assert take(draft, alice, {**sent, "c.txt": b"other"}) != first


def test_what_others_did_meanwhile_stays(draft, alice, bob) -> None:
    take(draft, bob, {"b.txt": b"better", "d.txt": b"d"})
    take(draft, alice, {"a.txt": b"new", "c.txt": b"c"}, base=1)
    assert files_of(draft) == {
        "a.txt": b"new",
        "b.txt": b"better",
        "c.txt": b"c",
        "d.txt": b"d",
    }


@pytest.mark.parametrize("theirs", [b"theirs", None])
@pytest.mark.parametrize("ours", [b"ours", None])
def test_what_two_change_at_once_is_told_with_both_names(draft, alice, bob, theirs, ours) -> None:
    take(draft, bob, {"a.txt": theirs})
    before = files_of(draft)
    if theirs is ours is None:
        with pytest.raises(BadInput, match="Nothing changes"):
            take(draft, alice, {"a.txt": ours}, base=1)
    else:
        with pytest.raises(NotReady, match=r"changed by bob in revision 2 .* of alice"):
            take(draft, alice, {"a.txt": ours, "c.txt": b"c"}, base=1)
    assert files_of(draft) == before


def test_a_conflict_that_shows_when_an_archive_was_looked_at_is_a_refusal(
    draft, alice, bob
) -> None:
    arrival = take(draft, alice, {SOURCE: tar_gz(), "a.txt": b"ours"})
    take(draft, bob, {"a.txt": b"theirs"})
    run_pending()
    arrival.refresh_from_db()
    assert "changed by bob in revision 2" in arrival.problem
    assert files_of(draft) == {"a.txt": b"theirs", "b.txt": b"b"}
    take(draft, alice, {SOURCE: tar_gz(), "a.txt": b"ours"})
    run_pending()
    assert files_of(draft)["a.txt"] == b"ours"


def test_who_sends_again_means_the_later_one(draft, alice) -> None:
    first = take(draft, alice, {SOURCE: tar_gz(content=b"1"), "a.txt": b"1"})
    second = take(draft, alice, {SOURCE: tar_gz(content=b"2"), "a.txt": b"2"})
    assert first.base == second.base
    with draft.held(), pytest.raises(Stale, match="Sent again since"):
        draft.admit(first)
    Arrival.objects.filter(pk=second.pk).update(state=Arrival.State.REFUSED)
    first.record_admitted()
    Arrival.objects.filter(pk=second.pk).update(state=Arrival.State.WAITING)
    second.record_admitted()
    assert files_of(draft)["a.txt"] == b"2"


def test_an_upload_that_began_before_one_s_own_came_through_replaces_it(draft, alice) -> None:
    take(draft, alice, {SOURCE: tar_gz(content=b"1")})
    run_pending()
    draft.refresh_from_db()
    take(draft, alice, {SOURCE: tar_gz(content=b"2")}, base=1)
    run_pending()
    assert files_of(draft)[SOURCE] == tar_gz(content=b"2")


def test_a_base_that_never_was_is_the_newest(draft, alice) -> None:
    take(draft, alice, {"c.txt": b"c"}, base=99)
    assert draft.newest.number == 2


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a.txt", "b.txt", "c.txt", SOURCE]),
            st.sampled_from([b"1", b"2", None]),
            st.booleans(),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_in_any_order_no_file_is_lost_and_none_is_invented(draft, alice, bob, uploads) -> None:
    """All begin at the same revision; what was taken is there, what was refused says so."""
    base = draft.last_revision
    known = expected = files_of(draft)
    for number, (path, content, by_alice) in enumerate(uploads):
        sent = content if content is None or path != SOURCE else tar_gz(content=content)
        try:
            made = take(draft, alice if by_alice else bob, {path: sent}, base=base)
        except (NotReady, BadInput):
            assert number or sent == known.get(path)
            continue
        if isinstance(made, Arrival):
            made.record_admitted()
            assert made.state == Arrival.State.ADMITTED
        expected = {**expected, path: sent}
    assert files_of(draft) == {path: each for path, each in expected.items() if each is not None}
