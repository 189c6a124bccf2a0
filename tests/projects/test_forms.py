"""Forms about people and workflows."""

import pytest

from projects.forms import Member
from tests import make

pytestmark = pytest.mark.django_db


def test_a_role_is_one_of_ours():
    assert "role" in Member({"username": make.user().username, "role": "king"}).errors
