"""A policy that a person wrote: taken, or refused with the place and the way out."""

import pytest

from checks.engine.model import Limits, Policy
from checks.laptop.policy import MAX_POLICY, policy_of, read_policy
from trusted_releases.lib.errors import BadInput


def test_a_policy_is_read_from_a_file(tmp_path):
    path = tmp_path / "policy.json"
    path.write_text('\ufeff{"podling": true, "limits": {"members": 7}}')
    assert read_policy(path) == Policy(podling=True, limits=Limits(members=7))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '{\n  "project": "x",\n  "source_path": ["*.zip"]\n}',
            "p.json, line 3, is no policy: Policy has no field 'source_path'. Did you mean "
            "'source_paths'? Known are: project, committee, version, podling,",
        ),
        ('{"qqq": 1}', "p.json, line 1, is no policy: Policy has no field 'qqq'. Known are:"),
        (
            '{"limits": {\n"ration": 1}}',
            "p.json, line 2, is no policy: Limits has no field 'ration'. Did you mean 'ratio'? "
            "Known are: total_size, file_size, members, ratio, depth, metadata, link_target.",
        ),
        (
            '{\n\n"podling": "yes"}',
            "p.json, line 3, is no policy: 'podling' must be true or false.",
        ),
        ('{"podling": true,\n"podling": false}', "line 2, is no policy: 'podling' stands in it"),
        ('{"license_mode": "none"}', "'license_mode' must be one of files, lightweight, rat, both"),
        ('{"project": "x",\n}', "p.json, line 2, column 1, is no policy: Expecting property name"),
        ("[]", "p.json is no policy: Policy must be a JSON object."),
        ('{"limits": 3}', "p.json, line 1, is no policy: Limits must be a JSON object."),
        ('{"\\u0071qq": 1}', "p.json is no policy: Policy has no field 'qqq'"),
        ("[" * 100_000, "p.json is no policy: "),
    ],
)
def test_what_is_wrong_is_said_with_its_line_and_what_is_known(text, said):
    with pytest.raises(BadInput) as refused:
        policy_of(text.encode(), "p.json")
    assert said in str(refused.value)


def test_bytes_that_are_no_text_and_too_many_of_them_are_refused():
    with pytest.raises(BadInput, match="is no policy"):
        policy_of(b"\xff", "p.json")
    with pytest.raises(BadInput, match="larger than 1 MB"):
        policy_of(b" " * (MAX_POLICY + 1), "p.json")


def test_a_file_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(BadInput, match=r"none cannot be read: No such file"):
        read_policy(tmp_path / "none")
