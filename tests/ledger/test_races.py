"""Many at once: nobody waits for anybody to write down what happened."""

import threading
import time

import pytest
from django.db import connection, transaction

from trusted_releases.ledger.models import Event, Job
from trusted_releases.ledger.reactions_registry import react
from trusted_releases.ledger.sealing import seal_all
from trusted_releases.ledger.tags import Tag

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.postgres]

HELD = 0.5  # seconds for which each transaction stays open


def test_twenty_people_recording_on_twenty_rows_do_not_wait_for_each_other(
    alice, django_user_model
):
    react(Tag.BALLOT_CAST, "test.event")
    people = [django_user_model.objects.create_user(f"person{n}") for n in range(20)]
    start = threading.Barrier(21)
    finished = []

    def act(person):
        try:
            connection.ensure_connection()
            start.wait(30)
            with transaction.atomic():
                type(person).objects.select_for_update().get(pk=person.pk)
                Event.objects.record(Tag.BALLOT_CAST, by=person, subject=person)
                time.sleep(HELD)
            finished.append(person)
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=[person]) for person in people]
    for thread in threads:
        thread.start()
    start.wait(30)
    began = time.monotonic()
    while len(finished) < 20 and time.monotonic() - began < 30:
        seal_all()  # sealing goes on meanwhile, and holds nobody up either
        time.sleep(0.02)
    took = time.monotonic() - began
    for thread in threads:
        thread.join(30)
    assert len(finished) == 20
    assert took < 5 * HELD, "one after the other takes 20 times as long"
    seal_all()
    assert Event.objects.count() == Job.objects.count() == 20
    assert not Event.objects.unsealed().exists()
