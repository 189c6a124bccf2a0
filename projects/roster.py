"""Who is in a committee, and what each role lets them do, in words."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.core.paginator import Page, Paginator

from projects.models import Committee, Membership, User
from projects.roles import GRANTS, Role
from trusted_releases.lib.views import PER_PAGE

# What people ask about, in the order in which a release needs it.
ACTS = {
    "releases.start_release": "start releases",
    "releases.change_files": "upload and change files of drafts",
    "keys.add_keys": "add keys that sign",
    "releases.start_vote": "call votes",
    "releases.resolve_vote": "resolve votes",
    "releases.publish": "publish",
    "releases.announce": "announce",
    "projects.change_policy": "change the policy",
    "keys.manage_keys": "take keys away",
    "releases.cast_binding_vote": "cast binding votes",
    "projects.manage_committee": "give and take roles",
}


@dataclass
class Seat:
    """A person with all the roles they have in one committee."""

    user: User
    memberships: list[Membership] = field(default_factory=list)


def roster(committee: Committee) -> list[Seat]:
    """Everybody with a role, once, members first, then by name; in one question."""
    order = {role: place for place, role in enumerate(Role.values)}
    found = Membership.objects.filter(committee=committee).select_related("user")
    rows = sorted(found, key=lambda each: (order.get(each.role, 9), each.user.username))
    seats: dict[int, Seat] = {}
    for row in rows:
        row.committee = committee
        seats.setdefault(row.user_id, Seat(row.user)).memberships.append(row)
    return list(seats.values())


def people_of(committee: Committee, number: str | None) -> Page:
    """A page of them; a number that is none leads to the first page, or the last."""
    return Paginator(roster(committee), PER_PAGE).get_page(number)


def acts() -> list[tuple[str, list[str]]]:
    """Each act in words with the roles that allow it, as the table of grants has them."""
    by_act: dict[str, list[str]] = defaultdict(list)
    for perm, words in ACTS.items():
        by_act[words].extend(_roles(perm))
    return list(by_act.items())


def _roles(perm: str) -> Iterable[str]:
    return (Role(role).label for role in Role.values if perm in GRANTS[role])
