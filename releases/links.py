"""Links to threads in the archive of the lists, as people give them."""

import re
from collections.abc import Collection

from django.conf import settings

from trusted_releases.lib.errors import BadInput

LINKS = 2  # that a vote counted elsewhere needs: its thread, and that of its result
LONGEST_LINK = 500  # characters

_ADDRESS = re.compile(r"https?://[!-~]+")


def checked_links(links: Collection[str]) -> list[str]:
    """Addresses of threads in the archive, as they were given. BadInput for anything else."""
    given = [each.strip() for each in links if each.strip()]
    base = f"{settings.ARCHIVE_URL}/thread/" if settings.ARCHIVE_URL else "https://"
    for each in given:
        if not each.startswith(base) or len(each) > LONGEST_LINK or not _ADDRESS.fullmatch(each):
            raise BadInput(f"{each[:80]!r} is no address of a thread: it begins with {base}")
    if len(given) > LINKS:
        raise BadInput(f"{LINKS} links are enough: the thread, and that of its result.")
    return given
