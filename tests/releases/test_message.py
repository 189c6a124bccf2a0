"""Mails as rows: one for each event."""

import pytest
from django.db import IntegrityError, transaction

from releases.models import Message
from tests import make


@pytest.mark.django_db
def test_an_event_makes_one_mail() -> None:
    release = make.release()
    Message.objects.create(release=release, event=1, message_id="<1@x>", subject="Hello")
    for taken in ({"event": 1, "message_id": "<2@x>"}, {"event": 2, "message_id": "<1@x>"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Message.objects.create(release=release, subject="Again", **taken)
    assert str(Message.objects.get()) == "Hello"
