"""Reads an archive once, from the first byte to the last, and says what is wrong with it.

Nothing is unpacked to disk, nothing is held in memory but a block at a time, and nothing that an
archive declares is believed before it is compared with a limit. What the reader shows to visitors
is what GNU tar, bsdtar, Python and unzip agree on; where they would disagree, that is a problem.
"""

from checks.engine.archive.apart import pays, walk_apart
from checks.engine.archive.model import Batch, Kind, Member, Problem, Report, Sink, Visitor, show
from checks.engine.archive.walk import walk
from trusted_releases.lib.archive_names import is_archive

__all__ = [
    "Batch",
    "Kind",
    "Member",
    "Problem",
    "Report",
    "Sink",
    "Visitor",
    "is_archive",
    "pays",
    "show",
    "walk",
    "walk_apart",
]
