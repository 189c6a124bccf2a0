"""Making data up is for trying and measuring, never for a real installation."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from projects.models import User
from releases.models import Release
from trusted_releases.seeding.people import OPERATOR
from trusted_releases.seeding.scales import SCALES

pytestmark = pytest.mark.django_db


def seed(**options: Any) -> str:
    said = StringIO()
    call_command("seed", scale="tiny", stdout=said, **options)
    return said.getvalue()


def test_a_real_installation_gets_no_made_up_data(settings: Any) -> None:
    settings.DEBUG = False
    with pytest.raises(CommandError, match="real installation"):
        seed()
    assert not Release.objects.exists()


def test_it_says_how_far_it_is_and_what_there_is(settings: Any) -> None:
    settings.DEBUG = True
    said = seed()
    count = SCALES["tiny"].all_releases
    assert f"releases: {count} of {count} made" in said
    assert f"{count} releases" in said
    assert "Nothing was missing." in seed()


def test_nobody_can_log_in_as_somebody_made_up(settings: Any) -> None:
    settings.DEBUG = True
    seed()
    assert not User.objects.get(username=OPERATOR).has_usable_password()
    assert not any(person.has_usable_password() for person in User.objects.all())


def test_in_a_demo_something_waits_for_its_people(settings: Any) -> None:
    settings.DEBUG = settings.DEMO = True
    seed()
    assert User.objects.get(username="alice").memberships.count() > 1
