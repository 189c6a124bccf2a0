"""Which keys the platform's Web Key Directory has: those of its people, under their own address."""

from collections.abc import Iterable
from datetime import datetime

from django.conf import settings
from django.db.models import F
from django.utils.timezone import now

from keys import wkd
from keys.models import Certificate
from keys.persons import address_in


def address_of(username: str) -> str:
    """The address under which the directory has this person's key."""
    return f"{username}@{settings.MAIL_DOMAIN}".lower()


def is_listed(key: Certificate) -> bool:
    """Whether the directory has the key: it is somebody's own, and names their address here.

    A user id alone is a claim: only the owner's very own address counts, so that nobody is listed
    under the address of somebody else.
    """
    return key.owner is not None and _names(key, address_of(key.owner.username))


def found(name: str, local_part: str = "") -> bytes | None:
    """The key in the file `name` of the directory, in binary form; None where there is none.

    Of several the newest that can sign today; without one, the newest: who looks for it is to
    learn that it has been revoked, or to get its later expiry.
    """
    username = _known_by(name, local_part)
    if username is None:
        return None
    address = address_of(username)
    own = Certificate.objects.filter(owner__username__iexact=username, owner__is_active=True)
    rows = [key for key in own.order_by(F("created_at").desc(), "pk") if _names(key, address)]
    at = now()
    for key in sorted(rows, key=lambda key: _is_over(key, at)):
        return wkd.only_for(key.armored, lambda text: address_in(text) == address)
    return None


def _is_over(key: Certificate, at: datetime) -> bool:
    return key.revoked or (key.expires_at is not None and key.expires_at <= at)


def _names(key: Certificate, address: str) -> bool:
    return any(address_in(each) == address for each in key.user_ids)


def _known_by(name: str, local_part: str) -> str | None:
    """The account of which `name` is the file. Clients say the local part too; it is no proof."""
    if local_part:
        return local_part if wkd.name_of(local_part) == name else None
    usernames: Iterable[str] = (
        Certificate.objects.filter(owner__is_active=True)
        .order_by()
        .values_list("owner__username", flat=True)
        .distinct()
    )
    return next((each for each in usernames if wkd.name_of(each) == name), None)
