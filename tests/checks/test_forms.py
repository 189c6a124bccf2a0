"""The form of an ignore: it shapes input, and says which field is wrong."""

from datetime import UTC, date, datetime

import pytest

from checks.forms import SetIgnore
from tests import make

pytestmark = pytest.mark.django_db


def form(previewing: bool = False, **data) -> SetIgnore:
    return SetIgnore(data, project=make.project(), previewing=previewing)


def test_what_is_filled_in_becomes_an_ignore() -> None:
    filled = form(rule="license.rat", member="/lib/", reason="So.", last_day="2030-01-31")
    assert filled.is_valid(), filled.errors
    ignore = filled.ignore()
    assert (ignore.rule, ignore.member, ignore.reason) == ("license.rat", "/lib/", "So.")
    assert ignore.ends_at == datetime(2030, 2, 1, tzinfo=UTC)
    assert ignore.last_day == date(2030, 1, 31)
    assert ignore.pk is None


def test_a_preview_needs_no_reason_and_setting_it_does() -> None:
    assert form(previewing=True, rule="paths").is_valid()
    filled = form(rule="paths")
    assert list(filled.errors) == ["reason"]
    assert filled.ignore() is not None


def test_a_pattern_that_is_none_is_said_beside_its_field() -> None:
    filled = form(member="^(", reason="So.")
    assert list(filled.errors) == ["member"]
    assert filled.ignore() is None


def test_one_that_names_nothing_is_refused() -> None:
    filled = form(reason="So.")
    assert "would hide everything" in str(filled.non_field_errors())
    assert filled.ignore() is None


def test_a_form_that_nobody_has_filled_in_is_what_it_begins_with() -> None:
    begun = SetIgnore(initial={"rule": "paths"}, project=make.project(), previewing=False)
    assert begun.ignore().rule == "paths"
    assert SetIgnore(project=make.project(), previewing=False).ignore() is None
