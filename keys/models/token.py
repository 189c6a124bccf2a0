"""Access tokens: how a program comes in as a person, until it may no more."""

from collections.abc import Iterator
from contextlib import contextmanager
from copy import copy
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils.timezone import now

from keys import token_text
from keys.querysets import AccessTokenQuerySet
from projects.credentials import Ended, credential
from projects.lifecycle import authorise, require, verb
from projects.models import User
from projects.roles import SYSTEM_REACH, Person, Reach
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib import addresses
from trusted_releases.lib.errors import BadInput, Obstacle, Refused, Stale
from trusted_releases.lib.text import given_reason, is_plain

LONGEST_DAYS = 180
MOST_TOKENS = 50  # of one person that are good at the same time
LONGEST_LABEL = 100
SYSTEM = "system"


class AccessTokenManager(models.Manager.from_queryset(AccessTokenQuerySet)):  # type: ignore[misc]
    def make(
        self,
        *,
        by: Person,
        label: str,
        days: int,
        reach: str = Reach.ALL,
        network: str = "",
    ) -> "tuple[AccessToken, str]":
        """A token for the person who asks, and its secret, which nobody can read again."""
        with _on_record("make_token", by):
            owner = authorise(by, "keys.own_tokens", by)  # type: ignore[arg-type]
            if reach not in Reach.values:
                raise BadInput(f"{reach!r} is no reach. There are: {', '.join(Reach.values)}.")
            wanted: dict[str, Any] = {
                "label": label,
                "days": days,
                "reach": reach,
                "network": network,
            }
            return self._keep(owner, by=owner, **wanted)

    def make_system(
        self, *, by: Person, label: str, days: int, reason: str, network: str = ""
    ) -> "tuple[AccessToken, str]":
        """A token for a machine that is nobody's: it opens what asks for system privileges."""
        with _on_record("make_system_token", by):
            operator = authorise(by, "keys.make_system_tokens", by)  # type: ignore[arg-type]
            wanted: dict[str, Any] = {
                "label": label,
                "days": days,
                "reach": Reach.READ,
                "network": network,
            }
            reason = given_reason(reason)
            return self._keep(
                system_account(), by=operator, is_system=True, reason=reason, **wanted
            )

    def exchange(self, secret: str, *, person: str, address: str) -> "AccessToken | None":
        """The token with this secret, if it is this person's and good from there; it is used now.

        None for all that is wrong alike: who guesses learns nothing. The account hears of it.
        """
        known = self.select_related("owner").filter(digest=token_text.digest(secret))
        token: AccessToken | None = known.filter(owner__username=person).first()
        if token is not None and token.is_good() and token.is_good_from(address):
            token.record_used(address)
            return token
        if (owner := User.objects.filter(username=person).first()) is not None:
            refusal = Refused(f"An access token was offered from {address} that opens nothing.")
            Event.objects.record_refusal("exchange_token", by=None, subject=owner, error=refusal)
        return None

    def _keep(
        self,
        owner: User,
        *,
        by: User,
        label: str,
        days: int,
        reach: str,
        network: str,
        is_system: bool = False,
        **facts: str,
    ) -> "tuple[AccessToken, str]":
        # The owner's row is the lock: how many there are is counted below.
        User.objects.select_for_update(no_key=True).get(pk=owner.pk)
        require(self._obstacles(owner))
        at, secret = now(), token_text.make()
        token = self.create(
            owner=owner,
            label=_label(label),
            digest=token_text.digest(secret),
            reach=reach,
            network=_network(network),
            is_system=is_system,
            made_by=by,
            made_at=at,
            expires_at=at + timedelta(days=_days(days)),
        )
        Event.objects.record(Tag.TOKEN_MADE, by=by, subject=token, **token.facts(), **facts)
        return token, secret

    def _obstacles(self, owner: User) -> Iterator[Obstacle]:
        if self.filter(owner=owner).good().count() >= MOST_TOKENS:
            yield Obstacle(
                "too_many_tokens",
                f"There are {MOST_TOKENS} tokens already. Revoke those that nothing uses any more.",
            )


