"""The heart: releases, their files, votes and publications."""

from releases.models.arrival import Arrival, ArrivedFile, Way
from releases.models.ballot import Ballot
from releases.models.blob import Blob, Corrupt
from releases.models.finishing import Publication
from releases.models.generated import Generated
from releases.models.hidden import Embargo
from releases.models.importing import Import
from releases.models.message import Delivery, Message
from releases.models.open_upload import OpenFile, OpenUpload
from releases.models.reading import KeptMail, Reading
from releases.models.release import Numbers, Release
from releases.models.revision import Entry, Revision
from releases.models.source import Source
from releases.models.usage import Usage
from releases.models.vote import Vote

__all__ = [
    "Arrival",
    "ArrivedFile",
    "Ballot",
    "Blob",
    "Corrupt",
    "Delivery",
    "Embargo",
    "Entry",
    "Generated",
    "Import",
    "KeptMail",
    "Message",
    "Numbers",
    "OpenFile",
    "OpenUpload",
    "Publication",
    "Reading",
    "Release",
    "Revision",
    "Source",
    "Usage",
    "Vote",
    "Way",
]
