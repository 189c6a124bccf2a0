"""Seeding is for a demo only."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from projects.models import Project, User
from trusted_releases import demo

pytestmark = pytest.mark.django_db


def test_it_makes_accounts_and_says_who_can_log_in(settings: Any) -> None:
    settings.DEMO = True
    said = StringIO()
    call_command("seed_demo", stdout=said)
    call_command("seed_demo", stdout=said)
    assert "alice" in said.getvalue()
    assert demo.password() in said.getvalue()
    assert User.objects.count() == len(demo.ACCOUNTS)
    assert Project.objects.get().rules.hours == 0


def test_a_real_installation_gets_no_demo_accounts(settings: Any) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="is no demo"):
        call_command("seed_demo")
    assert not User.objects.exists()
