"""Everything that lets somebody in as a person, in one list.

An app that has credentials of its own (access tokens, SSH keys) puts them here, and a security
officer who revokes a person's credentials revokes those as well.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from allauth.account.models import EmailConfirmation
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialToken
from django.db import models

if TYPE_CHECKING:
    from projects.models.account import Account


@dataclass(frozen=True)
class Ended:
    """One credential that is worth nothing any more, as its event tells it."""

    tag: str
    subject: models.Model
    facts: dict[str, Any]


# How many of its kind that were; or each of them, where each has a name of its own.
Revoke = Callable[["Account"], "int | Sequence[Ended]"]

_KINDS: dict[str, Revoke] = {}


def credential(kind: str) -> Callable[[Revoke], Revoke]:
    """Register how all credentials of this kind are revoked; the function returns how many, or
    each of them: then each gets an event of its own.

    `kind` is a name for events, such as `ssh_keys`.
    """

    def register(revoke: Revoke) -> Revoke:
        _KINDS[kind] = revoke
        return revoke

    return register


def kinds() -> tuple[str, ...]:
    """What is revoked, in words."""
    return tuple(kind.replace("_", " ") for kind in _KINDS)


def revoke_all(person: "Account") -> tuple[dict[str, int], list[Ended]]:
    """Revoke all there is, in the caller's transaction; how many of each kind that were, and those
    that have a name of their own."""
    gone = {kind: revoke(person) for kind, revoke in _KINDS.items()}
    counts = {kind: found if isinstance(found, int) else len(found) for kind, found in gone.items()}
    named = [each for found in gone.values() if not isinstance(found, int) for each in found]
    return counts, named


@credential("password_and_sessions")
def password(person: "Account") -> int:
    """A new unusable password: Django ties sessions, remembered browsers and reset links to it."""
    person.set_unusable_password()
    person.save(update_fields=["password"])
    return 1


@credential("second_factors")
def second_factors(person: "Account") -> int:
    return Authenticator.objects.filter(user=person).delete()[0]


@credential("identity_provider_tokens")
def provider_tokens(person: "Account") -> int:
    return SocialToken.objects.filter(account__user=person).delete()[0]


@credential("mail_confirmations")
def confirmations(person: "Account") -> int:
    return EmailConfirmation.objects.filter(email_address__user=person).delete()[0]


@credential("link_to_github")
def github(person: "Account") -> int:
    """Whoever has the person's account at GitHub starts workflows in their name."""
    linked = type(person)._base_manager.filter(pk=person.pk, github_id__isnull=False)
    return linked.update(github_id=None)
