"""Which jobs follow from which event. Filled once at start, from the page that lists them all."""

from collections.abc import Iterable, Mapping

_REACTIONS: dict[str, tuple[str, ...]] = {}


def react(tag: str, *names: str) -> None:
    """From now on each event `tag` queues the jobs `names`, each with `event=<its id>`.

    Adding the same name twice changes nothing: a module may be imported twice, a job must not be
    queued twice.
    """
    known = _REACTIONS.get(str(tag), ())
    _REACTIONS[str(tag)] = (*known, *(name for name in dict.fromkeys(names) if name not in known))


def react_to(table: Mapping[str, Iterable[str]]) -> None:
    """`react()` for a whole table of tag to job names."""
    for tag, names in table.items():
        react(tag, *names)


def reactions(tag: str) -> tuple[str, ...]:
    """The names of the jobs that follow from an event with this tag, in the order given."""
    return _REACTIONS.get(str(tag), ())


def all_reactions() -> dict[str, tuple[str, ...]]:
    """Tag to job names, for the system check and for pages. A copy."""
    return dict(_REACTIONS)
