"""Whose key it is: what user ids say, and what of it counts.

A key is a person's when they have added it themselves, when a user id has their name at the
foundation's domain, or when it has an address that is known to be theirs. A committee may have
automated keys, which machines sign with in its name; those belong to nobody.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings

from projects.models import User

AUTOMATED = "automated"
# What user ids of automated keys say, in any case, before the committee's private address.
_MACHINES = ("automated release signing", "services rm")
# Only ASCII, so that no letter that merely looks like one of a name becomes it in lower case; and
# nothing behind the closing bracket, where a comment could claim another address.
_NAMED = re.compile(r"\A[^<>]*<([!#-;=?A-~]+@[A-Za-z0-9.-]+)>\s*\Z")
_BARE = re.compile(r"\A\s*([!#-;=?A-~]+@[A-Za-z0-9.-]+)\s*\Z")


def address_in(user_id: str) -> str:
    """The mail address of a user id such as `Alice <alice@example.org>`, in lower case.

    "" where there is none, or where it is not plain what the address is.
    """
    match = _NAMED.match(user_id) or _BARE.match(user_id)
    return match[1].lower() if match and match[1].count("@") == 1 else ""


def uid_of(user_ids: Iterable[str]) -> str | None:
    """The account's name that user ids give at the foundation's domain, if they give one."""
    at = f"@{settings.MAIL_DOMAIN}".lower()
    found = (address for address in map(address_in, user_ids) if address.endswith(at))
    return next((address.removesuffix(at) for address in found), None)


def private_address(committee: str) -> str:
    """Where the members of a committee (its slug) write to each other; machines sign with it."""
    return f"private@{committee}.{settings.MAIL_DOMAIN}".lower()


def is_automated(user_ids: Iterable[str], committee: str) -> bool:
    """Whether this is a key by which machines sign in the name of this committee (its slug)."""
    private = private_address(committee)
    return any(
        address_in(each) == private and any(word in each.lower() for word in _MACHINES)
        for each in user_ids
    )


def people_of(rows: Iterable[Any], committee: str) -> dict[str, str]:
    """Who signs with each of these certificates, by fingerprint: the name of an account,
    `AUTOMATED` for a machine of the committee. Keys that are nobody's are left out.

    Costs two questions, however many rows there are. Select their owners with them.
    """
    rows = list(rows)
    directory = _directory({address_in(each) for row in rows for each in row.user_ids})
    said = {row.fingerprint: _person(row, committee, directory) for row in rows}
    return {name: person for name, person in said.items() if person}


def _person(row: Any, committee: str, directory: Mapping[str, str]) -> str:
    if row.owner is not None:
        return str(row.owner.username)
    if name := uid_of(row.user_ids):
        return name
    known = (directory.get(address_in(each), "") for each in row.user_ids)
    if name := next(filter(None, known), ""):
        return name
    return AUTOMATED if is_automated(row.user_ids, committee) else ""


def _directory(addresses: set[str]) -> dict[str, str]:
    """Whose these mail addresses are: the accounts' own, and others that were verified."""
    wanted = addresses - {""}
    if not wanted:
        return {}
    own = User.objects.filter(email__in=wanted).values_list("email", "username")
    verified = EmailAddress.objects.filter(email__in=wanted, verified=True)
    rows: Sequence[tuple[str, str]] = [*own, *verified.values_list("email", "user__username")]
    return {address.lower(): name for address, name in rows}
