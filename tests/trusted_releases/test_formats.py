"""Moments name their zone, wherever Django writes one by itself."""

from datetime import UTC, date, datetime

from django.utils.formats import localize


def test_a_moment_names_its_zone() -> None:
    assert localize(datetime(2026, 11, 21, 15, 46, tzinfo=UTC)) == "21 Nov 2026, 15:46 UTC"


def test_a_day_is_written_alike() -> None:
    assert localize(date(2026, 3, 1)) == "1 Mar 2026"
