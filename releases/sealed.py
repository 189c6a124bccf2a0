"""Where published files wait until an embargo ends: below the download area, where nobody looks.

A web server in front serves no name that begins with a dot.
"""

from pathlib import Path

from django.core.files.storage import storages

from releases.models.blob import sync_directory
from trusted_releases.lib.errors import NotReady, Obstacle

SEALED = ".embargoed"


def place_of(location: str, *, sealed: bool) -> Path:
    """Where the files of this location lie, or are to lie."""
    root = Path(storages["downloads"].path(""))
    return root.joinpath(SEALED, location) if sealed else root / location


def open_up(location: str) -> None:
    """Bring the files to where everybody finds them, in one step. Doing it twice changes nothing.

    Raises NotReady when they are not there, or something else is in their place.
    """
    here, there = place_of(location, sealed=True), place_of(location, sealed=False)
    if not here.exists() and there.exists():
        return  # brought there by an attempt whose transaction failed
    there.parent.mkdir(parents=True, exist_ok=True)
    try:
        here.rename(there)
    except OSError as error:
        raise NotReady([Obstacle("not_in_place", _sentence(location))]) from error
    for directory in (there.parent, there.parent.parent, there.parent.parent.parent):
        sync_directory(directory)


def _sentence(location: str) -> str:
    return (
        f"The published files of {location} cannot be brought to the download area: they are not "
        "where they were kept, or something lies in their place. An operator has to look."
    )
