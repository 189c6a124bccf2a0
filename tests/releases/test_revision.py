"""Revisions: what was recorded is what was there, whatever happened after."""

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from releases.models import Entry, Release, Revision
from releases.phases import Verdict
from releases.renaming import with_companions
from tests import make
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput

pytestmark = pytest.mark.django_db

NAMES = st.sampled_from(["a", "a.asc", "a.sha512", "b", "b.asc", "c/d", "c/d.sig", "c/e"])
STEPS = st.one_of(
    st.tuples(st.just("add"), st.dictionaries(NAMES, st.sampled_from("12"), max_size=3)),
    st.tuples(st.just("delete"), NAMES),
    st.tuples(st.just("rename"), st.tuples(NAMES, NAMES)),
    st.tuples(st.just("restore"), st.integers(1, 8)),
)


class Model:
    """The files of every revision, kept in the plainest way there is."""

    def __init__(self) -> None:
        self.revisions: list[dict[str, str]] = [{}]

    def after(self, step: str, what) -> dict[str, str] | None:
        """What the step makes of the newest files; None where it must be refused."""
        now = dict(self.revisions[-1])
        then = getattr(self, step)(now, what)
        return None if then is None or then == self.revisions[-1] else then

    def add(self, now, what):
        return {**now, **what}

    def delete(self, now, path):
        if path not in now:
            return None
        gone = with_companions([path], now)
        return {each: content for each, content in now.items() if each not in gone}

    def rename(self, now, what):
        path, to = what
        if path not in now:
            return None
        moves = {each: to + each[len(path) :] for each in with_companions([path], now)}
        if any(each in now and each not in moves for each in moves.values()):
            return None
        return {moves.get(each, each): content for each, content in now.items()}

    def restore(self, now, number):
        return self.revisions[number] if number < len(self.revisions) else None


def do(release: Release, step: str, what, by) -> Revision:
    if step == "add":
        return release.add_files({name: make.blob(text) for name, text in what.items()}, by=by)
    if step == "delete":
        return release.delete_files([what], by=by)
    if step == "rename":
        return release.rename_file(*what, by=by)
    return release.restore_revision(what, by=by)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(STEPS, max_size=10))
def test_after_any_changes_every_revision_is_what_a_dict_says(db, steps) -> None:
    with transaction.atomic():
        release, model = make.release(), Model()
        by = make.member(release)
        for step, what in steps:
            then = model.after(step, what)
            if then is None:
                with pytest.raises(BadInput):
                    do(release, step, what, by)
            else:
                model.revisions.append(then)
                assert do(release, step, what, by).number == len(model.revisions) - 1
        recorded = {each.number: each for each in release.revisions.all()}
        assert sorted(recorded) == list(range(1, len(model.revisions)))
        digests = {}
        for number, revision in recorded.items():
            found = {each.path: b"".join(each.blob.stream()).decode() for each in revision.entries}
            assert found == model.revisions[number]
            assert revision.file_count == len(found)
            same = digests.setdefault(revision.manifest_digest, found)
            assert same == found
        transaction.set_rollback(True)


def test_a_revision_stores_what_changed_and_no_more() -> None:
    release = make.release(files={f"f{n}": "1" for n in range(100)})
    by = make.member(release)
    for n in range(5):
        release.add_files({"f0": make.blob(f"again {n}")}, by=by)
    release.delete_files(["f1"], by=by)
    assert Entry.objects.count() == 105


def test_the_database_keeps_one_current_row_for_a_path() -> None:
    entry = make.release(files={"a": "1"}).entries.get()
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.create(release=entry.release, path="a", blob=entry.blob, since=2)
    with pytest.raises(IntegrityError), transaction.atomic():
        Entry.objects.filter(pk=entry.pk).update(until=1)


def test_files_come_in_one_query(django_assert_num_queries) -> None:
    release = make.release(files={f"f{n}": str(n) for n in range(20)})
    revision = release.newest
    with django_assert_num_queries(1):
        assert [line.path for line in revision.lines()] == sorted(f"f{n}" for n in range(20))


def test_the_manifest_has_the_digest_that_the_revision_names() -> None:
    revision = make.release(files={"d/a": "1"}).newest
    assert b'"path":"d/a"' in revision.manifest()
    assert revision.entries.get().name == "a"
    assert str(revision.entries.get()) == "d/a"


def test_a_verdict_is_kept_once_with_what_it_was_made_under() -> None:
    revision = make.release(files={"a": "1"}).newest
    for _ in range(2):
        make.checked(revision, Verdict.FAILED, ("paths", "legal"))
    revision.refresh_from_db()
    assert (revision.verdict, revision.concerns) == (Verdict.FAILED, ["legal", "paths"])
    assert revision.basis == revision.release.check_basis()
    event = Event.objects.get(tag=Tag.CHECKS_FINISHED)
    assert (event.actor, event.facts["verdict"]) == ("", "failed")
    make.checked(revision, Verdict.PASSED)
    assert Event.objects.filter(tag=Tag.CHECKS_FINISHED).count() == 2


def test_a_revision_says_where_it_belongs() -> None:
    release = make.release(files={"a": "1"})
    assert str(release.newest) == f"{release} revision 1"
    assert release.newest.project == release.project
    assert release.newest.committee == release.committee
