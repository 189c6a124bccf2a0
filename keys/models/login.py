"""Browsers in which somebody is logged in: which there are, and the end of one."""

from typing import Any, Self

from django.conf import settings
from django.contrib.auth import HASH_SESSION_KEY
from django.contrib.sessions.models import Session
from django.db import models
from django.utils.crypto import constant_time_compare
from django.utils.timezone import now

from projects.credentials import Ended, credential
from projects.lifecycle import authorise, verb
from projects.models import User
from projects.roles import Person
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, Stale

MOST_SHOWN = 50
LONGEST_BROWSER = 200  # characters


class LoginQuerySet(models.QuerySet["Login"]):
    def over(self) -> Self:
        """Those whose session nobody can come in by any more."""
        alive = Session.objects.filter(expire_date__gt=now()).values("session_key")
        return self.exclude(session_key__in=alive)

    def good(self, person: User) -> "list[Login]":
        """The person's, newest first, without what a new password has ended. Two queries."""
        rows = list(self.filter(owner=person.pk).order_by("-seen_at")[:MOST_SHOWN])
        keys = [row.session_key for row in rows]
        alive = Session.objects.filter(session_key__in=keys, expire_date__gt=now())
        right = person.get_session_auth_hash()
        good = {
            session.session_key
            for session in alive
            if constant_time_compare(session.get_decoded().get(HASH_SESSION_KEY, ""), right)
        }
        return [row for row in rows if row.session_key in good]


class Login(models.Model):
    """A browser in which its owner has logged in: a session, with where and when it was used."""

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, editable=False, related_name="logins"
    )
    session_key = models.CharField(max_length=40, unique=True, editable=False)
    address = models.CharField(max_length=50, blank=True, editable=False)
    browser = models.CharField(max_length=LONGEST_BROWSER, blank=True, editable=False)
    began_at = models.DateTimeField(default=now, editable=False)
    seen_at = models.DateTimeField(default=now, editable=False)

    objects = LoginQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        indexes = [models.Index(fields=["owner", "-seen_at"], name="keys_login_owner")]
        permissions = [("own_logins", "Can log out of browsers they are logged in with")]

    def __str__(self) -> str:
        return f"{self.owner} in {self.name}"

    @property
    def name(self) -> str:
        """The browser and its system, as far as it says: `Firefox on Linux`."""
        return _first(self.browser, BROWSERS) + " on " + _first(self.browser, SYSTEMS)

    def facts(self) -> dict[str, Any]:
        """What events tell of it."""
        return {"browser": self.name, "address": self.address}

    @verb
    def end(self, *, by: Person) -> None:
        """Log out there. Whoever sits before that browser has to log in again."""
        person = authorise(by, "keys.own_logins", self)
        if self.owner_id != person.pk:
            raise BadInput("This browser is not yours.")
        gone, _ = type(self).objects.filter(pk=self.pk).delete()
        if not gone:
            raise Stale("It has been logged out already.")
        Session.objects.filter(session_key=self.session_key).delete()
        Event.objects.record(Tag.LOGIN_ENDED, by=person, subject=self.owner, **self.facts())


# In this order: the later ones call themselves by the names of the earlier ones too.
BROWSERS = {
    "Edg/": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "Chrome/": "Chrome",
    "Safari/": "Safari",
    "curl/": "curl",
}
SYSTEMS = {
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Windows": "Windows",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


def _first(text: str, known: dict[str, str]) -> str:
    return next((name for part, name in known.items() if part in text), "an unknown one")


@credential("browser_sessions")
def end_all(person: Any) -> list[Ended]:
    """What a security officer's revocation of everything takes along."""
    theirs = Login.objects.filter(owner=person.pk)
    ended = [Ended(Tag.LOGIN_ENDED, person, login.facts()) for login in theirs]
    Session.objects.filter(session_key__in=theirs.values("session_key")).delete()
    theirs.delete()
    return ended
