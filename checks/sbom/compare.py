"""What changed from one bill of materials to a later one."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Generic, Literal, NamedTuple, TypeVar

from checks.sbom.document import Component

T = TypeVar("T")
How = Literal["added", "removed", "changed"]


class Part(NamedTuple):
    """A component, as far as it is compared: `key` is the same for all versions of it."""

    key: str
    name: str
    version: str
    licence: str


@dataclass(frozen=True, slots=True)
class Change:
    """A component that was added, removed, or is there in other versions or under another licence.

    A document may hold several versions of one component; each text holds all of them.
    """

    how: How
    key: str
    name: str
    versions_before: str = ""
    versions_after: str = ""
    licences_before: str = ""
    licences_after: str = ""

    @property
    def relicensed(self) -> bool:
        return self.how == "changed" and self.licences_before != self.licences_after


@dataclass(frozen=True, slots=True)
class Changes:
    """All components that differ, by name, and how many are the same."""

    every: tuple[Change, ...]
    unchanged: int

    def of(self, how: How) -> tuple[Change, ...]:
        return tuple(each for each in self.every if each.how == how)


@dataclass(frozen=True, slots=True)
class Sets(Generic[T]):
    """What is in one set and not in the other, in the order in which it was given."""

    added: tuple[T, ...]
    removed: tuple[T, ...]
    unchanged: tuple[T, ...]


def key_of(component: Component) -> str:
    """What is the same for every version of a component: its package URL without the version and
    what follows, else its type and name."""
    purl = component.purl.partition("#")[0].partition("?")[0]
    folder, slash, name = purl.rpartition("/")
    name = name.rpartition("@")[0] or name
    return folder + slash + name if purl else f"{component.type}:{component.full_name}"


def changes(before: Iterable[Part], after: Iterable[Part]) -> Changes:
    """How the components differ."""
    old, new = _by_key(before), _by_key(after)
    keys = sorted({*old, *new}, key=lambda key: _sorting(new.get(key) or old[key]))
    compared = (_change(key, old.get(key, []), new.get(key, [])) for key in keys)
    every = tuple(each for each in compared if each is not None)
    return Changes(every, len(keys) - len(every))


def sets(before: Iterable[T], after: Iterable[T]) -> Sets[T]:
    """How two sets differ: of licences, or of vulnerabilities."""
    old, new = dict.fromkeys(before), dict.fromkeys(after)
    return Sets(
        tuple(each for each in new if each not in old),
        tuple(each for each in old if each not in new),
        tuple(each for each in new if each in old),
    )


def _by_key(parts: Iterable[Part]) -> dict[str, list[Part]]:
    found: dict[str, list[Part]] = defaultdict(list)
    for part in parts:
        found[part.key].append(part)
    return found


def _sorting(parts: list[Part]) -> tuple[str, str]:
    return parts[0].name.casefold(), parts[0].key


def _change(key: str, old: list[Part], new: list[Part]) -> Change | None:
    versions = _joined(each.version for each in old), _joined(each.version for each in new)
    licences = _joined(each.licence for each in old), _joined(each.licence for each in new)
    if not old:
        return Change("added", key, new[0].name, "", versions[1], "", licences[1])
    if not new:
        return Change("removed", key, old[0].name, versions[0], "", licences[0], "")
    if versions[0] == versions[1] and licences[0] == licences[1]:
        return None
    return Change("changed", key, new[0].name, *versions, *licences)


def _joined(texts: Iterable[str]) -> str:
    return ", ".join(sorted({each for each in texts if each}))
