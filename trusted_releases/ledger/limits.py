"""How often somebody may do something: one table, and one function that every way in asks.

Pages, API and SSH name the same action, so a limit is one limit whatever the way: an endpoint and
a page name it as `action`, and anything else calls `spend(actor_of(person, address), action)` as
soon as it knows who asks, before any work. What is used up stands in the database: several web
processes, and other servers, agree.
"""

import hashlib
import ipaddress
import time
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings

from trusted_releases.ledger.models.spending import MICROSECONDS, Spending
from trusted_releases.lib.errors import Refused

LONGEST_ACTOR = 120  # characters that are kept as they are; longer ones by their digest
HOUR = 3600


@dataclass(frozen=True, slots=True)
class Limit:
    """So many times in so many seconds; all at once, or one after the other as they come back.

    `what` is what somebody does, for the sentence that tells them that it was too often.
    """

    times: int
    what: str = "doing this"
    seconds: int = HOUR

    @property
    def window(self) -> int:
        return self.seconds * MICROSECONDS

    @property
    def interval(self) -> int:
        """Microseconds after which one more is allowed."""
        return self.window // self.times


class TooMany(Refused):
    """This was done too often. It works again after `wait` seconds, whole ones."""

    code = "too_many"

    def __init__(self, wait: float, limit: Limit | None = None) -> None:
        self.wait, self.limit = int(wait) + 1, limit
        super().__init__(f"Rate limit exceeded. Try again in {self.when}.")

    @property
    def when(self) -> str:
        return _in_words(self.wait)


# By action: what an endpoint is called, with dots. An action that is not here has no limit of its
# own. The numbers are those that clients of the contract know; LIMITS of the settings has others.
LIMITS: dict[str, Limit] = {
    "api": Limit(500, "asking the API"),  # every request to it
    "archives.compare": Limit(60, "having archives compared"),
    "jwt.create": Limit(10, "exchanging access tokens"),
    "key.add": Limit(10, "adding OpenPGP keys"),
    "key.delete": Limit(10, "taking back OpenPGP keys"),
    "key.get": Limit(10, "looking up OpenPGP keys"),
    "keys.upload": Limit(10, "importing KEYS files"),
    "keys.user": Limit(10, "looking up the OpenPGP keys of people"),
    "password.reset": Limit(10, "asking for a new password"),
    # By address: the page is public, and gpg takes its time.
    # By workflows, in the name of who started the run.
    "publisher.ssh.register": Limit(10, "registering SSH keys of workflows"),
    "publisher.upload.ticket": Limit(60, "asking for upload tickets"),
    "provenance.page": Limit(30, "asking who made a signature"),
    "release.announce": Limit(5, "announcing releases"),
    "release.create": Limit(10, "starting releases"),
    "release.import": Limit(30, "importing files"),
    "release.upload": Limit(500, "uploading files"),  # each upload once, with all its files
    "review.ask": Limit(20, "having candidates checked"),
    "second-factor": Limit(20, "entering codes of a second factor"),
    "sign-in": Limit(20, "failing to log in"),  # into one account, from one address
    "sign-in.any": Limit(100, "failing to log in"),  # into all accounts, from one address
    "sign-up": Limit(10, "signing up"),
    "signature.provenance": Limit(10, "asking whose key made a signature"),
    # Attempts to come in from one address; then transfers by rsync of one person.
    "ssh.connect": Limit(100, "connecting", 60),
    "ssh.session": Limit(10, "sending or fetching files by rsync", 60),
    "ssh-key.add": Limit(10, "adding SSH keys"),
    "ssh-key.delete": Limit(10, "removing SSH keys"),
    "ssh-keys.list": Limit(10, "listing SSH keys"),
    "token.create": Limit(10, "making access tokens"),
    "upload.part": Limit(20_000, "sending parts of files"),  # 8 MB each: more than any line carries
    "user.info": Limit(10, "asking where you have a role"),
    "users.list": Limit(10, "listing people"),
    "vote.cast": Limit(60, "casting ballots"),
    "vote.resolve": Limit(10, "resolving votes"),
    "vote.start": Limit(5, "calling votes"),
}


def spend(actor: str, action: str, limit: Limit | None = None) -> None:
    """Use the action once in the actor's name, or raise TooMany: nothing is used then.

    `actor` comes from `actor_of`. Raises KeyError for an action that is not in the table, unless
    its limit is given.
    """
    limit = limit or limit_of(action)
    if not settings.RATE_LIMITS:
        return
    if wait := Spending.objects.take(_short(actor), action, limit, time.time()):
        raise TooMany(wait, limit)


def give_back(actor: str, action: str) -> None:
    """Undo one `spend`: nothing was tried after all."""
    if settings.RATE_LIMITS:
        Spending.objects.give_back(_short(actor), action, limit_of(action))


def limit_of(action: str) -> Limit:
    """What holds here for an action: the table's limit, unless the settings have another number."""
    limit = LIMITS[action]
    told = settings.LIMITS.get(action)
    return limit if told is None else replace(limit, times=int(told))


def actor_of(person: Any, address: str) -> str:
    """Who spends: the account where it is known, else where the request comes from.

    A network of IPv6 is one household, so it is one actor.
    """
    if person is not None and person.is_authenticated:
        return f"person:{person.get_username()}"
    return f"address:{network_of(address)}"


def network_of(address: str) -> str:
    """The address, or the /64 it is in."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if known.version == 4:
        return str(known)
    return str(ipaddress.ip_network((known, 64), strict=False))


def _short(actor: str) -> str:
    if len(actor) <= LONGEST_ACTOR and actor.isprintable():
        return actor
    return "sha256:" + hashlib.sha256(actor.encode("utf-8", "surrogatepass")).hexdigest()


def _in_words(seconds: int) -> str:
    if seconds < 60:
        return f"{seconds} second{'s' if seconds > 1 else ''}"
    minutes = -(-seconds // 60)
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
