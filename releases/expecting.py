"""What is said of files before they are sent: why they could not be taken, what looks odd."""

import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Count, Sum

from projects.lifecycle import require
from projects.models import User
from releases.models import OpenUpload, Release, usage
from releases.models.blob import scratch
from releases.models.composing import check_set
from releases.phases import Phase
from trusted_releases.lib.errors import BadInput, NoRoom, NotReady, Obstacle
from trusted_releases.lib.paths import check_path
from trusted_releases.lib.sizes import size_in_words

SHA256 = re.compile(r"[0-9a-f]{64}")
NAMED = 10  # files that are named, of many with something wrong
SUSPICIOUS = 5  # times as large as the same file of the release before, or as small
SMALL = 1 << 20  # bytes; below, sizes say nothing
SPARE = 512 << 20  # bytes of the disk that uploads leave free


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file somebody wants to send: where it goes, and which bytes it has, if they know."""

    path: str
    size: int
    sha256: str = ""


def check(release: Release, wanted: Sequence[Wanted]) -> None:
    """Raise BadInput or NotReady, with a sentence for each file, where these could not be part of
    the release."""
    if not wanted:
        raise BadInput("Choose at least one file to upload.")
    if problems := list(_problems(wanted)):
        others = len(problems) - NAMED
        shown = [Obstacle("bad_input", text) for text in problems[:NAMED]]
        if others > 0:
            shown.append(Obstacle("bad_input", f"The same holds for {others} more files."))
        raise Unfit(shown)
    there = release.entries.at(release.last_revision).values_list("path", "blob__size")
    known = {path: Wanted(path, size) for path, size in there}
    check_set(known | {each.path: each for each in wanted})
    require(_quota_obstacles(release, wanted, known))


class Unfit(BadInput, NotReady):
    """What is to be sent cannot be taken: an obstacle for each file."""

    code = "bad_input"

    def __init__(self, obstacles: list[Obstacle]) -> None:
        NotReady.__init__(self, obstacles)


def _problems(wanted: Sequence[Wanted]) -> Iterator[str]:
    seen: set[str] = set()
    for each in wanted:
        try:
            check_path(each.path)
        except BadInput as error:
            yield str(error)
            continue
        if each.path in seen:
            yield f"{each.path} is there twice in one upload."
        seen.add(each.path)
        if each.size > settings.MAX_FILE_SIZE:
            most = size_in_words(settings.MAX_FILE_SIZE)
            yield f"{each.path} has {size_in_words(each.size)}; the limit for one file is {most}."


def _quota_obstacles(
    release: Release, wanted: Sequence[Wanted], there: Mapping[str, Wanted]
) -> Iterator[Obstacle]:
    """What the project has too little room for, as far as digests tell, or else sizes."""
    here = usage.known_here(release, {each.sha256 for each in wanted if each.sha256})
    new = [each for each in wanted if each.sha256 not in here]
    same = (each.path in there and there[each.path].size == each.size for each in new)
    coming = sum(
        each.size for each, known in zip(new, same, strict=True) if each.sha256 or not known
    )
    return usage.room_of(release).obstacles(coming)


def room_obstacles(person: User, size: int) -> Iterator[Obstacle]:
    """What keeps this person from opening one more upload, of so many bytes."""
    mine = OpenUpload.objects.unended().begun_by_person(person)
    there = mine.aggregate(count=Count("pk"), size=Sum("size", default=0))
    if there["count"] >= settings.MAX_OPEN_UPLOADS:
        yield Obstacle(
            "too_many_uploads",
            f"{there['count']} uploads of yours have not ended, which is as many as may be. End "
            "or discard one first.",
        )
    if there["size"] + size > settings.MAX_OPEN_SIZE:
        yield Obstacle(
            "too_much",
            f"Uploads of yours that have not ended may have {size_in_words(settings.MAX_OPEN_SIZE)}"
            f" together; with this one they would have {size_in_words(there['size'] + size)}. End "
            "or discard one first.",
        )
    if shutil.disk_usage(scratch()).free < 2 * size + SPARE:  # the parts, and what they make
        yield Obstacle(
            NoRoom.code,  # what a disk that fills up later is told as
            "The server has too little room for this at the moment. Its operators see that; try "
            "again later.",
        )


def oddities(release: Release, wanted: Sequence[Wanted]) -> list[str]:
    """What a person might want to look at again before they send it: files of quite another size
    than in the release before."""
    last = _last(release)
    if last is None or last.candidate is None:
        return []
    rows = last.entries.at(last.candidate.number).values_list("path", "blob__size")
    before = {_general(path, last.version): size for path, size in rows}
    return [
        text
        for each in wanted
        if (text := _odd(each, before.get(_general(each.path, release.version)), last.version))
    ][:NAMED]


def _last(release: Release) -> Release | None:
    """The newest release of the project that is out."""
    others = Release.objects.filter(project=release.project_id, phase=Phase.RELEASED)
    found: Release | None = (
        others.exclude(pk=release.pk).select_related("candidate").order_by("-pk").first()
    )
    return found


def _general(path: str, version: str) -> str:
    return path.replace(version, "*")


def _odd(wanted: Wanted, before: int | None, version: str) -> str:
    if before is None or max(before, wanted.size) < SMALL:
        return ""
    now, then = max(1, wanted.size), max(1, before)
    if now >= SUSPICIOUS * then:
        how = f"{now // then} times larger than"
    elif then >= SUSPICIOUS * now:
        how = f"{then // now} times smaller than"
    else:
        return ""
    return (
        f"{wanted.path} has {size_in_words(wanted.size)}: {how} in {version}, where it has "
        f"{size_in_words(before)}. Is it the right file?"
    )


def wanted_in(document: dict[str, Any]) -> list[Wanted]:
    """The files that a page's script names; BadInput where it does not."""
    rows = document.get("files")
    if not isinstance(rows, list):
        raise BadInput("What was sent names no files. Reload the page.")
    return [_wanted(row) for row in rows]


def _wanted(row: Any) -> Wanted:
    path, size = (row.get(name) if isinstance(row, dict) else None for name in ("relpath", "size"))
    if not isinstance(path, str) or type(size) is not int or not 0 <= size < 1 << 50:
        raise BadInput("What was sent is no list of files. Reload the page.")
    digest = row.get("sha256") or ""
    if digest:
        require_digest(digest)
    return Wanted(path, size, digest)


def require_digest(text: Any) -> None:
    """BadInput for what is no SHA-256, as a folder's file may be named by it."""
    if not isinstance(text, str) or not SHA256.fullmatch(text):
        raise BadInput("A digest is missing, or is none.")
