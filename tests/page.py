"""One page, as one person sees it."""

from dataclasses import dataclass

NOBODY = ""


@dataclass(frozen=True)
class Page:
    """One page as one person sees it; `by` is a username, empty for who is not logged in."""

    name: str
    path: str
    by: str = NOBODY
    status: int = 200
