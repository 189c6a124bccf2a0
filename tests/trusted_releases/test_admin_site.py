"""The console: what it shows first, that every model is in it and every page opens."""

import re
from html import unescape

import pytest
from django.apps import apps
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from tests import make
from tests.visitors import logged_in

pytestmark = pytest.mark.django_db

OURS = ("projects", "keys", "releases", "checks", "ledger")
MODELS = [model for label in OURS for model in apps.get_app_config(label).get_models()]


@pytest.fixture
def console() -> Client:
    client = Client()
    client.force_login(make.operator())
    return client


@pytest.fixture
def walked():
    """Something of every kind of row."""
    release = make.passed()
    make.publication(release)
    return release


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_every_model_is_in_the_console_and_can_be_listed_searched_and_opened(
    console, walked, model
):
    assert admin.site.is_registered(model)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
    assert console.get(reverse(f"{name}_changelist")).status_code == 200
    assert console.get(reverse(f"{name}_changelist"), {"q": "x"}).status_code == 200
    if (row := model.objects.first()) is not None:
        assert console.get(reverse(f"{name}_change", args=[row.pk])).status_code == 200


LIFE_CYCLE = [
    *("releases.release", "releases.revision", "releases.entry", "releases.blob"),
    *("releases.vote", "releases.ballot", "releases.publication", "releases.message"),
    *("checks.run", "checks.result", "checks.finding"),
]


@pytest.mark.parametrize("label", LIFE_CYCLE)
def test_rows_of_the_life_cycle_are_only_looked_at(console, walked, label):
    model = apps.get_model(label)
    name = "admin:" + label.replace(".", "_")
    assert console.get(reverse(f"{name}_add")).status_code == 403
    if (row := model.objects.first()) is not None:
        assert console.post(reverse(f"{name}_change", args=[row.pk]), {}).status_code == 403
        assert console.post(reverse(f"{name}_delete", args=[row.pk]), {}).status_code == 403


def links_of(page: str) -> set[str]:
    """Where a page of the console leads, without its sidebar, filters and sorting."""
    inside = page.partition('id="content-start"')[2]
    found = {unescape(href) for href in re.findall(r'href="(/[^"]*)"', inside)}
    return {href for href in found if "_changelist_filters" not in href}


@pytest.mark.parametrize("group", ["auditor", "operator", "security officer"])
def test_nobody_is_shown_a_link_or_a_button_that_refuses_them(walked, group):
    client = logged_in(make.staff(group))
    make.user()
    ways = {reverse("admin:index")} | links_of(client.get(reverse("admin:index")).content.decode())
    for model in MODELS:
        if (row := model.objects.first()) is not None:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}"
            ways.add(reverse(f"{name}_change", args=[row.pk]))
    for way in list(ways):
        ways |= links_of(client.get(way).content.decode())
    answers = {way: client.get(way, follow=True).status_code for way in sorted(ways)}
    assert len(answers) > 60
    assert {way: status for way, status in answers.items() if status != 200} == {}


class TestParts:
    def test_every_list_stands_in_one_part(self, console):
        context = console.get(reverse("admin:index")).context
        shown = [each["model"] for part in context["app_list"] for each in part["models"]]
        assert sorted(each._meta.label for each in shown) == sorted(
            each._meta.label for each in admin.site._registry
        )

    def test_a_script_is_not_given_another_page_in_place_of_a_part(self, client):
        answer = client.get(reverse("admin:health"), headers={"HX-Request": "true"})
        assert answer.headers["HX-Refresh"] == "true"
        assert answer.content == b""

    def test_an_empty_list_says_so_and_leads_on(self, console):
        page = console.get(reverse("admin:releases_vote_changelist")).content.decode()
        assert "There are no votes yet." in page
        page = console.get(reverse("admin:releases_vote_changelist"), {"q": "x"}).content.decode()
        assert "No votes are like this." in page
        assert '<a href="?">Show all</a>' in page


class TestDoor:
    def test_the_health_fragment_is_for_operators_too(self, console, client):
        assert console.get(reverse("admin:health")).status_code == 200
        assert client.get(reverse("admin:health")).status_code == 302

    def test_staff_in_no_group_stay_outside(self, client):
        client.force_login(make.user(is_staff=True))
        assert client.get(reverse("admin:index"), follow=True).status_code == 403

    def test_its_password_page_is_that_of_the_site(self, console):
        answer = console.get(reverse("admin:password_change"))
        assert answer.url == reverse("account_change_password")

    def test_every_page_has_the_strict_policy(self, console):
        for name in ("index", "health", "ledger_job_changelist", "projects_user_changelist"):
            policy = console.get(reverse(f"admin:{name}")).headers["Content-Security-Policy"]
            assert "default-src 'self'" in policy
            assert "unsafe" not in policy

    def test_a_console_without_second_factor_says_so(self, console, settings):
        assert settings.ADMIN_MFA is False
        page = console.get(reverse("admin:index")).content.decode()
        assert "takes no second factor" in page

    def test_it_is_for_staff(self):
        client = Client()
        client.force_login(make.user(is_committer=True))
        answer = client.get(reverse("admin:index"), follow=True)
        assert answer.status_code == 403
        assert "for the operators" in answer.content.decode()

    def test_one_logs_in_where_everybody_does(self, client):
        answer = client.get(reverse("admin:index"), follow=True)
        path, _ = answer.redirect_chain[-1]
        assert path == f"{reverse('account_login')}?next=%2Fadmin%2F"
        password = {"username": "x", "password": "y"}
        assert client.post(reverse("admin:login"), password).status_code == 302
