"""The values that go to the process that describes an archive, and come back."""

import json

import pytest

from checks.sbom.generate.about import About, Outcome
from tests.checks.sbom.generate.archives import about

pytestmark = pytest.mark.once


def test_both_are_the_same_after_a_journey_as_json():
    given = about(b"x", homepage="https://tool.apache.org/")
    assert About(**json.loads(json.dumps(given.as_json()))) == given
    found = Outcome(3, 2, 1, (("a/pom.xml", "it is no XML"),), 4)
    assert Outcome.from_json(json.loads(json.dumps(found.as_json()))) == found
