"""Filters whose choices are known without asking a million rows."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.contrib.admin import AllValuesFieldListFilter, RelatedFieldListFilter
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.timezone import now

from checks.models import Finding, Result
from tests import make
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.tags import Tag

pytestmark = pytest.mark.django_db


@pytest.fixture
def console():
    return logged_in(make.staff("auditor"))


def found(console, model: str, **query: str) -> list:
    page = console.get(reverse(f"admin:{model}_changelist"), query)
    assert page.status_code == 200
    return list(page.context["cl"].result_list)


@pytest.mark.parametrize(("period", "count"), [("hour", 1), ("day", 2), ("week", 3), ("odd", 4)])
def test_rows_since(console, period: str, count: int) -> None:
    for age in (timedelta(0), timedelta(hours=2), timedelta(days=3), timedelta(days=400)):
        Job.objects.create(name="a", queue="mail", created_at=now() - age)
    assert len(found(console, "ledger_job", since=period)) == count


def test_one_value_of_those_the_code_knows(console) -> None:
    Job.objects.create(name="a", queue="mail")
    kept = Job.objects.create(name="b", queue="heavy")
    assert found(console, "ledger_job", queue="heavy") == [kept]


def test_an_answer_nobody_offered_narrows_nothing(console) -> None:
    Job.objects.create(name="a", queue="mail")
    assert len(found(console, "ledger_job", trouble="no-such-trouble")) == 1


def test_no_list_of_ours_asks_its_rows_which_values_they_have() -> None:
    """A filter on free text is a DISTINCT over the table; one on a relation a choice of all."""
    slow = []
    for model, row in admin.site._registry.items():
        for each in row.list_filter:
            if isinstance(each, str):
                field = model._meta.get_field(each)
                choices = bool(field.choices) or field.get_internal_type() == "BooleanField"
                if not choices:
                    slow.append(f"{model.__name__}.{each}")
            elif isinstance(each, tuple) and issubclass(
                each[1], AllValuesFieldListFilter | RelatedFieldListFilter
            ):
                slow.append(f"{model.__name__}.{each[0]}")
    assert slow == []


BIG = ["ledger_event", "ledger_job", "checks_finding", "checks_result", "releases_entry"]


@pytest.mark.parametrize("model", BIG)
def test_lists_of_big_tables_have_no_hierarchy_of_dates_and_no_facets(model: str) -> None:
    names = {
        f"{m._meta.app_label}_{m._meta.model_name}": a for m, a in admin.site._registry.items()
    }
    row = names[model]
    assert row.date_hierarchy is None
    assert not row.show_full_result_count
    assert row.show_facets is admin.ShowFacets.NEVER
    assert all(each.endswith(("__exact", "__startswith")) for each in row.search_fields)


def cost(console, model: str, **query: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        found(console, model, **query)
    return len(queries)


def test_lists_cost_the_same_for_many_rows_as_for_few(console) -> None:
    models = [
        *("releases_release", "releases_revision", "releases_vote", "releases_entry"),
        *("releases_ballot", "releases_publication", "ledger_event", "ledger_job"),
        *("projects_project", "projects_membership", "projects_user", "projects_policy"),
        *("checks_finding", "checks_run", "keys_keylink"),
    ]
    make.publication()
    few = {model: cost(console, model) for model in models}
    for _ in range(4):
        make.publication()
    assert {model: cost(console, model) for model in models} == few
    assert max(few.values()) <= 8


def test_a_list_of_findings_asks_nothing_about_all_of_them(console) -> None:
    result = Result.objects.create(key="k")
    same = {"result": result, "rule": "signature", "version": 1, "level": "note"}
    Finding.objects.bulk_create(Finding(place=number, **same) for number in range(60))
    with CaptureQueriesContext(connection) as queries:
        assert len(found(console, "checks_finding", rule="signature")) == 50
    about = [each["sql"] for each in queries if Finding._meta.db_table in each["sql"]]
    assert len(about) == 2  # a count with a limit, and the page
    assert all("LIMIT" in sql for sql in about)
    assert not any("DISTINCT" in sql for sql in about)


def test_events_are_found_by_the_row_they_are_about(console) -> None:
    project = make.project()
    event = Event.objects.record(Tag.PROJECT_CHANGED, by=None, subject=project)
    page = console.get(reverse("admin:projects_project_change", args=[project.pk]))
    assert list(console.get(page.context["events_url"]).context["cl"].result_list) == [event]
