"""From a row to the service that is set, and back: what becomes of each kind of failure."""

import pytest

from checks.models import Scan
from checks.scanning import OFF, UNREACHABLE, Problem, scan, service_name
from tests import make
from tests.checks.sbom.osv_server import Osv, running

pytestmark = pytest.mark.django_db

SBOM = "tool-1.0.tar.gz.cdx.json"
ONE = """{"bomFormat": "CycloneDX", "specVersion": "1.6", "components": [
{"type": "library", "name": "a", "version": "1.0", "purl": "pkg:npm/a"}]}"""


@pytest.fixture
def row(settings) -> Scan:
    settings.OSV_URL = "https://osv.example.org"
    release = make.release(files={SBOM: ONE})
    blob = release.newest.entries.get(path=SBOM).blob
    return Scan(release=release, path=SBOM, blob=blob)


def test_what_a_document_lists_is_asked_about(row, settings):
    with running(Osv()) as osv:
        settings.OSV_URL = osv.url
        questions, found = scan(row)
    assert [each.purl for each in questions.asked] == ["pkg:npm/a@1.0"]
    assert osv.queries == [{"package": {"purl": "pkg:npm/a@1.0"}}]
    assert found.vulnerabilities == ()


def test_nobody_there_can_be_tried_again_later(row, settings):
    settings.OSV_URL = "http://127.0.0.1:9"
    with pytest.raises(Problem) as caught:
        scan(row)
    assert str(caught.value) == UNREACHABLE


def test_a_name_that_leads_into_our_network_is_not_followed(row, settings, monkeypatch):
    settings.OSV_URL = "https://osv.example.org"
    found = [(2, 1, 6, "", ("10.0.0.1", 443))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: found)
    with pytest.raises(Problem, match="leads into a private network"):
        scan(row)


def test_a_service_that_is_switched_off_is_not_asked(row, settings):
    settings.OSV_URL = ""
    with pytest.raises(Problem) as caught:
        scan(row)
    assert str(caught.value) == OFF


def test_people_see_the_name_of_the_service(settings):
    settings.OSV_URL = "https://osv.example.org:8443/mirror"
    assert service_name() == "osv.example.org"
