"""Endpoints that put the files of a draft in order: each makes one revision, or only shows it."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from projects.lifecycle import authorise, require
from releases.api.finding import find_release, revisions_of
from releases.api.items import A_PATH, number_of
from releases.api.starting import OfRelease
from releases.api.uploading import SEEN, Taken, leads_to_files, seen_in
from releases.foreseeing import foresee
from releases.models import Release, Revision
from releases.renaming import folder_moves, rename_moves, strip_moves, with_companions
from trusted_releases.api.answers import Envelope, Item
from trusted_releases.api.endpoint import Access, Endpoint
from trusted_releases.api.fields import Name, RelPath
from trusted_releases.api.leads import BODY

RIGHT = "releases.change_files"
PREVIEW = "True: only tell what would happen, and change nothing. The answer is 200."
COMPANIONS = "Signatures and checksums of a file go with it."


class Seen(OfRelease):
    """A draft, and which revision of it one has looked at."""

    sample = OfRelease.sample | {"expected_revision": None}
    expected_revision = Name("revision", allow_null=True, default=None, help_text=SEEN)


class Looking(Seen):
    sample = Seen.sample | {"preview": False}
    preview = serializers.BooleanField(default=False, help_text=PREVIEW)


def paths_field(about: str, **kwargs: Any) -> serializers.ListField:
    """Some of the files of a draft."""
    return serializers.ListField(
        child=RelPath(), min_length=1, max_length=settings.MAX_FILES, help_text=about, **kwargs
    )


class ChangedName(Item):
    """What becomes of one file."""

    sample = {"relpath": "apache-tool-1.2.0-rc1-src.tar.gz", "becomes": A_PATH, "rewritten": False}
    relpath = serializers.CharField()
    becomes = serializers.CharField(allow_null=True, help_text="Null: it goes.")
    rewritten = serializers.BooleanField(
        help_text="Whether it is a checksum file that is written anew, as it names what moves."
    )


class Preview(Envelope):
    """What would happen to the newest revision."""

    sample = {"revision_number": "00003", "conflicts": []}
    revision_number = serializers.CharField(help_text="The revision that this was found of.")
    changes = ChangedName(many=True)
    conflicts = serializers.ListField(
        child=serializers.CharField(),
        help_text="Why this would be refused, a sentence each; empty where it would be done.",
    )


class Sealed(Taken):
    """There is a new revision."""

    leads = leads_to_files(BODY)


class Tidying(Endpoint):
    """What all of these share: who may, and that the answer is a revision."""

    policy = RIGHT
    access = Access.BEARER
    status = 201
    refuses = (404, 409)

    def release_in(self, asked: dict[str, Any]) -> Release:
        return find_release(self, asked["project"], asked["version"])

    def sealed(self, release: Release, made: Revision) -> Response:
        return self.answer(revision=revisions_of(release).get(pk=made.pk))


class Foretold(Tidying):
    """One that can be asked what it would do, by whoever may do it, when it could be done."""

    def foretell(
        self, asked: dict[str, Any], release: Release, plan: Callable[[Any], dict[str, Any]]
    ) -> Response:
        """`plan` gives each file that changes its new path, or None where it goes."""
        authorise(self.person, RIGHT, release)
        require(release.compose_obstacles(seen_in(asked)))
        entries = release.entries.at(release.last_revision).with_blobs().order_by("path")
        files = {each.path: each.blob for each in entries}
        planned = plan(files)
        moves = {path: to for path, to in planned.items() if to is not None}
        found = foresee(moves, files)
        rows = [
            {"relpath": path, "becomes": to, "rewritten": to in found.anew}
            for path, to in sorted(planned.items())
        ]
        number = number_of(release.last_revision)
        return self.answer_otherwise(
            200, revision_number=number, changes=rows, conflicts=list(found.wrong)
        )


class DeleteFiles(Foretold):
    """Take files out of a draft, each with the signatures and checksums that belong to it.

    Earlier revisions keep them: `/release/revision/restore` brings them back.
    """

    class Ask(Looking):
        sample = Looking.sample | {"paths": [A_PATH]}
        paths = paths_field(f"The files. {COMPANIONS}", allow_empty=False)

    class Answer(Sealed):
        """There is a new revision."""

    class Otherwise(Preview):
        """What would happen. Nothing has."""

    others = {200: Otherwise}

    def post(self, request: Request) -> Response:
        asked = self.asked()
        release, paths = self.release_in(asked), asked["paths"]
        if asked["preview"]:
            return self.foretell(
                asked, release, lambda files: dict.fromkeys(with_companions(paths, files))
            )
        return self.sealed(
            release, release.delete_files(paths, by=request.user, seen=seen_in(asked))
        )


class MoveFiles(Foretold):
    """Put files, or whole folders, into another folder of a draft, in one revision.

    A folder goes under its own name, with all below it.
    """

    class Ask(Looking):
        sample = Looking.sample | {"paths": [A_PATH], "folder": "sources"}
        paths = paths_field(f"Files and folders. {COMPANIONS}", allow_empty=False)
        folder = RelPath(
            allow_null=True, help_text="The folder. It need not exist; null for the top."
        )

    class Answer(Sealed):
        """There is a new revision."""

    class Otherwise(Preview):
        """What would happen. Nothing has."""

    others = {200: Otherwise}

    def post(self, request: Request) -> Response:
        asked = self.asked()
        release, paths, folder = self.release_in(asked), asked["paths"], asked["folder"] or ""
        if asked["preview"]:
            return self.foretell(asked, release, lambda files: folder_moves(paths, folder, files))
        return self.sealed(
            release, release.move_files(paths, folder, by=request.user, seen=seen_in(asked))
        )


class RenameFile(Foretold):
    """Give a file of a draft another path. A checksum file that names it is written anew."""

    class Ask(Looking):
        sample = Looking.sample | {"relpath": A_PATH, "becomes": "apache-tool-1.2.0.tar.gz"}
        relpath = RelPath(help_text=f"The path that it has. {COMPANIONS}")
        becomes = RelPath(help_text="The path that it gets.")

    class Answer(Sealed):
        """There is a new revision."""

    class Otherwise(Preview):
        """What would happen. Nothing has."""

    others = {200: Otherwise}

    def post(self, request: Request) -> Response:
        asked = self.asked()
        release, path, to = self.release_in(asked), asked["relpath"], asked["becomes"]
        if asked["preview"]:
            return self.foretell(asked, release, lambda files: rename_moves(path, to, files))
        return self.sealed(
            release, release.rename_file(path, to, by=request.user, seen=seen_in(asked))
        )


class StripTags(Foretold):
    """Take `-rc1`, `.RC2`, `-candidate-3` and their like out of all names of a draft.

    What is voted on goes out under its name. Signatures hold: no byte of what is signed changes.
    """

    Ask = Looking

    class Answer(Sealed):
        """There is a new revision."""

    class Otherwise(Preview):
        """What would happen. Nothing has."""

    others = {200: Otherwise}

    def post(self, request: Request) -> Response:
        asked = self.asked()
        release = self.release_in(asked)
        if asked["preview"]:
            return self.foretell(asked, release, strip_moves)
        return self.sealed(
            release, release.strip_candidate_tags(by=request.user, seen=seen_in(asked))
        )


class GenerateChecksums(Tidying):
    """Put a `.sha512` beside files of a draft, of the bytes that are stored.

    One that is there is never replaced.
    """

    class Ask(Seen):
        sample = Seen.sample | {"paths": [A_PATH]}
        paths = paths_field(
            "The files; null for all that people download, and that have none.",
            allow_empty=False,
            allow_null=True,
        )

    class Answer(Sealed):
        """There is a new revision."""

    def post(self, request: Request) -> Response:
        asked = self.asked()
        release, seen = self.release_in(asked), seen_in(asked)
        made = release.generate_checksums(asked["paths"], by=request.user, seen=seen)
        return self.sealed(release, made)


ADDRESSES = (
    ("files/delete", DeleteFiles, "api-delete-files"),
    ("files/move", MoveFiles, "api-move-files"),
    ("files/rename", RenameFile, "api-rename-file"),
    ("files/strip-tags", StripTags, "api-strip-tags"),
    ("files/checksums", GenerateChecksums, "api-checksums"),
)
