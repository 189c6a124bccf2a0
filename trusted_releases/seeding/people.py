"""Who acts in the data that is made up: persons, committees, and the projects they release."""

from dataclasses import dataclass, field

from django.conf import settings

OPERATOR = "operator"  # the account that has made all committees and projects


@dataclass(frozen=True, slots=True)
class Someone:
    """A person as events and mails name them."""

    pk: int
    username: str
    name: str


@dataclass(slots=True)
class Team:
    """A committee with its people. `binding` are those whose votes bind."""

    pk: int
    slug: str
    name: str
    is_podling: bool
    parent: int | None
    members: list[Someone] = field(default_factory=list)
    managers: list[Someone] = field(default_factory=list)
    others: list[Someone] = field(default_factory=list)
    keys: dict[int, str] = field(default_factory=dict)  # fingerprints by the person they belong to
    binding: list[Someone] = field(default_factory=list)

    @property
    def dev_list(self) -> str:
        return f"dev@{self.slug}.{settings.MAIL_DOMAIN}"


@dataclass(frozen=True, slots=True)
class Home:
    """A project that releases come from. `hours` and `needed` are its policy's."""

    pk: int
    slug: str
    name: str
    team: Team
    hours: int
    needed: int
