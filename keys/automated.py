"""Keys with which a committee's workflows sign, as the contract tells them from those of people."""

from keys.models import Certificate
from keys.persons import is_automated, private_address
from projects.models import Committee


def example_for(committee: Committee) -> str:
    """A user id that such a key of the committee may have."""
    return f"{committee.name} Automated Release Signing <{private_address(committee.slug)}>"


def has_automated_key(committee: Committee) -> bool:
    """Whether a key that is neither revoked nor expired stands in the committee's KEYS for its
    workflows: a user id says what it is for, and has the committee's private list as its address.
    """
    keys = Certificate.objects.valid().filter(links__committee=committee)
    named = keys.filter(user_ids__icontains=private_address(committee.slug))
    rows = named.values_list("user_ids", flat=True)
    return any(is_automated(user_ids, committee.slug) for user_ids in rows)
