"""Whatever stands in the query of a list of the console: it answers, and not with an error of
ours. What is asked is what its own links ask, with other values."""

import re
from collections.abc import Iterator
from html import unescape

import pytest
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from tests import pages
from tests.test_hostile_queries import VALUES
from tests.visitors import logged_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(600)]

OWN = ("q", "o", "p", "all", "e", "_popup", "_to_field", "_changelist_filters", "nothing__in")
ASKED = re.compile(r"[?&]([\w.]+)=")


def names(model: type[Model], operator: Client) -> list[str]:
    """What the list can be asked, by its own links, by its dates and by its columns."""
    meta = model._meta
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
    found = set(ASKED.findall(unescape(operator.get(address).content.decode())))
    dates = admin.site._registry[model].date_hierarchy
    parts = [f"{dates}__{part}" for part in ("year", "month", "day", "gte")] if dates else []
    return sorted({*found, *OWN, *parts, "pk", "id__exact", "pk__in"})


def queries(each: list[str]) -> Iterator[str]:
    for name in each:
        yield from (f"{name}={value}" for value in VALUES[:3])
    if any(name.endswith("__year") for name in each):
        year = next(name for name in each if name.endswith("__year"))
        rest = year.removesuffix("__year")
        yield f"{year}=2026&{rest}__month=99&{rest}__day=99"
        yield f"{year}=99999"
        yield f"{year}=0"


def test_every_list_answers_whatever_it_is_asked() -> None:
    operator = logged_in(pages.world().people["admin"])
    operator.raise_request_exception = False
    wrong = []
    for model in admin.site._registry:
        meta = model._meta
        address = reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist")
        for query in queries(names(model, operator)):
            answer = operator.get(f"{address}?{query}")
            if answer.status_code >= 500 or b"<script>alert(1)" in answer.content:
                wrong.append((meta.label, query[:80]))
    assert wrong == []
