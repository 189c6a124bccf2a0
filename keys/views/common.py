"""What the pages about a committee's keys have in common."""

from typing import Any

from django.shortcuts import get_object_or_404

from keys.models import KeysFile
from projects.models import Committee


class OfCommittee:
    """Finds the committee that the address names."""

    kwargs: dict[str, Any]

    def get_committee(self) -> Committee:
        return get_object_or_404(Committee, slug=self.kwargs["committee"])


def keys_file_of(committee: Committee) -> KeysFile:
    """Where its KEYS file comes from. Looking makes no row: without one it is generated here."""
    known = KeysFile.objects.filter(committee=committee).first()
    return known or KeysFile(committee=committee)
