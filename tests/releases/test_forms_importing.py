"""What the form of an import takes. The verb judges the rest."""

import pytest

from releases.forms_importing import ImportFiles

pytestmark = pytest.mark.once

GIVEN = {"seen": 1, "kind": "web", "url": "https://dist.apache.org/x/"}


def test_an_address_is_enough() -> None:
    assert ImportFiles(GIVEN).is_valid()


@pytest.mark.parametrize(
    ("field", "value"), [("url", ""), ("kind", "ftp"), ("at", "1" * 11), ("url", "x" * 501)]
)
def test_what_cannot_be_is_told_beside_its_field(field: str, value: str) -> None:
    assert ImportFiles({**GIVEN, field: value}).errors[field]
