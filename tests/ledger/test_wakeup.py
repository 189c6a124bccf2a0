"""Wake-up calls: which cluster hears them, and that a lost one is no error."""

import pytest
from django_q.conf import Conf
from django_q.models import OrmQ

from trusted_releases.ledger import wakeup
from trusted_releases.ledger.jobs import enqueue

pytestmark = pytest.mark.django_db


def test_named_queues_have_clusters_of_their_own_unless_one_serves_all_that_is_short(settings):
    settings.SINGLE_QUEUE = False
    enqueue("test.heavy", path="x")
    enqueue("test.write", path="x", queue="mail")
    enqueue("test.write", path="x")
    assert list(OrmQ.objects.order_by("pk").values_list("key", flat=True)) == [
        *("heavy", "mail", Conf.PREFIX)
    ]
    settings.SINGLE_QUEUE = True
    job = enqueue("test.write", path="x", queue="mail")
    assert job.queue == "mail"
    assert OrmQ.objects.order_by("pk").last().key == Conf.PREFIX
    enqueue("test.heavy", path="x")
    assert OrmQ.objects.order_by("pk").last().key == "heavy"


def test_dropping_a_call_that_is_gone_does_nothing():
    wakeup.drop(None)
    wakeup.drop(12345)
