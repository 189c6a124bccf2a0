"""The pages about rules."""

import pytest
from django.urls import reverse

from checks import guide, rules
from tests.checks.made import checked, draft, found, member_of, url


def index(client, **query) -> str:
    return client.get(reverse("checks:rules"), query).content.decode()


def test_every_rule_stands_under_its_subject_with_a_link(client):
    text = index(client)
    for rule in rules.ALL:
        assert f'id="{rule.slug}"' in text
        assert reverse("checks:rule", args=[rule.slug]) in text
    places = [text.index(f"<h2>{subject.value}</h2>") for subject in guide.Subject]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("words", "slugs"),
    [
        ("expired", {"signature"}),
        ("SHA-512 downloaders", {"checksum"}),
        ("rat", None),
        ("no such words", set()),
    ],
)
def test_a_search_finds_the_rules_that_speak_of_all_the_words(client, words, slugs):
    text = index(client, q=words)
    found = {rule.slug for rule in rules.ALL if f'id="{rule.slug}"' in text}
    assert found == slugs if slugs is not None else "license.rat" in found
    assert f"{len(found)} of {len(rules.ALL)} rules" in text
    assert ("No rule speaks of this" in text) is (not found)


@pytest.mark.parametrize("rule", rules.ALL, ids=lambda rule: rule.slug)
def test_a_rule_says_what_why_and_how_to_mend(client, rule):
    text = client.get(reverse("checks:rule", args=[rule.slug])).content.decode()
    ours = guide.of(rule.slug)
    assert f"version {rule.version}" in text
    assert 'href="https://' in text
    assert text.count("<h3>") == len(ours.fixes)
    assert "Before:" in text or "Next:" in text


def test_a_rule_that_does_not_exist_is_not_found(client):
    assert client.get(reverse("checks:rule", args=["no.such"])).status_code == 404


@pytest.mark.django_db
def test_a_finding_of_a_rule_that_is_no_more_leads_to_all_rules():
    release = draft()
    checked(release.newest, found(rule="gone.rule"))
    text = member_of(release).get(url(release, "findings")).content.decode()
    assert f'<a href="{reverse("checks:rules")}">Rule gone.rule</a>' in text
