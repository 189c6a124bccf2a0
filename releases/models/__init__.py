"""The heart: releases, their files, votes and publications."""

from releases.models.blob import Blob, Corrupt
from releases.models.finishing import Publication
from releases.models.message import Message
from releases.models.release import Numbers, Release
from releases.models.revision import Entry, Revision
from releases.models.vote import Ballot, Vote

__all__ = [
    "Ballot",
    "Blob",
    "Corrupt",
    "Entry",
    "Message",
    "Numbers",
    "Publication",
    "Release",
    "Revision",
    "Vote",
]
