"""What is asked of a service for vulnerabilities, and what is believed of its answers."""

import time

import pytest

from checks.sbom import osv
from checks.sbom.document import Component
from checks.sbom.osv import Asked, Questions, questions_of, scan, with_version
from tests.checks.sbom.osv_server import LOG4SHELL, Osv, running
from trusted_releases.lib.outbound import Bounds, Service, Unreachable, Unusable

pytestmark = pytest.mark.once

PURL = "pkg:maven/org.apache.logging.log4j/log4j-core@2.14.0"
ASKED = [Asked("log4j-core", "2.14.0", PURL)]


def service(of: Osv, **bounds) -> Service:
    return Service(of.url, agent="tests", private=True, bounds=Bounds(**bounds))


def found(of: Osv, asked=ASKED, **bounds):
    with running(of), service(of, **bounds) as asking:
        return scan(asked, asking)


@pytest.mark.parametrize(
    ("purl", "expected"),
    [
        ("pkg:npm/a", "pkg:npm/a@1.0"),
        ("pkg:npm/a@2", "pkg:npm/a@2"),
        ("pkg:npm/%40s/a?x=y@z", "pkg:npm/%40s/a@1.0?x=y@z"),
        ("pkg:npm/a#sub", "pkg:npm/a@1.0#sub"),
        pytest.param("pkg:maven/g/a?type=jar", "pkg:maven/g/a@1.0?type=jar", id="M13"),
    ],
)
def test_the_version_stands_before_qualifiers(purl, expected):
    assert with_version(purl, "1.0") == expected


def test_what_cannot_be_asked_about_is_named():
    made = questions_of(
        [
            Component("a", "1.0", purl="pkg:npm/a@1.0"),
            Component("a again", "1.0", purl="pkg:npm/a@1.0"),
            Component("b", "", purl="pkg:npm/b"),
            Component("c", "1.0", group="g"),
            Component("d", "1.0", purl="javascript:alert(1)"),
        ]
    )
    assert [each.purl for each in made.asked] == ["pkg:npm/a@1.0"]
    assert made.ignored == ("b", "g/c", "d")
    assert Questions.from_json(made.as_json()) == made


def test_a_vulnerability_is_found_with_what_is_known_of_it():
    of = Osv({PURL: [LOG4SHELL["id"]]}, LOG4SHELL)
    came = found(of)
    (one,) = came.vulnerabilities
    assert (one.id, one.severity, one.score) == (LOG4SHELL["id"], "critical", 10.0)
    assert came.components == {LOG4SHELL["id"]: ("log4j-core 2.14.0",)}
    assert of.asked == ["/v1/querybatch", f"/v1/vulns/{LOG4SHELL['id']}"]


def test_each_is_looked_at_once_however_many_have_it():
    asked = [Asked(f"p{n}", "1", f"pkg:npm/p{n}@1") for n in range(3)]
    of = Osv({each.purl: ["X-1"] for each in asked}, {"id": "X-1"})
    came = found(of, asked)
    assert of.asked.count("/v1/vulns/X-1") == 1
    assert came.components == {"X-1": ("p0 1", "p1 1", "p2 1")}


def test_questions_come_in_batches(monkeypatch):
    monkeypatch.setattr(osv, "BATCH", 10)
    asked = [Asked(f"p{n}", "1", f"pkg:npm/p{n}@1") for n in range(25)]
    of = Osv()
    found(of, asked)
    assert of.asked == ["/v1/querybatch"] * 3
    assert len(of.queries) == 25


def test_all_pages_are_read():
    ids = [f"X-{n}" for n in range(7)]
    of = Osv({PURL: ids}, *({"id": each} for each in ids))
    of.page_size = 3
    assert [each.id for each in found(of).vulnerabilities] == ids
    assert [each.get("page_token") for each in of.queries] == [None, "3", "6"]


def test_details_are_fetched_several_at_a_time_and_not_all_at_once():
    ids = [f"X-{n:02}" for n in range(16)]
    of = Osv({PURL: ids}, *({"id": each} for each in ids))
    of.delay = 0.05
    begun = time.monotonic()
    assert len(found(of).vulnerabilities) == 16
    assert time.monotonic() - begun < 16 * 0.05
    assert 1 < of.most_at_once <= osv.POOL


def test_progress_is_told():
    ids = ["X-1", "X-2"]
    of, told = Osv({PURL: ids}, *({"id": each} for each in ids)), []
    with running(of), service(of) as asking:
        scan(ASKED, asking, lambda done, total: told.append((done, total)))
    assert told == [(1, 2), (2, 2)]


def test_what_is_gone_or_withdrawn_counts_for_nothing():
    of = Osv({PURL: ["X-1", "X-2"]}, {"id": "X-2", "withdrawn": "2024-01-01T00:00:00Z"})
    assert found(of).vulnerabilities == ()


def test_too_many_are_counted_and_not_looked_at(monkeypatch):
    monkeypatch.setattr(osv, "MAX_FOUND", 2)
    ids = ["X-1", "X-2", "X-3"]
    came = found(Osv({PURL: ids}, *({"id": each} for each in ids)))
    assert ([each.id for each in came.vulnerabilities], came.left_out) == (["X-1", "X-2"], 1)


@pytest.mark.parametrize("ident", ["../../admin", "a b", "", "x" * 101, 7, None, "a/b", "?x"])
def test_an_id_that_is_none_is_asked_for_nowhere(ident):
    of = Osv({PURL: [ident]})
    assert found(of).vulnerabilities == ()
    assert of.asked == ["/v1/querybatch"]


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_a_service_that_is_busy_is_asked_again_later(status):
    of = Osv()
    of.status = status
    with pytest.raises(Unreachable):
        found(of)


def test_pages_that_never_end_are_not_read_to_their_end():
    of = Osv()
    of.endless = True
    with pytest.raises(Unusable, match="pages"):
        found(of)
    assert len(of.queries) <= osv.MAX_PAGES


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b"[" * 100_000,
        b"[]",
        b"{}",
        b'{"results": {}}',
        b'{"results": []}',
        b'{"results": [{}, {}]}',
        b"\xff\xfe",
    ],
)
def test_an_answer_that_is_none_is_not_believed(body):
    of = Osv()
    of.body = body
    with pytest.raises(Unusable):
        found(of)


@pytest.mark.parametrize(
    "body", [b'{"results": [null]}', b'{"results": [{"vulns": [1, {"id": {}}]}]}']
)
def test_rows_of_another_form_say_nothing(body):
    of = Osv()
    of.body = body
    assert found(of).vulnerabilities == ()


def test_a_huge_answer_is_not_taken_in():
    of = Osv()
    of.pieces = 64 << 20
    with pytest.raises(Unusable, match="MB"):
        found(of)
