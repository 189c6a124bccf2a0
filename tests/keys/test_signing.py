"""The key of short tokens: made when needed, changed by those who may."""

import pytest
from django.core.exceptions import PermissionDenied

from keys.models import SigningKey
from tests import make
from tests.test_races import at_once
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput

pytestmark = pytest.mark.django_db


def test_the_first_is_made_when_it_is_needed_and_stays() -> None:
    first = SigningKey.objects.current()
    assert SigningKey.objects.current() == first
    assert len(first.secret) == 32


def test_a_copy_of_the_database_signs_nothing(settings) -> None:
    key = SigningKey.objects.current()
    before = key.secret
    settings.SECRET_KEY = "another" * 10
    assert key.secret != before
    assert key.salt.encode() not in before


def test_a_new_one_counts_from_now_on() -> None:
    before = SigningKey.objects.current()
    made = SigningKey.objects.rotate(by=make.operator(), reason="A laptop was lost.")
    assert SigningKey.objects.current() == made
    assert made.secret != before.secret
    assert Event.objects.get(tag=Tag.SIGNING_KEY_ROTATED).facts["number"] == 2


@pytest.mark.parametrize("group", ["auditor", "operator"])
def test_others_do_not_change_it_and_it_is_on_record(group: str) -> None:
    with pytest.raises(PermissionDenied):
        SigningKey.objects.rotate(by=make.staff(group), reason="Because.")
    with pytest.raises(BadInput):
        SigningKey.objects.rotate(by=make.operator(), reason=" ")
    assert SigningKey.objects.count() == 1
    assert Event.objects.filter(tag=Tag.REFUSED).count() == 2


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_after_the_other() -> None:
    people = [make.operator() for _ in range(4)]
    SigningKey.objects.current()
    done, refused, _ = at_once(
        [lambda by=by: SigningKey.objects.rotate(by=by, reason="Now.") for by in people]
    )
    assert sorted(key.number for key in done) == [2, 3, 4, 5]
    assert refused == []
