"""What the upload form has to know: in which parts its script sends, and what was left over."""

from typing import Any

from django import template
from django.conf import settings

from projects.roles import Person
from releases import resuming
from releases.models import OpenUpload, Release
from releases.models.arrival import title_of
from releases.models.usage import room_of

register = template.Library()
SHOWN = 5  # unfinished uploads on a page


@register.simple_tag
def sending_of(release: Release, person: Person) -> dict[str, Any]:
    """`part`: bytes of one part. `unended`: what this person has begun to send and not ended.
    `room`: how many bytes the project holds, and may hold."""
    mine = resuming.open_to(release, person) if person.is_authenticated else []
    unended = [each for each in mine if not each.is_in_hand][:SHOWN]
    return {
        "part": settings.UPLOAD_PART_SIZE,
        "room": room_of(release),
        "unended": [_shown(each, person) for each in unended],
    }


def _shown(upload: OpenUpload, person: Person) -> dict[str, Any]:
    files = resuming.progress_of(upload, person)
    here = sum(each.size_here for each in files)
    return {
        "key": upload.key,
        "title": title_of(each.file.path for each in files),
        "size": upload.size,
        "problem": upload.problem,
        "begun_at": upload.begun_at,
        "share": 100 * here // max(1, upload.size),
    }