class AccessToken(models.Model):
    """What a program exchanges for a short token. Of its secret only a digest is kept.

    It is good until it expires, is revoked, or its owner's account is switched off; and what comes
    by it may do what its owner may, within the token's reach.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, editable=False, related_name="access_tokens"
    )
    label = models.CharField(max_length=LONGEST_LABEL, editable=False)
    digest = models.CharField(
        max_length=64, unique=True, editable=False, help_text="SHA3-256 of the secret."
    )
    reach = models.CharField(max_length=10, choices=Reach, editable=False)
    network = models.CharField(max_length=50, blank=True, editable=False)
    is_system = models.BooleanField(default=False, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )
    made_at = models.DateTimeField(default=now, editable=False)
    expires_at = models.DateTimeField(editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = AccessTokenManager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["owner", "-id"], name="keys_token_owner")]
        constraints = [
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="keys_token_expires_later"
            ),
        ]
        permissions = [
            ("own_tokens", "Can make access tokens, and revoke their own"),
            ("revoke_tokens", "Can revoke anybody's access tokens"),
            ("make_system_tokens", "Can make access tokens for machines"),
        ]

    def __str__(self) -> str:
        return f"{self.label} of {self.owner}"

    def get_absolute_url(self) -> str:
        return reverse("keys:credentials")

    def is_good(self, at: datetime | None = None) -> bool:
        """Whether it opens anything: neither revoked nor expired, and its owner may come in."""
        return self.revoked_at is None and self.expires_at > (at or now()) and self.owner.is_active

    def is_good_from(self, address: str) -> bool:
        """Whether it may be used from there."""
        return not self.network or addresses.is_in(address, self.network)

    def person(self) -> User:
        """Its owner as they come by this token: never with more than the token's reach, and never
        with what the console's second factor opens."""
        person: User = copy(self.owner)  # the account itself is not the token's
        person.comes_by = str(self.pk)
        person.reach = SYSTEM_REACH if self.is_system else Reach(self.reach)
        person.is_unproven = person.is_of_the_console and settings.ADMIN_MFA
        return person

    def facts(self) -> dict[str, Any]:
        """What events tell of it; nothing of its secret."""
        return {
            "label": self.label,
            "person": self.owner.username,
            "reach": str(self.reach),
            "network": self.network,
            "expires_at": self.expires_at,
            "is_system": self.is_system,
        }

    @verb
    def revoke(self, *, by: Person, reason: str = "") -> None:
        """Make it worthless, and all short tokens that came of it. There is no way back."""
        perm = "keys.own_tokens" if by.pk == self.owner_id else "keys.revoke_tokens"
        person = authorise(by, perm, self)
        facts = self.facts() | ({"reason": given_reason(reason)} if reason else {})
        self.revoked_at, self.revoked_by = now(), person
        stood = type(self).objects.filter(pk=self.pk, revoked_at__isnull=True)
        if not stood.update(revoked_at=self.revoked_at, revoked_by=person):
            raise Stale(f"The token “{self.label}” has been revoked already.")
        Event.objects.record(Tag.TOKEN_REVOKED, by=person, subject=self, **facts)

    def record_used(self, address: str) -> None:
        """It was exchanged for a short token. Decides nothing."""
        with transaction.atomic():
            type(self).objects.filter(pk=self.pk).update(last_used_at=now())
            Event.objects.record(
                Tag.TOKEN_USED, by=self.owner, subject=self, label=self.label, address=address
            )


def system_account() -> User:
    """The account in whose name system tokens act. It has no way in but these, and no role."""
    nobody = {"full_name": "System", "password": make_password(None)}
    account, _ = User.objects.get_or_create(username=SYSTEM, defaults=nobody)
    if account.has_usable_password() or account.email or account.memberships.exists():
        raise BadInput(
            f"The account “{SYSTEM}” is a person's: it has a password, a mail address or a role. "
            "System tokens need an account that nobody else comes in by."
        )
    return account


@contextmanager
def _on_record(what: str, by: Any) -> Iterator[None]:
    """One transaction for a decision on what is not there yet; what it refuses is on record."""
    try:
        with transaction.atomic():
            yield
    except (Refused, PermissionDenied) as error:
        if by.pk is not None:
            Event.objects.record_refusal(what, by=by, subject=by, error=error)
        raise


def _label(text: str) -> str:
    text = " ".join(text.split())
    if not text or len(text) > LONGEST_LABEL or not is_plain(text):
        raise BadInput(f"A token needs a label of up to {LONGEST_LABEL} characters.")
    return text


def _days(days: int) -> int:
    if not 1 <= days <= LONGEST_DAYS:
        raise BadInput(f"A token is good for 1 to {LONGEST_DAYS} days.")
    return days


def _network(text: str) -> str:
    return addresses.network(text) if text.strip() else ""


@credential("access_tokens")
def revoke_all(person: Any) -> list[Ended]:
    """What a security officer's revocation of everything takes along."""
    good = AccessToken.objects.filter(owner=person.pk).good()
    ended = [
        Ended(Tag.TOKEN_REVOKED, token, token.facts()) for token in good.select_related("owner")
    ]
    good.update(revoked_at=now())
    return ended
