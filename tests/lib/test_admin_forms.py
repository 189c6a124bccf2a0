"""Fields of the console's forms: names, moments and boxes, and no library of scripts."""

import re

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from projects.models import Banner, Policy
from tests import make
from tests.visitors import logged_in

pytestmark = pytest.mark.django_db

FORMS = ["committee", "membership", "project", "policy", "user", "banner"]


@pytest.fixture
def console() -> Client:
    return logged_in(make.operator())


def scripts(page: str) -> set[str]:
    return set(re.findall(r'<script[^>]*src="[^"]*?([\w.-]+\.js)"', page))


@pytest.mark.parametrize("name", FORMS)
def test_no_form_loads_a_library_of_scripts(console: Client, name: str) -> None:
    page = console.get(reverse(f"admin:projects_{name}_add")).content.decode()
    heavy = {each for each in scripts(page) if re.search("jquery|select2|xregexp|inlines", each)}
    assert heavy == set()
    assert "#" not in re.findall(r'href="([^"]*)"', page)


def test_no_list_loads_a_script_for_rows_that_nobody_ticks() -> None:
    auditor = logged_in(make.staff("auditor"))
    make.user()
    page = auditor.get(reverse("admin:projects_user_changelist")).content.decode()
    assert scripts(page) == {"theme.js", "nav_sidebar.js", "filters.js"}


def test_every_row_of_the_console_has_such_forms(console: Client) -> None:
    for model, rows in admin.site._registry.items():
        assert not [each for each in rows.media._js if "jquery" in str(each)], model


class TestNames:
    def test_a_name_is_typed_and_suggested(self, console: Client) -> None:
        make.project("tool")
        page = console.get(reverse("admin:projects_policy_add")).content.decode()
        address = re.search(r'data-suggest="([^"]+)"', page)
        assert address is not None
        found = console.get(address[1].replace("&amp;", "&") + "&term=to").json()["results"]
        assert found == [{"name": "tool", "says": "Tool"}]

    def test_only_those_of_the_console_are_told_names(self, client: Client) -> None:
        query = {"app_label": "projects", "model_name": "membership", "field_name": "user"}
        assert client.get(reverse("admin:autocomplete"), query).status_code == 302
        client.force_login(make.user())
        assert client.get(reverse("admin:autocomplete"), query, follow=True).status_code == 403

    def test_a_form_begins_with_the_name_that_its_address_has(self, console: Client) -> None:
        address = reverse("admin:projects_membership_add")
        page = console.get(address, {"committee": "tool"}).content.decode()
        assert re.search(r'name="committee"[^>]*value="tool"|value="tool"[^>]*name="comm', page)

    def test_what_is_not_there_is_told_beside_the_field(self, console: Client) -> None:
        sent = {"project": "tool", "min_hours": 96, "binding_needed": 3, "license_mode": "files"}
        page = console.post(reverse("admin:projects_policy_add"), sent).content.decode()
        assert "There is none of this name: “tool”." in page
        assert not Policy.objects.exists()


def test_a_moment_is_the_browsers_own_field_and_in_utc(console: Client) -> None:
    page = console.get(reverse("admin:projects_banner_add")).content.decode()
    assert page.count('type="datetime-local"') == 2
    assert "In UTC." in page
    sent = {"text": "Down at six.", "level": "info", "starts_at": "2026-03-01T06:00"}
    console.post(reverse("admin:projects_banner_add"), sent)
    banner = Banner.objects.get()
    assert banner.starts_at.isoformat() == "2026-03-01T06:00:00+00:00"
    page = console.get(reverse("admin:projects_banner_change", args=[banner.pk])).content.decode()
    assert 'value="2026-03-01T06:00"' in page


def test_groups_are_boxes(console: Client) -> None:
    person = make.user()
    page = console.get(reverse("admin:projects_user_change", args=[person.pk])).content.decode()
    assert len(re.findall(r'type="checkbox" name="groups"', page)) == 3
