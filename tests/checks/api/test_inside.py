"""Having the insides of two archives compared by a script."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from checks.engine.inside.child import Outcome
from checks.engine.inside.members import Line
from checks.models import Comparison
from keys import jwts
from projects.roles import Reach
from releases.models import Release
from tests import make
from tests.api import Api, refused, token
from tests.checks.engine.inside.packed import tar
from trusted_releases.ledger.models import Job
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db(transaction=True)

OLD, NEW = tar({"t/a": b"1", "t/c": b"c"}), tar({"t/a": b"22", "t/b": b"3"})
AT = {"project": "tool", "version": "1.0"}
PAIR = AT | {"relpath": "t.tgz"}
ITEM = {
    *("relpath", "revision_number", "was", "against_number", "state", "problem", "counts"),
    *("bytes_done", "bytes_total", "old_root", "new_root"),
}
MEMBER = {"change", "path", "was", "kind", "old_size", "new_size", "old_mode", "new_mode"}


@pytest.fixture
def draft() -> Release:
    files = {"t.tgz": OLD, "same.tgz": OLD, "r-rc1.tgz": OLD, "n.txt": "n"}
    made = make.release(make.project("tool"), version="1.0", files=files)
    by = make.member(made)
    made.add_files({"t.tgz": make.blob(NEW), "r-rc2.tgz": make.blob(NEW)}, by=by)
    return made


@pytest.fixture
def bob(draft):
    """An account without a role anywhere, at a site that shows drafts to committers."""
    return make.user(is_committer=True)


def compare(person: Any, **more: Any) -> Any:
    return Api(person).post("/archives/compare", PAIR | more)


def changes(person: Any = None, **query: str) -> dict[str, Any]:
    answer = Api(person).get("/archives/changes", **PAIR | query)
    assert answer.status_code == 200, answer.content
    body: dict[str, Any] = answer.json()
    assert set(body) == {"endpoint", "comparison", "members", "count"}
    assert set(body["comparison"]) == ITEM
    return body


def test_it_is_asked_for_polled_and_told_member_by_member(draft, bob) -> None:
    assert changes()["comparison"]["state"] == "unasked"
    answer = compare(bob)
    assert answer.status_code == 202, answer.content
    assert set(answer.json()) == {"endpoint", "comparison"}
    assert answer.json()["comparison"] == answer.json()["comparison"] | {
        **{"relpath": "t.tgz", "was": "t.tgz", "state": "waiting", "problem": None},
        **{"revision_number": "00002", "against_number": "00001"},
    }
    assert changes()["comparison"]["state"] == "waiting"
    run_pending()
    body = changes()
    assert body["comparison"]["state"] == "done"
    assert body["comparison"]["counts"] == {"added": 1, "removed": 1, "changed": 1}
    assert (body["comparison"]["old_root"], body["comparison"]["new_root"]) == ("t", "t")
    assert body["count"] == 3
    assert [(each["change"], each["path"]) for each in body["members"]] == [
        ("added", "b"),
        ("removed", "c"),
        ("changed", "a"),
    ]
    assert all(set(each) == MEMBER for each in body["members"])
    changed = body["members"][2]
    assert (changed["old_size"], changed["new_size"], changed["was"]) == (1, 2, None)
    assert changed["old_mode"].isdecimal()


def test_one_kind_and_one_part_can_be_asked_for(draft, bob) -> None:
    compare(bob)
    row = Comparison.objects.get()
    row.record_done([Line("added", f"n{n:02}") for n in range(30)], Outcome({"added": 30}, "", ""))
    assert (changes()["count"], len(changes()["members"])) == (30, 20)
    part = changes(offset="28", limit="5")
    assert [each["path"] for each in part["members"]] == ["n28", "n29"]
    assert changes(change="removed")["members"] == []
    assert Api().get("/archives/changes", **PAIR | {"change": "odd"}).status_code == 400


def test_an_archive_of_another_candidate_and_other_revisions_are_named(draft, bob) -> None:
    more = {"relpath": "r-rc2.tgz", "was": "r-rc1.tgz", "revision": "2", "against": "1"}
    assert compare(bob, **more).json()["comparison"]["was"] == "r-rc1.tgz"
    assert changes(**more)["comparison"]["state"] == "waiting"


def test_two_archives_are_compared_once_whoever_asks_and_however_named(draft, bob) -> None:
    assert compare(bob).status_code == 202
    assert refused(compare(make.member(draft)), 409)
    run_pending()
    assert refused(compare(bob), 409)
    other = {"relpath": "r-rc2.tgz", "was": "r-rc1.tgz", "against": "1"}
    assert changes(**other)["comparison"]["state"] == "done"
    assert Comparison.objects.count() == 1


def test_what_failed_or_was_lost_says_so_and_can_be_asked_for_again(draft, bob) -> None:
    compare(bob)
    Job.objects.filter(name="checks.compare_archives").update(state=Job.State.FAILED)
    told = changes()["comparison"]
    assert (told["state"], told["problem"]) == ("failed", "Its worker was lost. Ask again.")
    assert compare(bob).status_code == 202
    Comparison.objects.get().record_failed("It is broken.")
    told = changes()["comparison"]
    assert (told["state"], told["problem"]) == ("failed", "It is broken.")


def refuses(person: Any, status: int, **more: Any) -> str:
    """The sentence; and nothing has begun."""
    said = refused(compare(person, **more), status)
    assert not Comparison.objects.exists()
    return said


def test_what_is_no_pair_of_archives_is_refused(draft, bob) -> None:
    assert "is no archive" in refuses(bob, 404, relpath="n.txt")
    assert "There is no file gone.tgz in revision 2" in refuses(bob, 404, relpath="gone.tgz")
    assert "There is no file x in revision 1" in refuses(bob, 404, was="x")
    assert "Revision 00009" in refuses(bob, 404, against="9")
    assert "Revision 00009" in refuses(bob, 404, revision="9")
    assert "in revision 0" in refuses(bob, 404, against="0")
    assert "byte for byte" in refuses(bob, 409, relpath="same.tgz")
    assert changes(relpath="same.tgz")["comparison"]["state"] == "same"
    assert refused(Api().get("/archives/changes", **PAIR | {"relpath": "n.txt"}), 404)


def test_who_has_no_account_or_only_reads_begins_nothing(draft, settings) -> None:
    assert refuses(None, 401)
    reading = Api(jwt=jwts.make(token(make.member(draft), Reach.READ)))
    assert refused(reading.post("/archives/compare", PAIR), 403)
    assert not Comparison.objects.exists()
    settings.API_SHOWS_DRAFTS = False
    stranger = make.user()
    assert refused(Api().get("/archives/changes", **PAIR), 404)
    assert refuses(stranger, 404)


def test_it_costs_the_same_however_much_differs(draft, bob) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            changes()
        return len(found)

    compare(bob)
    row = Comparison.objects.get()
    row.record_done([Line("added", "n")], Outcome({"added": 1}, "", ""))
    asked()
    few = asked()
    row.lines.all().delete()
    Comparison.objects.update(state="waiting")
    row = Comparison.objects.get()
    row.record_done([Line("added", f"n{n}") for n in range(20)], Outcome({"added": 20}, "", ""))
    assert asked() == few
