"""The banner: in force from one moment to another, on every page, for next to nothing."""

from datetime import timedelta

import pytest
from django.core.cache import cache
from django.db import IntegrityError
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from projects.models import Banner
from projects.models.banner import KEPT, banner_now
from tests import make
from tests.visitors import logged_in
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


def test_the_newest_in_force_is_shown() -> None:
    cache.delete(KEPT)
    at = now()
    Banner.objects.create(text="over", starts_at=at - 3 * HOUR, ends_at=at - HOUR)
    Banner.objects.create(text="to come", starts_at=at + HOUR)
    assert banner_now() is None
    Banner.objects.create(text="older", starts_at=at - 2 * HOUR)
    newer = Banner.objects.create(text="newer", starts_at=at - HOUR, ends_at=at + HOUR)
    assert banner_now() == newer
    assert [each.is_in_force(at) for each in Banner.objects.order_by("pk")] == [
        *(False, False, True, True),
    ]


def test_it_is_one_question_and_then_none(django_assert_num_queries) -> None:
    cache.delete(KEPT)
    with django_assert_num_queries(1):
        assert [banner_now(), banner_now()] == [None, None]
    Banner.objects.create(text="Maintenance tonight.")
    with django_assert_num_queries(1):
        assert [each.text for each in (banner_now(), banner_now())] == ["Maintenance tonight."] * 2


def test_it_stands_on_every_page_and_harms_none(client: Client) -> None:
    Banner.objects.create(text="Down at <b>six</b>.", level="warning")
    for name in ("home", "projects:list", "releases:list", "account_login"):
        page = client.get(reverse(name)).content.decode()
        assert "Down at &lt;b&gt;six&lt;/b&gt;." in page
    page = logged_in(make.operator()).get(reverse("admin:index")).content.decode()
    assert "Down at &lt;b&gt;six" in page


def test_an_operator_makes_and_changes_one_with_an_event_each() -> None:
    client = logged_in(make.staff("operator", username="ada"))
    at = now()
    sent = {
        "text": "Down at six.",
        "level": "info",
        "starts_at": f"{at:%Y-%m-%dT00:00}",
    }
    assert client.post(reverse("admin:projects_banner_add"), sent).status_code == 302
    banner = Banner.objects.get()
    assert banner.made_by.username == "ada"
    address = reverse("admin:projects_banner_change", args=[banner.pk])
    client.post(address, {**sent, "text": "Down at seven."})
    events = Event.objects.filter(tag=Tag.BANNER_CHANGED).order_by("pk")
    assert [each.facts["text"] for each in events] == ["Down at six.", "Down at seven."]


@pytest.mark.parametrize("group", ["auditor", "security officer"])
def test_others_only_look(group: str) -> None:
    client = logged_in(make.staff(group))
    assert client.get(reverse("admin:projects_banner_changelist")).status_code == 200
    assert client.get(reverse("admin:projects_banner_add")).status_code == 403


def test_it_ends_after_its_beginning() -> None:
    with pytest.raises(IntegrityError):
        Banner.objects.create(text="x", starts_at=now(), ends_at=now() - HOUR)


def test_control_characters_are_refused() -> None:
    client = logged_in(make.staff("operator"))
    sent = {"text": "a\x1bb", "level": "info", "starts_at": "2026-01-01T00:00"}
    page = client.post(reverse("admin:projects_banner_add"), sent).content.decode()
    assert "Control characters are not allowed." in page


def test_a_long_one_is_cut_in_lists() -> None:
    assert str(Banner(text="x" * 100)) == "x" * 59 + "…"
