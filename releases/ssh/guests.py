"""Who comes in by SSH: accounts, by the keys they have added here, and runs of workflows, by those
that they have registered. All of it asks the database."""

from copy import copy

from django.conf import settings
from django.core.exceptions import PermissionDenied

from keys import passes
from keys.models import SshKey
from projects.models import User
from projects.roles import Reach
from trusted_releases.ledger.limits import actor_of, network_of, spend

GONE = "This key opens no account here any more."


def knock(address: str) -> None:
    """Count an attempt to come in from this address; limits.TooMany when there were too many."""
    spend(f"address:{network_of(address)}", "ssh.connect")


def is_known(name: str, fingerprint: str) -> bool:
    """Whether this key opens this account, which is not switched off; or is that of a run."""
    if name == passes.SSH_USER:
        return passes.key_of(fingerprint) is not None
    return name.isprintable() and _keys(name, fingerprint).exists()


def person_of(name: str, fingerprint: str, address: str) -> User:
    """Who has come in, with the rights that a key brings: those of an access token.

    Raises limits.TooMany, or PermissionDenied when the key is gone since they were asked for it.
    """
    if name == passes.SSH_USER:
        return _starter_of(fingerprint, address)
    key = _keys(name, fingerprint).select_related("owner").first()
    if key is None:
        raise PermissionDenied(GONE)
    spend(actor_of(key.owner, address), "ssh.session")
    key.record_used()
    person = copy(key.owner)
    person.comes_by = f"SSH key {fingerprint}"
    person.reach = Reach.ALL
    person.is_unproven = person.is_of_the_console and settings.ADMIN_MFA
    return person


def _starter_of(fingerprint: str, address: str) -> User:
    """Who has started the run that this key is of, with no more than the key is for."""
    key = passes.key_of(fingerprint)
    if key is None:
        raise PermissionDenied(GONE)
    spend(actor_of(key.owner, address), "ssh.session")
    key.record_used()
    return passes.person_by(key)


def require_still(name: str, fingerprint: str) -> None:
    """PermissionDenied when what somebody came in by was ended since: what they have sent by it is
    not taken then. The time of a run's key may pass meanwhile."""
    if name == passes.SSH_USER:
        stands = passes.key_of(fingerprint, begun=True) is not None
    else:
        stands = _keys(name, fingerprint).exists()
    if not stands:
        raise PermissionDenied(GONE)


def _keys(name: str, fingerprint: str):  # type: ignore[no-untyped-def]
    return SshKey.objects.filter(
        fingerprint=fingerprint, owner__username=name, owner__is_active=True
    )
