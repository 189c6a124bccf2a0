"""What is typed into the console's forms."""

import pytest
from django.urls import reverse

from projects.models import Committee
from tests import make
from tests.visitors import logged_in

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["To\x0bol", "Tool\u2028Subject: x", "\x01Tool"])
def test_a_name_with_control_characters_is_not_taken(name: str) -> None:
    console = logged_in(make.operator())
    answer = console.post(reverse("admin:projects_committee_add"), {"slug": "tool", "name": name})
    assert "Control characters are not allowed" in answer.content.decode()
    assert not Committee.objects.exists()
