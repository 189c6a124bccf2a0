"""The pages of the console over a seeded database: every list, each of its filters and orders, a
search in it by what it is searched for, and the page of one row."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.contrib.sessions.models import Session
from django.db.models import Model
from django.urls import reverse

from projects.models import User
from tests.visitors import Page, logged_in
from trusted_releases.seeding.people import OPERATOR

# What is typed into the search field of each list: a word, or what it says it is searched for.
WORDS = ("amber", "behemoth", "1.0.0")
CHOICE = re.compile(r'href="(\?[^"]+)"')


def pages() -> Iterator[Page]:
    yield Page("console", reverse("admin:index"), "operator")
    yield Page("console-health", reverse("admin:health"), "operator")
    for model in admin.site._registry:
        yield from _of(model)


def _of(model: type[Model]) -> Iterator[Page]:
    meta = model._meta
    name = f"{meta.app_label}_{meta.model_name}"
    address = reverse(f"admin:{name}_changelist")
    yield Page(f"console-{name}", address, "operator")
    yield Page(f"console-{name}-last", f"{address}?p=200", "operator")
    for word in (*WORDS, *_exact(model)):
        yield Page(f"console-{name}-q-{word[:12]}", f"{address}?q={word}", "operator")
    for query in _choices(address):
        yield Page(f"console-{name}{query}", address + query, "operator")
    # Sessions come and go with each log-in, also of those who look here.
    if model is not Session and (row := model._default_manager.order_by("-pk").first()) is not None:
        yield Page(
            f"console-{name}-one", reverse(f"admin:{name}_change", args=[row.pk]), "operator"
        )


def _exact(model: type[Model]) -> list[str]:
    """What the newest row would be searched by, of its own columns."""
    row: Any = model._default_manager.order_by("-pk").first()
    columns = ("sha512", "fingerprint", "manifest_digest", "message_id", "root", "username")
    return [str(getattr(row, name)) for name in columns if getattr(row, name, "")]


def _choices(address: str) -> list[str]:
    """Where the links of filters and headings of this list lead, each once."""
    operator = logged_in(User.objects.get(username=OPERATOR))
    answer = operator.get(address, headers={"host": settings.ALLOWED_HOSTS[0]})
    found = (unescape(each) for each in CHOICE.findall(answer.content.decode()))
    return sorted({each for each in found if not each.startswith("?p=")})
