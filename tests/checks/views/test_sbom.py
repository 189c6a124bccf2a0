"""The pages of a bill of materials."""

import re
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from checks.models import Sbom
from releases.models import Blob
from tests import make
from tests.checks import bills
from tests.checks.made import member_of, url
from tests.checks.sbom.boms import as_json, component, licensed, metadata

pytestmark = pytest.mark.django_db

PATH = bills.NAME.format("1.0")
MOST_QUESTIONS = {
    "components": 10,
    "licences": 10,
    "vulnerabilities": 10,
    "quality": 8,
    "changes": 15,
}
SHOWS = tuple(MOST_QUESTIONS)


@pytest.fixture
def client(client):
    client.force_login(make.operator())
    return client


@pytest.fixture
def tool():
    return make.project("tool")


def page(client, release, path=PATH, **query):
    return client.get(url(release, "sbom", path), query)


def text_of(response) -> str:
    assert response.status_code == 200
    return response.content.decode()


def words_of(response) -> str:
    """What a person reads on the page."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", text_of(response))).split())


def test_it_shows_the_components_by_type_with_their_licences(client, tool):
    parts = [
        licensed("GPL-3.0-only", name="stern"),
        licensed("MIT OR GPL-2.0-only", name="free", type="framework"),
        component("bare", licenses=[], purl=None),
    ]
    told = words_of(page(client, bills.release(tool, "1.0", as_json(*parts))))
    assert "Describes org.example/tool 1.0, of Example. category A Apache-2.0" in told
    assert "framework Name Version Licence Package URL org.example/free" in told
    assert "category X GPL-3.0-only" in told
    assert "category A MIT chosen; or GPL-2.0-only" in told
    assert "1.0 not named none" in told
    assert "pkg:maven/org.example/stern@1.0" in told


def test_components_are_searched_and_filtered(client, tool):
    parts = [
        component("alpha"),
        licensed("EPL-2.0", name="beta"),
        component("gamma", type="file", licenses=[]),
    ]
    release = bills.release(tool, "1.0", as_json(*parts))
    for asked, found in (
        ({"q": "alpha"}, {"alpha"}),
        ({"type": "library"}, {"alpha", "beta"}),
        ({"category": "B"}, {"beta"}),
        ({"category": "none"}, {"gamma"}),
        ({"category": "B", "q": "alpha"}, set()),
        ({"type": "nothing"}, set()),
    ):
        told = words_of(page(client, release, **asked))
        assert {
            name for name in ("alpha", "beta", "gamma") if f"org.example/{name}" in told
        } == found
        assert "Show all 3" in told


def test_licences_are_counted_with_their_categories(client, tool):
    parts = [
        component("a"),
        component("b"),
        licensed("EPL-2.0", name="c"),
        component("d", licenses=[]),
    ]
    told = words_of(page(client, bills.release(tool, "1.0", as_json(*parts)), show="licences"))
    assert "Apache-2.0 Category A 2 under Apache-2.0" in told
    assert "EPL-2.0 Category B 1 under EPL-2.0" in told
    assert "1 component names none." in told


def test_vulnerabilities_are_linked_only_where_a_browser_may_follow(client, tool):
    given = [
        {
            "id": name,
            "source": {"name": "NVD", "url": address},
            "ratings": [{"severity": "high", "score": 7.5}],
            "affects": [{"ref": "ref-lib-1.0"}],
        }
        for name, address in (("CVE-1", "https://example.org/1"), ("CVE-2", "javascript:alert(1)"))
    ]
    release = bills.release(tool, "1.0", as_json(component(), vulnerabilities=given))
    response = page(client, release, show="vulnerabilities")
    assert 'href="https://example.org/1"' in text_of(response)
    assert "javascript:" not in text_of(response)
    assert "CVE-2 NVD high 7.5 org.example/lib 1.0" in words_of(response)


def test_quality_says_what_is_wrong_and_gives_no_score(client, tool):
    tools = [{"vendor": "OWASP", "name": "cyclonedx-maven-plugin", "version": "2.7.9"}]
    bad = as_json(component(type="nonsense", supplier=None), metadata=metadata(tools=tools))
    told = words_of(page(client, bills.release(tool, "1.0", bad), show="quality"))
    assert "It does not keep to the schema of CycloneDX 1.6: 1 error." in told
    assert "components[0].type" in told
    assert "The supplier is missing for 1 of 1 component. org.example/lib 1.0" in told
    assert "cyclonedx-maven-plugin 2.7.9, when there was 2.9.1 already" in told
    good = words_of(
        page(
            client, bills.release(make.project("fine"), "1.0", as_json(component())), show="quality"
        )
    )
    assert "It keeps to the schema of CycloneDX 1.6" in good
    assert "all there" in good


def test_changes_against_the_previous_release_are_listed_and_filtered(client, tool):
    before = as_json(component("gone"), component("moved", "1.0"), licensed("MIT", name="sold"))
    after = as_json(component("moved", "2.0"), licensed("EPL-2.0", name="sold"), component("new"))
    bills.release(tool, "1.9", before, released=True)
    release = bills.release(tool, "1.10", after)
    path = bills.NAME.format("1.10")
    told = words_of(page(client, release, path, show="changes"))
    assert f"Compared with {bills.NAME.format('1.9')} of 1.9" in told
    assert "org.example/moved changed 1.0 → 2.0" in told
    assert "org.example/sold changed 1.0 MIT → EPL-2.0" in told
    assert "Added: EPL-2.0" in told
    assert "No longer there: MIT" in told
    told = words_of(page(client, release, path, show="changes", how="removed"))
    assert "org.example/gone removed" in told
    assert "org.example/new" not in told


def test_where_there_is_nothing_to_compare_with_the_page_says_so(client, tool):
    first = bills.release(tool, "1.0", as_json(component()), released=True)
    told = words_of(page(client, first, show="changes"))
    assert "No lower version of tool has been released here" in told.replace("Tool", "tool")
    other = bills.release(tool, "1.1", as_json(component()), name="other-{}.cdx.json")
    told = words_of(page(client, other, "other-1.1.cdx.json", show="changes"))
    assert "has no bill of materials of this name that was read" in told


@pytest.mark.parametrize("show", SHOWS)
def test_what_is_hostile_is_text_on_every_page(client, tool, show):
    """Script, markup and marks that turn text around, in every field that is shown."""
    hostile = "<script>alert(1)</script>\"'\u202e\0{{ 7|add:7 }}"
    fields = dict.fromkeys(("name", "version", "type", "group", "purl", "scope"), hostile)
    bad = component(**fields, licenses=[{"license": {"name": hostile}}], supplier={"name": hostile})
    flaw = {
        "id": hostile,
        "source": {"name": hostile, "url": f"https://example.org/{hostile}"},
        "description": hostile,
        "ratings": [{"severity": hostile}],
        "affects": [{"ref": hostile}],
        "analysis": {"state": hostile},
    }
    told = metadata(
        component=bad, timestamp=hostile, tools=[{"name": hostile}], supplier={"name": hostile}
    )
    bills.release(tool, "0.9", as_json(component(), vulnerabilities=[flaw]), released=True)
    data = as_json(bad, vulnerabilities=[flaw], metadata=told, specVersion=hostile)
    text = text_of(page(client, bills.release(tool, "1.0", data), show=show))
    assert "<script>alert" not in text
    assert "\u202e" not in text
    assert "\0" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "{{ 7|add:7 }}" in text


def test_a_file_that_was_not_read_says_why_and_leads_to_its_report(client, tool):
    release = bills.release(tool, "1.0", "It is neither JSON nor XML.")
    assert "It is neither JSON nor XML." in words_of(page(client, release))
    report = url(release, "report", "notes.txt")
    assert report in text_of(page(client, release, "notes.txt"))


def test_checks_that_are_under_way_are_awaited(client, tool):
    release = make.release(tool, version="1.0", files={PATH: b"{}"})
    assert "under way" in words_of(page(client, release))
    assert "under way" in words_of(client.get(url(release, "sboms")))


def test_unknown_files_and_revisions_are_not_found(client, tool):
    release = bills.release(tool, "1.0", as_json(component()))
    assert page(client, release, "nothing.cdx.json").status_code == 404
    assert page(client, release, revision=7).status_code == 404
    assert page(client, release, show="nonsense", page="x", how="y").status_code == 200


def test_all_of_a_release_are_listed_and_without_one_how_to_make_one_is_told(client, tool):
    release = bills.release(tool, "1.0", as_json(component()), "It is empty.")
    text = text_of(client.get(url(release, "sboms")))
    assert url(release, "sbom", PATH) in text
    assert "It is empty." in text
    none = words_of(client.get(url(bills.release(make.project("bare"), "1.0"), "sboms")))
    assert "This release has no bill of materials." in none
    assert "Let the build write one" in none


def test_report_findings_and_download_lead_to_it(client, tool):
    release = bills.release(tool, "1.0", as_json(component()))
    assert url(release, "sbom", PATH) in text_of(client.get(url(release, "report", PATH)))
    assert url(release, "sboms") in text_of(client.get(url(release, "findings")))


def test_pages_never_open_the_document(client, tool, monkeypatch):
    release = bills.release(tool, "1.0", as_json(component()))
    monkeypatch.setattr(Blob, "open", None)
    monkeypatch.setattr(Blob, "local_file", None)
    assert {page(client, release, show=show).status_code for show in SHOWS} == {200}


def test_the_number_of_questions_is_the_same_for_ten_thousand_components(client, tool):
    few = as_json(component(), vulnerabilities=[{"id": "CVE-1"}])
    many = as_json(
        *(licensed("MIT", name=f"n{number}") for number in range(10_000)),
        vulnerabilities=[{"id": f"CVE-{number}"} for number in range(200)],
    )
    versions = {"0.8": few, "0.9": few, "1.0": many}
    made = [bills.release(tool, *each, released=True) for each in versions.items()]
    assert Sbom.objects.get(result__path=PATH).components_count == 10_000
    for show, most in MOST_QUESTIONS.items():
        asked = [questions(client, each, show) for each in made[1:]]
        assert asked[0] == asked[1] <= most, show


def questions(client, release, show) -> int:
    with CaptureQueriesContext(connection) as asked:
        path = bills.NAME.format(release.version)
        assert page(client, release, path, show=show).status_code == 200
    return len(asked)


def test_pages_of_many_components_are_turned_and_keep_their_filters(client, tool):
    parts = [component(f"n{number:03}") for number in range(120)]
    release = bills.release(tool, "1.0", as_json(*parts))
    assert "Page 2 of 3" in words_of(page(client, release, page=2))
    text = text_of(page(client, release, q="n0", page=2))
    assert "Page 2 of 2" in text
    assert "q=n0&amp;page=1" in text
    assert len(text) < 60_000


def test_whoever_may_see_the_release_may_see_it(client, tool):
    draft = bills.release(tool, "1.1", as_json(component()))
    path = bills.NAME.format("1.1")
    assert page(member_of(draft), draft, path).status_code == 200
    assert page(Client(), draft, path).status_code == 404
    assert Client().get(url(draft, "sboms")).status_code == 404
    released = bills.release(tool, "1.0", as_json(component()), released=True)
    assert page(Client(), released).status_code == 200
    address = reverse("checks:sbom", args=[draft.project.slug, "9.9", PATH])
    assert client.get(address).status_code == 404
