"""What all our mail has in common."""

import hashlib
import hmac

from django.conf import settings


def message_id(event_pk: int) -> str:
    """The Message-ID that this event's mail has, always. Nobody outside can guess it."""
    return id_of(f"event-{event_pk}", f"message-id:{event_pk}")


def id_of(name: str, secret: str = "") -> str:
    """The Message-ID of the mail with this name, always the same."""
    told = (secret or f"message-id:{name}").encode()
    made = hmac.new(settings.SECRET_KEY.encode(), told, hashlib.sha256)
    return f"<{name}-{made.hexdigest()[:16]}@{settings.MAIL_DOMAIN}>"
