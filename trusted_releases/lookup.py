"""Finding things: by digest, fingerprint, name or words, and only among what a person may see.

Tables with millions of rows (files, blobs, revisions) are asked by equality or by the beginning of
an indexed column, never by a part in its middle.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from keys.models import Certificate
from projects.models import Committee, Project, User
from projects.roles import Person
from releases.models import Blob, Entry, Release, Revision
from releases.phases import Phase
from trusted_releases.questions import Question

SHOWN = 10  # of each kind on the first page
PER_PAGE = 50  # of one kind on its own pages
LAST_PAGE = 100
MOST_BLOBS = 50  # with the same beginning of a digest: more is no digest but a guess
SHA256 = 64  # hexadecimal digits
SHORTEST_NAME = 3  # characters of the beginning of a file's name

KINDS = {
    "projects": "Projects",
    "committees": "Committees",
    "releases": "Releases",
    "files": "Files",
    "revisions": "Revisions with this manifest",
    "keys": "Keys",
    "people": "People",
}
_FILE = re.compile(r"[A-Za-z0-9._+~()/-]+\Z")


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind: so many rows as are shown, and whether there are more."""

    kind: str
    rows: list[Any]
    more: bool
    page: int = 1

    @property
    def title(self) -> str:
        return KINDS[self.kind]


@dataclass(frozen=True, slots=True)
class FileHit:
    """A file in a run of revisions of one release."""

    entry: Entry

    def __str__(self) -> str:
        return f"the file {self.entry.path} of {self.release}, {self.standing}"

    @property
    def release(self) -> Release:
        return self.entry.release

    @property
    def url(self) -> str:
        """The release's page where the file is in it now, else the revision that had it."""
        if self.is_current:
            return self.release.get_absolute_url()
        return Revision(release=self.release, number=self.entry.since).get_absolute_url()

    @property
    def is_current(self) -> bool:
        release, entry = self.release, self.entry
        number = release.candidate.number if release.candidate else release.last_revision
        return entry.since <= number and (entry.until is None or number < entry.until)

    @property
    def standing(self) -> str:
        """Whether the world got it."""
        if not self.is_current:
            return "not in the release"
        if self.release.phase == Phase.RELEASED:
            return "released"
        return f"not released: in phase “{self.release.get_phase_display()}”"

    @property
    def revisions(self) -> str:
        first, last = self.entry.since, (self.entry.until or self.release.last_revision + 1) - 1
        return f"revision {first}" if first == last else f"revisions {first} to {last}"


