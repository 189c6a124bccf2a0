"""Commands about credentials."""

import pytest
from django.core.management import CommandError, call_command

from keys.models import SigningKey
from tests import make

pytestmark = pytest.mark.django_db


def test_the_signing_key_is_changed_in_the_name_of_an_officer(capsys) -> None:
    officer = make.staff("security officer", username="olga")
    call_command("change_signing_key", by=officer.username, reason="A laptop was lost.")
    assert SigningKey.objects.current().number == 2
    assert "signing key 2" in capsys.readouterr().out


@pytest.mark.parametrize("by", ["nobody", "alice"])
def test_nobody_else_changes_it(by: str) -> None:
    make.user("alice")
    with pytest.raises(CommandError):
        call_command("change_signing_key", by=by, reason="Because.")
    assert SigningKey.objects.count() <= 1
