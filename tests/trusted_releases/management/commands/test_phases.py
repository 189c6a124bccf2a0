"""docs/phases.md is what the code says."""

from io import StringIO
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from projects.roles import GRANTS, Role
from releases.models import Release
from releases.phases import Phase
from trusted_releases.management.commands.phases import document


def test_the_page_in_the_repository_is_the_one_the_code_writes() -> None:
    page = Path(settings.BASE_DIR) / "docs" / "phases.md"
    assert page.read_text() == document(), "run: manage.py phases > docs/phases.md"


def test_the_command_prints_it() -> None:
    said = StringIO()
    call_command("phases", stdout=said)
    assert said.getvalue() == document()


def test_every_move_is_on_it() -> None:
    page = document()
    for start, ends in Release.MOVES.items():
        for end in ends:
            assert f"| {Phase(start).label} | {Phase(end).label} |" in page


def test_it_tells_who_may_publish() -> None:
    row = next(line for line in document().splitlines() if "`releases.publish`" in line)
    assert row.count("yes") == sum("releases.publish" in grants for grants in GRANTS.values())
    assert "releases.publish" in GRANTS[Role.RELEASE_MANAGER]
