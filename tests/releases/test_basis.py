"""What a verdict rests on beside files, keys and policy."""

import pytest

from checks.engine import plan
from releases import basis
from releases.models import Release
from tests import make


def test_the_rules_and_their_versions_are_a_part() -> None:
    assert basis.parts()["rules"] == plan.rules_digest()


@pytest.mark.django_db
def test_a_verdict_does_not_survive_an_upgrade_of_the_rules(monkeypatch) -> None:
    release = make.candidate()
    assert list(release.vote_obstacles()) == []
    monkeypatch.setitem(basis._PARTS, "rules", lambda: "those of the next version")
    again = Release.objects.get(pk=release.pk)
    assert [each.code for each in again.vote_obstacles()] == ["checks_outdated"]
