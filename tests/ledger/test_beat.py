"""Which workers live."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from trusted_releases.ledger.models import WorkerBeat

pytestmark = pytest.mark.django_db


def test_a_beat_says_who_lives_and_what_it_serves():
    beat = WorkerBeat.objects.create(host="here", pid=2, queues=["mail"])
    assert str(beat) == "here:2"
    assert WorkerBeat.objects.serving("mail")
    assert not WorkerBeat.objects.serving("heavy")
    assert not WorkerBeat.objects.serving("mail", now() + timedelta(minutes=1))
