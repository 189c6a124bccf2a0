import json

import pytest

from checks.engine.model import Finding, Level, Limits, Policy


def test_levels_have_an_order():
    assert [level.rank for level in Level] == [0, 1, 2, 3]


def test_a_finding_survives_the_way_through_json():
    finding = Finding("paths", 1, Level.CONCERN, "a", "Hm.", "b", "ls", {"count": 1})
    assert Finding.from_json(json.loads(json.dumps(finding.as_json()))) == finding


def test_a_policy_survives_the_way_through_json():
    policy = Policy(project="x", source_paths=("*.zip",), podling=True, limits=Limits(ratio=7))
    assert Policy.from_json(json.loads(json.dumps(policy.as_json()))) == policy


@pytest.mark.parametrize(
    ("value", "why"),
    [
        ([], "JSON object"),
        ({"projekt": "x"}, "no field 'projekt'"),
        ({"podling": "yes"}, "'podling' must be of type bool"),
        ({"source_paths": "*.zip"}, "list of strings"),
        ({"limits": {"ratio": "high"}}, "'ratio' must be of type int"),
        ({"limits": 3}, "JSON object"),
    ],
)
def test_a_policy_that_is_none_is_refused_with_the_field_named(value, why):
    with pytest.raises(ValueError, match=why):
        Policy.from_json(value)
