import json
from dataclasses import fields

import pytest

from checks.engine.model import BadPolicy, Finding, Level, Limits, Policy


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
        ({"podling": "yes"}, "'podling' must be true or false"),
        ({"source_paths": "*.zip"}, "list of strings"),
        ({"limits": {"ratio": "high"}}, "'ratio' must be a whole number"),
        ({"limits": 3}, "JSON object"),
        ({"limits": {"members": 0}}, "'members' must be 1 or more"),
        ({"license_mode": "strict"}, "must be one of files, lightweight, rat, both"),
        ({"version": 1.0}, "'version' must be a string"),
    ],
)
def test_a_policy_that_is_none_is_refused_with_the_field_named(value, why):
    with pytest.raises(ValueError, match=why):
        Policy.from_json(value)


def test_a_field_that_is_unknown_is_told_with_those_that_are_known():
    with pytest.raises(BadPolicy) as refused:
        Policy.from_json({"limits": {"size": 1}})
    assert refused.value.field == "size"
    assert refused.value.known == tuple(Limits().as_json())


@pytest.mark.parametrize("kind", [Policy, Limits])
def test_every_field_is_explained(kind):
    assert [each.name for each in fields(kind) if not each.metadata.get("about")] == []
