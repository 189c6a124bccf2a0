"""Scans by page: who may, what is said before and after, and that what a service says is text."""

import pytest
from django.test import Client
from django.urls import reverse

from checks.models import Scan
from checks.sbom.osv import Found
from checks.sbom.osv_read import Vulnerability
from projects.roles import Role
from releases.models import Release
from tests import make

pytestmark = pytest.mark.django_db

SBOM = "apache-tool-1.0.tar.gz.cdx.json"


@pytest.fixture(autouse=True)
def service(settings):
    settings.OSV_URL = "https://osv.example.org"


@pytest.fixture
def release() -> Release:
    return make.release(make.project("tool"), version="1.0", files={SBOM: "{}", "a.txt": "a"})


def client_of(release, role=Role.PARTICIPANT) -> Client:
    client = Client()
    client.force_login(make.member(release.project, role))
    return client


def url(release, path=SBOM) -> str:
    return reverse("checks:scan-sbom", args=[*release.url_args, path])


def page_of(client, address) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def found(release, *vulnerabilities: Vulnerability, **told) -> Scan:
    """As if a worker had asked."""
    entry = release.entries.get(path=SBOM)
    scan = Scan(release=release, path=SBOM, blob=entry.blob).ask(by=make.member(release))
    affected = {each.id: ("a 1.0",) for each in vulnerabilities}
    scan.record_done(Found(vulnerabilities, components=affected), service="osv", **told)
    return scan


def test_it_says_who_learns_what(release):
    page = page_of(client_of(release), url(release))
    assert "are sent to osv.example.org" in page
    assert "Scan for known vulnerabilities" in page


def test_once_asked_the_page_follows_how_far_it_is(release):
    client = client_of(release)
    answer = client.post(url(release), follow=True)
    page = answer.content.decode()
    assert answer.redirect_chain == [(url(release), 303)]
    assert "osv.example.org is being asked." in page
    assert "every 2s" in page
    Scan.objects.get().record_progress(3, 9)
    assert "3 of 9 vulnerabilities" in page_of(client, url(release))


def test_what_was_found_is_listed_the_worst_first_and_is_only_text(release):
    found(
        release,
        Vulnerability("LOW-1", severity="low", score=2.0, summary="<script>alert(1)</script>"),
        Vulnerability("BAD-1", ("CVE-1",), "critical", 9.8, url="https://example.org/?a=1&b=2"),
        components=4,
        ignored=["<b>"],
        ignored_count=3,
    )
    page = page_of(client_of(release), url(release))
    assert page.index("BAD-1") < page.index("LOW-1")
    assert "&lt;script&gt;" in page
    assert "<script>alert" not in page
    assert 'href="https://example.org/?a=1&amp;b=2"' in page
    assert "critical 9.8" in page
    assert "asked about 4 packages" in page
    assert "3 components could not be asked about" in page
    assert "These are the first 1." in page
    assert "again</button>" in page


def test_nothing_found_is_said(release):
    found(release)
    assert "Nothing is known against them." in page_of(client_of(release), url(release))


def test_a_failure_says_why_and_leaves_what_was_found_before(release):
    scan = found(release, Vulnerability("OLD-1"))
    again = Scan(release=release, path=SBOM, blob=scan.blob).ask(by=make.member(release))
    again.record_failed("The OSV service could not be reached; try the scan again later.")
    page = page_of(client_of(release), url(release))
    assert "try the scan again later" in page
    assert "Below is what the scan before it found." in page
    assert "OLD-1" in page


def test_long_lists_come_in_pages(release):
    found(release, *(Vulnerability(f"X-{n:03}") for n in range(60)))
    client = client_of(release)
    assert "X-059" not in page_of(client, url(release))
    assert "X-059" in page_of(client, f"{url(release)}?page=2")


def test_without_a_service_it_says_so_and_nothing_is_offered(release, settings):
    settings.OSV_URL = ""
    client = client_of(release)
    page = page_of(client, url(release))
    assert "Operators can set OSV_URL" in page
    assert "</button>" not in page.partition('id="scanning"')[2].partition("</section>")[0]
    assert client.post(url(release)).status_code == 409


def test_a_file_that_is_none_or_not_there(release):
    client = client_of(release)
    assert "no bill of materials by its name" in page_of(client, url(release, "a.txt"))
    assert client.get(url(release, "gone.cdx.json")).status_code == 404


def test_others_are_turned_away(release):
    stranger = Client()
    stranger.force_login(make.user(is_committer=True))
    assert stranger.get(url(release)).status_code == 403
    assert stranger.post(url(release)).status_code == 403
    assert not Scan.objects.exists()


def test_what_was_voted_on_is_what_is_scanned():
    release = make.passed(make.candidate(files={SBOM: "{}"}))
    client = client_of(release)
    assert client.post(url(release)).status_code == 303
    assert Scan.objects.get().blob == release.candidate.entries.get(path=SBOM).blob
