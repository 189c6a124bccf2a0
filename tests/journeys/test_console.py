"""Every page of the console, held against what all pages promise: each list, each row's page, each
form, each act's confirmation."""

from collections.abc import Iterator

import pytest
from django.contrib import admin
from django.db.models import Model
from django.urls import reverse

from releases.models import Release
from tests.journeys import looks
from tests.journeys.console import OPERATOR
from tests.journeys.looks import Look
from tests.journeys.site import Site
from tests.journeys.test_pages import BUDGET, nothing, of_each
from tests.pages import Page
from trusted_releases.ledger.models import Job
from trusted_releases.lib.admin_acts import Acts

pytestmark = [pytest.mark.once, pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

ADDED = ["committee", "membership", "project", "policy", "user", "banner"]
NO_PAGE = {"sessions.Session"}  # its address would be its secret


def lists(there: Release) -> Iterator[Page]:
    for model in admin.site._registry:
        yield Page(model._meta.label, _address(model, "changelist"), OPERATOR)
    nowhere = reverse("admin:ledger_job_changelist") + "?q=no-such-job"
    yield Page("an empty list", nowhere, OPERATOR)


def rows(there: Release) -> Iterator[Page]:
    for model in admin.site._registry:
        row = model._default_manager.order_by("pk").first()
        if row is not None and model._meta.label not in NO_PAGE:
            yield Page(model._meta.label, _address(model, "change", row.pk), OPERATOR)


def acts(there: Release) -> Iterator[Page]:
    for model, console in admin.site._registry.items():
        row = model._default_manager.order_by("pk").first()
        for act in console.acts if isinstance(console, Acts) and row else ():
            address = _address(model, "act", row.pk, act.name)
            yield Page(f"{model._meta.label} {act.name}", address, OPERATOR)
    role = there.project.committee.memberships.first()
    yield Page("take a role", _address(type(role), "delete", role.pk), OPERATOR)
    yield Page("act on behalf", reverse("act-on-behalf", args=[role.user_id]), OPERATOR)


def forms(there: Release) -> Iterator[Page]:
    for name in ADDED:
        yield Page(f"add {name}", reverse(f"admin:projects_{name}_add"), OPERATOR)


def _address(model: type[Model], page: str, *key: object) -> str:
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
    return reverse(name, args=key)


@pytest.fixture(scope="module", params=[lists, rows, acts, forms])
def seen(site: Site, request: pytest.FixtureRequest) -> list[Look]:
    release = site.world.voting
    Job.objects.create(name="releases.send_mail", queue="mail", state="failed", error="x" * 300)
    found = []
    with site.seat(OPERATOR) as seat:
        for page in request.param(release):
            each = looks.look(seat, page)
            each.unfit = looks.examine(seat.page)
            found.append(each)
    return found


def test_each_page_answers(seen: list[Look]) -> None:
    assert len(seen) > 5
    nothing(f"{each.page.name}: {each.status}" for each in seen if each.status != 200)


def test_axe_finds_nothing(seen: list[Look]) -> None:
    nothing(of_each(seen, "unfit"))


def test_nothing_is_complained_about_sticks_out_or_moves(seen: list[Look]) -> None:
    for part in ("complaints", "sticking_out", "moving"):
        nothing(of_each(seen, part))


def test_none_is_heavy_or_needs_what_the_policy_forbids(seen: list[Look]) -> None:
    nothing(f"{each.page.name}: {line}" for each in seen for line in each.markup.forbidden)
    heavy = [each for each in seen if sum(each.weights.values()) >= BUDGET]
    nothing(f"{each.page.name}: {sum(each.weights.values())}" for each in heavy)


def test_each_has_one_heading_and_no_link_without_an_address(seen: list[Look]) -> None:
    nothing(f"{each.page.name}: {each.markup.h1}" for each in seen if len(each.markup.h1) != 1)
    nothing(each.page.name for each in seen if {"", "#"} & set(each.markup.links))
