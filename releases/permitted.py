"""To whom somebody may have mail sent: the policy decides, and their own address is theirs."""

from collections.abc import Iterable, Iterator
from typing import Any

from projects.models import Recipients
from projects.roles import Person
from trusted_releases.lib import testing
from trusted_releases.lib.errors import Obstacle

TESTING_DOMAIN = "apache.org"  # in test mode clients name the caller's own address there


def may_be_told(person: Person, address: str, known: Iterable[str]) -> bool:
    """Whether the address is a list of the policy, or the person's own."""
    own = [getattr(person, "email", "")]
    if testing.is_on():
        own.append(f"{person.get_username()}@{TESTING_DOMAIN}")
    return address.lower() in {each.lower() for each in (*known, *own) if each}


def recipient_obstacles(to: Recipients, known: Iterable[str], by: Person) -> Iterator[Obstacle]:
    """What stands between a mail and these recipients."""
    lists = tuple(known)
    if not to.to:
        yield Obstacle("nobody", "The mail is to nobody: name a list of the project.")
    for address in to.everybody:
        if not may_be_told(by, address, lists):
            yield Obstacle(
                "not_permitted",
                f"No mail of this kind goes to {address}. It may go to {', '.join(lists)}, and to "
                "your own address; the policy of the release names others.",
            )


def embargo_obstacles(to: Recipients, only: Recipients, ending: Any) -> Iterator[Obstacle]:
    """What stands between a vote under embargo and these recipients, and this `Ending`."""
    if {each.lower() for each in to.everybody} != {each.lower() for each in only.everybody}:
        yield Obstacle(
            "embargoed",
            f"Under the embargo mails go to {', '.join(only.everybody)} alone.",
        )
    if ending.auto_resolve or ending.auto_publish or ending.tell_end:
        yield Obstacle(
            "embargoed", "Under the embargo nothing happens by itself: people end the vote."
        )
