"""Pages that put a draft's files in order: each shows what will happen before it asks."""

from collections.abc import Collection
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.utils.functional import cached_property

from releases import forms_tidying as forms
from releases.foreseeing import Foreseen, foresee
from releases.models import Revision
from releases.models.composing import Files
from releases.models.tidying import is_download, lacking_checksums
from releases.renaming import Moves, folder_moves, folders_of, strip_moves
from releases.views.files import ChangeFiles, done
from trusted_releases.lib.errors import BadInput

SHOWN = 200  # new names that a page lists


class GivesNames(ChangeFiles):
    """A page that lists every old name with its new one, and what stands in the way of it."""

    def plan(self, files: Collection[str]) -> Moves:
        """What is meant, of what was asked for so far; raises BadInput."""
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        try:
            planned = self.plan(self.paths)
            found = foresee(planned, self.files() if planned else {})
        except BadInput as error:
            found = Foreseen({}, frozenset(), (str(error),))
        rows = [
            {"old": old, "new": new, "anew": new in found.anew}
            for old, new in sorted(found.moves.items())
        ]
        return context | {
            "moves": rows[:SHOWN],
            "move_count": len(rows),
            "more": max(0, len(rows) - SHOWN),
            "wrong": found.wrong[:SHOWN],
        }

    def files(self) -> Files:
        entries = self.object.entries.at(self.object.last_revision).with_blobs().order_by("path")
        return {each.path: each.blob for each in entries}


class MoveFiles(GivesNames):
    """Put files, and whole folders, into another folder. Files are chosen on the draft's page,
    folders here."""

    form_class = forms.MoveFiles
    template_name = "releases/move_files.html"

    def run(self, paths: list[str], folder: str, seen: int) -> None:
        revision = self.object.move_files(paths, folder, by=self.request.user, seen=seen)
        self.done = done(revision, f"{revision.description}.")

    def require_target(self) -> None:
        if gone := {each.rstrip("/") for each in self.chosen} - set(self.paths) - set(self.folders):
            raise Http404(f"There is no file or folder {min(gone)} in {self.object}.")

    @property
    def sent(self) -> QueryDict:
        return self.request.POST or self.request.GET

    @property
    def chosen(self) -> list[str]:
        return self.sent.getlist("paths")

    @cached_property
    def folders(self) -> dict[str, int]:
        """The folders of the draft, each with how many files are below it."""
        return folders_of(self.paths)

    def plan(self, files: Collection[str]) -> Moves:
        if "folder" not in self.sent or not self.chosen:
            return {}
        return folder_moves(self.chosen, str(self.sent["folder"]), files)

    def get_form_kwargs(self) -> dict[str, Any]:
        known = [*self.paths, *(f"{each}/" for each in self.folders)]
        return super().get_form_kwargs() | {"files": known}

    def get_initial(self) -> dict[str, Any]:
        return {
            "paths": self.chosen,
            "folder": self.sent.get("folder", ""),
            "seen": self.object.last_revision,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        known, chosen = set(self.paths), set(self.chosen)
        rows = [
            {"value": f"{each}/", "count": count, "ticked": f"{each}/" in chosen}
            for each, count in self.folders.items()
        ]
        # Those that were chosen, then those near the top: deeper ones go with what they lie in.
        rows.sort(key=lambda row: (not row["ticked"], str(row["value"]).count("/"), row["value"]))
        return super().get_context_data(**kwargs) | {
            "chosen": [path for path in self.chosen if path in known],
            "folders": rows[:SHOWN],
            "deeper": max(0, len(rows) - SHOWN),
            "picked": [path for path in self.chosen if path in known or path[:-1] in self.folders],
            "previewed": "folder" in self.sent and bool(self.chosen),
            "nothing_chosen": "folder" in self.sent and not self.chosen,
        }


class StripTags(GivesNames):
    """Take `-rc1` and its like out of all names."""

    form_class = forms.StripTags
    template_name = "releases/strip_tags.html"

    def run(self, seen: int) -> None:
        revision = self.object.strip_candidate_tags(by=self.request.user, seen=seen)
        self.done = done(revision, f"{revision.description}.")

    def plan(self, files: Collection[str]) -> Moves:
        return strip_moves(files)

    def get_initial(self) -> dict[str, Any]:
        return {"seen": self.object.last_revision}


class GenerateChecksums(ChangeFiles):
    """Put a `.sha512` beside files that have none."""

    form_class = forms.GenerateChecksums
    template_name = "releases/generate_checksums.html"

    def run(self, paths: list[str], seen: int) -> None:
        revision = self.object.generate_checksums(paths, by=self.request.user, seen=seen)
        self.done = done(revision, f"{revision.description}.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"files": lacking_checksums(self.paths)}

    def get_initial(self) -> dict[str, Any]:
        lacking = lacking_checksums(self.paths)
        return {
            "paths": [each for each in lacking if is_download(each)],
            "seen": self.object.last_revision,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"lacking": lacking_checksums(self.paths)}


class TagRevision(ChangeFiles):
    """Give a revision a name of its own."""

    form_class = forms.TagRevision
    template_name = "releases/tag_revision.html"

    def run(self, number: int, tag: str) -> None:
        revision = self.object.tag_revision(number, tag, by=self.request.user)
        self.done = f"Revision {number} is tagged {revision.tag}."
        self.tagged = revision

    def get_success_url(self) -> str:
        self.tagged.release = self.object
        return self.tagged.get_absolute_url()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.wanted() is None:
            raise Http404(f"{self.object} has no such revision. “Revisions” lists all there are.")
        return super().get(request, *args, **kwargs)

    def wanted(self) -> Revision | None:
        number = self.request.POST.get("number") or self.request.GET.get("number", "")
        if not number.isdecimal() or len(number) > 8:
            return None
        return self.object.revisions.filter(number=int(number)).first()

    def get_initial(self) -> dict[str, Any]:
        wanted = self.wanted()
        return {"number": wanted.number if wanted else None}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {"wanted": self.wanted()}
