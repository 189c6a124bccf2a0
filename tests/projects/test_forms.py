"""The policy's form shows every rule that people set, and saves none by itself."""

import pytest

from projects.forms import POLICY_FIELDS, ChangePolicy, Member
from projects.models import Policy
from tests import make

pytestmark = pytest.mark.django_db


def test_every_rule_of_a_policy_can_be_set():
    columns = {field.name for field in Policy._meta.concrete_fields}
    assert set(POLICY_FIELDS) == columns - {"id", "project"}
    assert list(ChangePolicy().fields) == POLICY_FIELDS


def test_the_form_judges_as_the_model_does():
    form = ChangePolicy({"binding_needed": 3, "vote_subject": "{{NOPE}}"}, instance=Policy())
    assert "There is no variable 'NOPE'" in form.errors["vote_subject"][0]


def test_a_role_is_one_of_ours():
    assert "role" in Member({"username": make.user().username, "role": "king"}).errors
