"""The pages of a person's own reviews: two ways in, a report, and the way out."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as project_settings
from django.contrib.messages import get_messages
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from checks.models import Review
from checks.review_report import NOTICE
from projects.models import User
from releases.models import Blob
from tests import make
from tests.checks.reviewed import FILES, asked, done
from tests.uploads import TYPE, body_of, token
from tests.visitors import logged_in
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db(transaction=True)

LIST, UPLOAD, FETCH = "/reviews/", "/reviews/upload/", "/reviews/fetch/"
ADDRESS = "https://dist.apache.org/repos/dist/dev/tool/1.0-rc1/"


@pytest.fixture
def owner() -> User:
    return make.user("erin")


def send(person: User, files: dict[str, bytes] | None = None, *, cut: bool = False, **fields: str):
    """What a browser sends from the page: its cookie, its token, the files."""
    client = logged_in(person)
    client.handler.enforce_csrf_checks = True
    client.cookies["csrftoken"], proof = token()
    sent = [("csrfmiddlewaretoken", fields.pop("proof", proof)), *fields.items()]
    body = body_of(list((FILES if files is None else files).items()), sent)
    return client.post(UPLOAD, body[:-30] if cut else body, content_type=TYPE)


def text(answer) -> str:
    return answer.content.decode()


def pages_of(row: Review) -> list[str]:
    ends = ("", "findings.json", "findings.sarif", "delete/")
    return [row.address + end for end in ends]


def test_what_is_sent_is_checked(owner) -> None:
    committee = make.committee()
    answer = send(owner, keys_committee=str(committee.pk), version="1.0", podling="on", title="rc1")
    row = Review.objects.get()
    assert (answer.status_code, answer["Location"]) == (303, row.address)
    assert (row.owner, row.title, row.version, row.podling) == (owner, "rc1", "1.0", True)
    assert row.keys_committee == committee
    run_pending()
    page = text(logged_in(owner).get(row.address))
    assert "What was found" in page
    assert f"the keys of <b>{committee.name}</b>" in page
    assert all(path in page for path in FILES)
    assert not Blob.objects.exists()
    assert not list(Path(project_settings.SCRATCH_DIR).glob("upload-*"))


def test_an_address_is_asked_for(owner) -> None:
    answer = logged_in(owner).post(FETCH, {"url": ADDRESS, "keys_url": ADDRESS + "KEYS"})
    row = Review.objects.get()
    assert (answer.status_code, row.url, row.keys_url) == (303, ADDRESS, ADDRESS + "KEYS")
    page = text(logged_in(owner).get(row.address))
    assert "waits for a worker" in page
    assert f'hx-get="{row.address}"' in page


def test_an_address_elsewhere_is_refused_with_those_that_are_allowed(owner) -> None:
    answer = logged_in(owner).post(FETCH, {"url": "https://example.org/x/"})
    assert answer.status_code == 422
    assert "not imported from example.org" in text(answer)
    assert "dist.apache.org" in text(answer)
    assert not Review.objects.exists()


def test_who_is_not_logged_in_is_sent_to_log_in(client, owner) -> None:
    row = asked(owner)
    for address in (LIST, UPLOAD, FETCH, *pages_of(row)):
        for answer in (client.get(address), client.post(address)):
            assert (answer.status_code, answer["Location"][:16]) == (302, "/accounts/login/")
    assert Review.objects.count() == 1


def test_everybody_else_finds_nothing(owner) -> None:
    row = done(owner)
    for other in (make.user(), make.operator()):
        client = logged_in(other)
        for address in pages_of(row):
            assert client.get(address).status_code == 404
        assert client.post(row.address + "delete/").status_code == 404
        assert row.title not in text(client.get(LIST))
    for address in pages_of(row):
        assert logged_in(owner).get(address).status_code == 200


def test_what_has_expired_is_found_by_nobody(owner) -> None:
    row = done(owner)
    Review.objects.update(expires_at=now() - timedelta(seconds=1))
    client = logged_in(owner)
    assert {client.get(address).status_code for address in pages_of(row)} == {404}
    assert "You have no reports." in text(client.get(LIST))


def test_who_acts_in_somebodys_name_sees_nothing_of_it(owner) -> None:
    row = done(owner)
    officer = make.staff("security officer")
    client = logged_in(officer)
    client.post(reverse("act-on-behalf", args=[owner.pk]), {"reason": "They asked me to."})
    for address in (LIST, UPLOAD, FETCH, *pages_of(row)):
        assert client.get(address).status_code == 403


def test_robots_and_caches_keep_nothing(owner) -> None:
    row = done(owner)
    for address in (LIST, UPLOAD, FETCH, *pages_of(row)):
        answer = logged_in(owner).get(address)
        assert answer["X-Robots-Tag"] == "noindex, nofollow"
        assert answer["Cache-Control"] == "no-store"


def test_it_says_everywhere_that_it_is_no_release(owner) -> None:
    row = done(owner)
    client = logged_in(owner)
    for address in (LIST, UPLOAD, FETCH, row.address):
        assert "Not a release, and not a vote" in text(client.get(address))
    found = client.get(row.address + "findings.json")
    assert json.loads(found.content)["review"]["notice"] == NOTICE
    assert "not-a-release" in found["Content-Disposition"]
    log = client.get(row.address + "findings.sarif")
    assert log["Content-Type"] == "application/sarif+json"
    assert json.loads(log.content)["runs"][0]["properties"]["review"]["notice"] == NOTICE


def test_there_is_no_document_before_there_is_a_report(owner) -> None:
    row = asked(owner)
    for end in ("findings.json", "findings.sarif"):
        assert logged_in(owner).get(row.address + end).status_code == 404


def test_the_list_has_what_is_theirs_newest_first_and_pages(owner, monkeypatch) -> None:
    monkeypatch.setattr("checks.views.reviews.Reviews.paginate_by", 2)
    for name in ("first", "second", "third"):
        done(owner, title=name)
    page = text(logged_in(owner).get(LIST)).partition("<tbody>")[2]
    assert page.index("third") < page.index("second")
    assert "first" not in page
    assert "first" in text(logged_in(owner).get(f"{LIST}?page=2"))


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_for_few_and_for_many(
    owner, count, django_assert_num_queries
) -> None:
    for _ in range(count):
        done(owner)
    client = logged_in(owner)
    client.get(LIST)
    with django_assert_num_queries(5):
        client.get(LIST)


@pytest.mark.parametrize("count", [1, 30])
def test_a_report_costs_the_same_for_few_files_and_for_many(
    owner, count, django_assert_num_queries
) -> None:
    row = done(owner, {f"tool-{n}.txt": b"text" for n in range(count)})
    client = logged_in(owner)
    client.get(row.address)
    with django_assert_num_queries(4):
        client.get(row.address)


def test_findings_are_listed_by_level_and_by_file(owner) -> None:
    row = done(owner, FILES | {"tool-1.0-src.tar.gz.asc": b"none"})
    client = logged_in(owner)
    page = client.get(f"{row.address}?level=blocker&file=tool-1.0-src.tar.gz.asc")
    listed = [each for _, rows in page.context["findings"] for each in rows]
    assert {(str(each.level), each.path) for each in listed} == {
        ("blocker", "tool-1.0-src.tar.gz.asc")
    }
    nothing = text(client.get(f"{row.address}?file=elsewhere"))
    assert "No finding is like that." in nothing
    assert client.get(f"{row.address}?level=zzz&page=zzz&file=%00").status_code == 200


def test_a_rule_that_failed_is_no_verdict_on_the_files(owner, monkeypatch) -> None:
    row = done(owner)
    report = row.found
    report.document["results"][0]["error"] = "The rule broke."
    Review.objects.update(state="waiting")
    row.record_done(report)
    page = text(logged_in(owner).get(row.address))
    assert "through no fault of the files" in page
    assert "The rule broke." in page


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            {"state": "fetching", "bytes_done": 512, "bytes_total": 1024},
            "512\xa0bytes of 1.0\xa0KB",
        ),
        ({"state": "checking", "bytes_done": 256, "bytes_total": 1024}, "25 %"),
        ({"state": "checking"}, "about to be checked"),
        ({"state": "failed", "problem": "There is <nothing> there."}, "There is &lt;nothing&gt;"),
    ],
)
def test_the_page_says_how_far_it_is(owner, change, said: str) -> None:
    row = asked(owner)
    Review.objects.update(**change)
    assert said in text(logged_in(owner).get(row.address))


def test_one_without_a_worker_does_not_pretend_to_go_on(owner) -> None:
    row = asked(owner)
    run_pending()
    Review.objects.update(state="checking", report=None)
    page = text(logged_in(owner).get(row.address))
    assert "Its worker was lost" in page
    assert "hx-get" not in page.partition("<main")[2]


def test_deleting_asks_first_and_then_it_is_gone(owner) -> None:
    row = done(owner)
    client = logged_in(owner)
    assert "cannot be undone" in text(client.get(row.address + "delete/"))
    assert Review.objects.exists()
    answer = client.post(row.address + "delete/")
    assert (answer.status_code, answer["Location"]) == (303, LIST)
    assert not Review.objects.exists()
    assert client.get(row.address).status_code == 404
    assert [str(each) for each in get_messages(answer.wsgi_request)]


def test_names_from_hostile_files_are_text(owner) -> None:
    row = done(owner, title="<script>alert(1)</script>")
    page = text(logged_in(owner).get(row.address))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_pages_lead_there(client: Client, owner) -> None:
    assert LIST not in text(client.get("/"))
    assert LIST in text(logged_in(owner).get("/")).partition("<footer")[2]
    assert LIST in text(client.get(reverse("checks:rules")))
