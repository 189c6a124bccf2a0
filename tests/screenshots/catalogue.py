"""Which pictures the guides have: a name for each, the page it shows, and how much of it."""

from typing import NamedTuple

WIDTH = 1280


class Shot(NamedTuple):
    """A page of `tests.pages`, by name, from its top down to this height in pixels."""

    page: str
    height: int = 900


SHOTS: dict[str, Shot] = {
    "home": Shot("home-member", 760),
    "compose": Shot("compose-blocked"),
    "findings": Shot("findings-blocked"),
    "call-vote": Shot("call-vote", 1000),
    "vote": Shot("vote-member", 1000),
    "resolve": Shot("resolve", 1000),
    "announce": Shot("announce", 1000),
    "keys": Shot("keys-member", 600),
    "download": Shot("download"),
    "search": Shot("search-digest", 560),
    "console": Shot("console", 860),
    "console-act": Shot("console-cancel-vote", 760),
}
