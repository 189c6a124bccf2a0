"""Files of a release at the addresses that scripts and existing clients know."""

import shlex
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from django.contrib.auth.mixins import LoginRequiredMixin
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.generic import View

from releases.models import Entry, Release, Revision
from releases.querysets import ReleaseQuerySet
from releases.texts import absolute
from releases.views.common import OneRelease
from releases.views.files import FileDownload, number_in
from releases.zipping import zip_of
from trusted_releases.lib.text import one_line

PER_PAGE = 200  # rows of a folder
TEXT = "text/plain; charset=utf-8"


class Readable(OneRelease):
    """Finds the release among those that a program may read: existing clients send no token."""

    def seen(self) -> ReleaseQuerySet:
        rows: ReleaseQuerySet = Release.objects.readable_by(self.request.user)
        return rows

    def entries(self, release: Release) -> QuerySet[Entry]:
        """The files that were voted on, else the newest; of `?revision=N` where that is asked."""
        found: QuerySet[Entry] = release.entries.at(number_in(self.request, release)).with_blobs()
        return found


@dataclass(frozen=True)
class Row:
    """One thing in a folder: a file, or a folder below."""

    name: str
    url: str
    size: int | None = None


class RawFile(Readable, FileDownload):
    """A file as it is, or what is in a folder."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        release = self.get_object()
        folder = self.kwargs.get("path", "").rstrip("/")
        below = f"{folder}/" if folder else ""
        entries = self.entries(release)
        if below == "" or entries.filter(path__startswith=below).exists():
            return self._listed(release, below, entries)
        return super().get(request, *args, **kwargs)

    def _listed(self, release: Release, below: str, entries: QuerySet[Entry]) -> HttpResponse:
        """Only the columns that are shown, and of them only one page is."""
        found = entries.filter(path__startswith=below).values_list("path", "blob__size")
        page = Paginator(rows_of(release, below, found), PER_PAGE).get_page(
            self.request.GET.get("page")
        )
        up = below.rstrip("/").rpartition("/")[0]
        context = {
            "release": release,
            "folder": below,
            "page_obj": page,
            "up": raw_url(release, f"{up}/" if up else "") if below else "",
        }
        return render(self.request, "releases/folder.html", context)


class Urls(Readable, View):
    """A line for each file: its address, and its path."""

    policy = "public"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        release = self.get_object()
        paths = self.entries(release).values_list("path", flat=True)
        lines = [f"{absolute(raw_url(release, path))} {path}\n" for path in paths]
        return HttpResponse("".join(lines), TEXT)


class FetchScript(Readable, View):
    """A shell script that fetches every file, and compares it with what it should be."""

    policy = "public"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        release = self.get_object()
        entries = list(self.entries(release))
        begin = absolute(raw_url(release, ""))
        lines = [
            "#!/bin/sh",
            f"# Fetches {one_line(str(release))} into the folder {release.slug}. It needs curl.",
            "set -eu",
            f"mkdir -p {shlex.quote(release.slug)}",
            f"cd {shlex.quote(release.slug)}",
            f"from={shlex.quote(begin.rstrip('/'))}",
            'get() { curl -fsSL --create-dirs -o "$2" "$from/$1"; }',
            *(f"get {shlex.quote(quote(e.path))} {shlex.quote(e.path)}" for e in entries),
            "if command -v sha512sum > /dev/null; then check='sha512sum -c'",
            "else check='shasum -a 512 -c'; fi",
            "$check <<'SUMS'",
            *(f"{entry.blob.sha512}  {entry.path}" for entry in entries),
            "SUMS",
        ]
        return HttpResponse("\n".join([*lines, ""]), TEXT)


class AllFiles(Readable, LoginRequiredMixin, View):
    """Every file in one ZIP. For accounts: it costs more than what anybody may ask for."""

    policy = "releases.view_release"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        release = self.get_object()
        revision = release.revisions.filter(number=number_in(request, release)).first()
        if revision is None:
            raise Http404(f"{release} has no files.")
        return StreamingHttpResponse(
            () if request.method == "HEAD" else self._packed(release, revision),
            content_type="application/zip",
            headers={"Content-Disposition": f'attachment; filename="{release.slug}.zip"'},
        )

    def _packed(self, release: Release, revision: Revision) -> Any:
        return zip_of(release.slug, self.entries(release), revision.made_at)


def rows_of(release: Release, below: str, found: Any) -> list[Row]:
    """What lies in this folder itself, the folders first."""
    folders: dict[str, Row] = {}
    files: list[Row] = []
    for path, size in found:
        name, _, rest = path.removeprefix(below).partition("/")
        if rest:
            folders.setdefault(name, Row(f"{name}/", raw_url(release, f"{below}{name}/")))
        else:
            files.append(Row(name, raw_url(release, path), size))
    return [*folders.values(), *files]


def raw_url(release: Release, path: str) -> str:
    """Where the file, or folder, lies for scripts; "" is all of the release."""
    place = reverse("releases:raw-files", args=release.url_args)
    return place + quote(path)