class Lookup:
    """One question by one person."""

    def __init__(self, question: Question, person: Person) -> None:
        self.question = question
        self.person = person

    def groups(self) -> list[Group]:
        """What was found, by kind; kinds without a hit are left out."""
        found = (self._group(kind, 1, SHOWN) for kind in KINDS)
        return [group for group in found if group.rows]

    def group(self, kind: str, page: int) -> Group:
        """One page of one kind."""
        return self._group(kind, min(max(page, 1), LAST_PAGE), PER_PAGE)

    def landings(self) -> dict[str, str]:
        """The pages of all that the question names exactly, each with what it names there. With
        one page, a person can go there."""
        if self.question.digits:
            rows = self._named_by_digits() if self.question.is_whole else []
        else:
            rows = self._named_by_words() if self.question.words else []
        return {_url(row): str(row) for row in rows}

    def _group(self, kind: str, page: int, size: int) -> Group:
        ask: Callable[[], QuerySet[Any] | None] = getattr(self, f"_{kind}")
        found = ask()
        if found is None:
            return Group(kind, [], more=False)
        begin = (page - 1) * size
        rows = list(found[begin : begin + size + 1])
        shown = [FileHit(row) if kind == "files" else row for row in rows[:size]]
        return Group(kind, shown, more=len(rows) > size and page < LAST_PAGE, page=page)

    # --- What there is of each kind; None where the question cannot mean it -----------------------

    def _projects(self) -> QuerySet[Project] | None:
        if not self.question.words:
            return None
        found = Project.objects.for_listing()
        for word in self.question.words:
            named = Q(name__icontains=word) | Q(slug__icontains=word)
            found = found.filter(named | Q(committee__name__icontains=word))
        return found

    def _committees(self) -> QuerySet[Committee] | None:
        if not self.question.words:
            return None
        found = Committee.objects.order_by("name")
        for word in self.question.words:
            found = found.filter(Q(name__icontains=word) | Q(slug__icontains=word))
        return found

    def _releases(self) -> QuerySet[Release] | None:
        if not self.question.words:
            return None
        found = self.visible.for_listing()
        for word in self.question.words:
            named = Project.objects.filter(Q(name__icontains=word) | Q(slug__icontains=word))
            found = found.filter(Q(project__in=named) | Q(version__startswith=word))
        return found

    def _files(self) -> QuerySet[Entry] | None:
        found = Entry.objects.filter(self.is_visible).select_related(
            "blob", "release__candidate", "release__project"
        )
        if self.question.digits and self.blobs:
            newest = F("release__released_at").desc(nulls_last=True)
            return found.filter(blob__in=self.blobs).order_by(newest, "-pk")
        if name := self.question.name or self._file_name():
            same = begins("name", name.rpartition("/")[2])
            inside = Q(path__contains=name) if "/" in name else Q()
            return found.filter(same & inside).order_by("name", "-pk")
        return None

    def _revisions(self) -> QuerySet[Revision] | None:
        digits = self.question.digits
        if not digits or len(digits) > SHA256:
            return None
        same = begins("manifest_digest", f"sha256:{digits}")
        found = Revision.objects.filter(same, self.is_visible)
        return found.select_related("release__project").order_by("-pk")

    def _keys(self) -> QuerySet[Certificate] | None:
        digits = self.question.digits
        found = Certificate.objects.order_by("fingerprint")
        if digits:
            whole = Q(subkeys__icontains=digits) if self.question.is_whole else Q()
            return found.filter(begins("fingerprint", digits) | Q(key_id=digits) | whole)
        for word in self.question.words:
            found = found.filter(user_ids__icontains=word)
        return found if self.question.words else None

    def _people(self) -> QuerySet[User] | None:
        """For those who are signed in: who has an account is nobody else's business."""
        if not self.question.words or not self.person.is_authenticated:
            return None
        found = User.objects.filter(is_active=True).order_by("username")
        for word in self.question.words:
            found = found.filter(Q(username__icontains=word) | Q(full_name__icontains=word))
        return found.prefetch_related("memberships__committee")

    # --- What the question names exactly ----------------------------------------------------------

    def _named_by_digits(self) -> list[Any]:
        groups = (self._group(kind, 1, SHOWN) for kind in ("files", "revisions", "keys"))
        return [] if self.is_other_content else [row for group in groups for row in group.rows]

    def _named_by_words(self) -> list[Any]:
        text = " ".join(self.question.words)
        same = Q(slug=text.lower()) | Q(name__iexact=text)
        found: list[Any] = [
            *Project.objects.filter(same)[:2],
            *Committee.objects.filter(same)[:2],
            *self._releases_called(text)[:2],
        ]
        if (name := self._file_name()) and (files := self._files()) is not None:
            whole = files.filter(name=name.rpartition("/")[2])
            found += [FileHit(entry) for entry in whole[:SHOWN]]
        return found

    def _releases_called(self, text: str) -> QuerySet[Release]:
        named = Q(pk=None)
        for project, version in _splits(text):
            slug = "-".join(project.lower().split())
            named |= Q(version=version) & (Q(project__slug=slug) | Q(project__name__iexact=project))
        return self.visible.select_related("project").filter(named)

    # --- Parts ------------------------------------------------------------------------------------

    @property
    def visible(self) -> Any:
        return Release.objects.visible_to(self.person)

    @property
    def is_visible(self) -> Exists:
        """Of a row of a release: whether the person may see the release. Asked row by row, so that
        databases begin with the few rows that are looked for, and not with all releases."""
        return Exists(self.visible.filter(pk=OuterRef("release")))

    @cached_property
    def blobs(self) -> list[int]:
        """The stored bytes that the digits are a digest of, or the beginning of one."""
        digits = self.question.digits
        same = begins("sha512", digits)
        if len(digits) <= SHA256:
            same |= begins("sha256", digits)
        return list(Blob.objects.filter(same).values_list("pk", flat=True)[:MOST_BLOBS])

    @cached_property
    def is_other_content(self) -> bool:
        """A line of a checksum file was pasted, and nothing here that one may see has that digest:
        what is shown are files of the same name with other bytes."""
        if not (self.question.digits and self.question.name):
            return False
        return not Entry.objects.filter(self.is_visible, blob__in=self.blobs).exists()

    def _file_name(self) -> str:
        """The question as a file's name, or its beginning, if it can be one."""
        if len(self.question.words) != 1 or not _FILE.match(self.question.words[0]):
            return ""
        word = self.question.words[0]
        return word if len(word.rpartition("/")[2]) >= SHORTEST_NAME else ""


def begins(column: str, text: str) -> Q:
    """The column begins with this text, which is ASCII, in the words that each database has an
    index for: PostgreSQL for LIKE, SQLite for a range."""
    if connection.vendor == "sqlite":
        return Q(**{f"{column}__gte": text, f"{column}__lt": f"{text}\x7f"})
    return Q(**{f"{column}__startswith": text})


def _splits(text: str) -> Iterator[tuple[str, str]]:
    """The ways to read `apache tool 1.0` and `tool-1.0-rc1` as a project and a version."""
    for place in [match.start() for match in re.finditer("[ -]", text)][:6]:
        if project := text[:place].strip():
            yield project, text[place + 1 :]


def _url(row: Any) -> str:
    return row.url if isinstance(row, FileHit) else row.get_absolute_url()
