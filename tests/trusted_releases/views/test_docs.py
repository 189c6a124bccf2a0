"""The guides as pages: every one is there, nothing else is, and words in them are found."""

import pytest

from trusted_releases import guides

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("slug", guides.ORDER)
def test_a_guide_is_a_page_among_the_others(client, django_assert_num_queries, slug):
    shown = guides.guide(slug)
    with django_assert_num_queries(0):
        page = client.get(shown.url)
    text = page.content.decode()
    assert page.status_code == 200
    assert text.count("<h1") == 1
    assert "htmx-2.min.js" not in text, "a guide is long, and nothing in it changes by itself"
    for other in guides.ORDER[1:]:
        assert f'href="{guides.url_of(other)}"' in text


def test_each_leads_to_the_next_and_back(client):
    first = client.get("/docs/").context
    assert first["before"] is None
    assert first["after"].slug == guides.ORDER[1]
    last = client.get(guides.url_of(guides.ORDER[-1])).context
    assert last["after"] is None
    assert last["before"].slug == guides.ORDER[-2]


@pytest.mark.parametrize(
    "path", ["nothing/", "..%2fREADME/", "../manage/", "%2e%2e/README/", "images/x.png/", "\0/"]
)
def test_no_other_file_can_be_named(client, path):
    assert client.get(f"/docs/{path}").status_code == 404


def test_words_are_found(client):
    page = client.get("/docs/", {"q": "binding"}).content.decode()
    assert "“binding” in the guides" in page
    assert 'class="hits"' in page


@pytest.mark.parametrize("asked", ["zzzznothing", "<b>", "a" * 9999, "\0x zzzz"])
def test_words_that_are_nowhere_lead_on(client, asked):
    page = client.get("/docs/", {"q": asked}).content.decode()
    assert "No guide has these words" in page
    assert "<b>" not in page
