"""The list of all that lets somebody in."""

import pytest

from projects import credentials
from tests import make
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_before(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(credentials, "_KINDS", dict(credentials._KINDS))


def test_what_there_is_in_words() -> None:
    assert {"password and sessions", "second factors"} <= set(credentials.kinds())


def test_an_app_that_adds_its_own_has_them_revoked_and_counted() -> None:
    taken = []

    @credentials.credential("ssh_keys")
    def ssh_keys(person) -> int:
        taken.append(person)
        return 3

    person = make.user()
    person.revoke_credentials(by=make.staff("security officer"), reason="Stolen")
    assert taken == [person]
    assert Event.objects.get(tag=Tag.CREDENTIALS_REVOKED).facts["ssh_keys"] == 3


def test_one_that_cannot_be_revoked_takes_the_whole_act_back() -> None:
    @credentials.credential("broken")
    def broken(person) -> int:
        raise RuntimeError("The key server is away.")

    person = make.user(password="right")
    with pytest.raises(RuntimeError):
        person.revoke_credentials(by=make.staff("security officer"), reason="Stolen")
    person.refresh_from_db()
    assert person.check_password("right")
    assert not Event.objects.exists()
