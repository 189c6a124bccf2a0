"""Finding the two archives that somebody wants compared, among the files of a release."""

from checks.models import Comparison
from releases.models import Entry, Release
from trusted_releases.lib.archive_names import is_archive

LONGEST = 1024  # characters of a path


class NoPair(Exception):
    """There are no two such archives. The message says which is not there."""


def pair_of(release: Release, number: int, path: str, against: int, was: str = "") -> Comparison:
    """The comparison of an archive in revision `number` with that in `against`, where it may have
    been called otherwise; not saved where nobody has asked for it yet. Raises NoPair."""
    new = _entry(release, number, path)
    old = _entry(release, against, was or path)
    if not (is_archive(old.path) and is_archive(new.path)):
        raise NoPair(f"{new.path} is no archive: there is nothing inside to compare.")
    return Comparison.objects.of(old.blob, new.blob, new.path)


def _entry(release: Release, number: int, path: str) -> Entry:
    found = release.entries.at(number).with_blobs().filter(path=path[:LONGEST]).first()
    if found is None:
        raise NoPair(f"There is no file {path[:200]} in revision {number} of {release}.")
    entry: Entry = found
    return entry
