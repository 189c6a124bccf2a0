"""Endpoints about one revision of a draft: its files come back, or it gets a name."""

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from releases.api.starting import OfRelease
from releases.api.tidying import Sealed, Seen, Tidying
from releases.api.uploading import Taken, seen_in
from trusted_releases.api.fields import Name


class RestoreRevision(Tidying):
    """Make the files of a draft again what they were in an earlier revision, as a new one."""

    class Ask(Seen):
        sample = Seen.sample | {"revision": "00001"}
        revision = Name("revision", help_text="The number of the revision whose files come back.")

    class Answer(Sealed):
        """There is a new revision."""

    def post(self, request: Request) -> Response:
        asked = self.asked()
        release, number = self.release_in(asked), int(asked["revision"])
        made = release.restore_revision(number, by=request.user, seen=seen_in(asked))
        return self.sealed(release, made)


class TagRevision(Tidying):
    """Give a revision of a draft a name that people know it by. It keeps that name for good."""

    status = 200

    class Answer(Taken):
        """The revision has this tag."""

    class Ask(OfRelease):
        sample = OfRelease.sample | {"revision": "00001", "tag": "rc1"}
        revision = Name("revision", help_text="The number of the revision.")
        tag = serializers.RegexField(
            r"^[A-Za-z0-9+_.-]+\Z",
            max_length=256,
            help_text="Letters, digits and + _ . - such as rc1. No other revision has it.",
        )

    def post(self, request: Request) -> Response:
        asked = self.asked()
        release = self.release_in(asked)
        made = release.tag_revision(int(asked["revision"]), asked["tag"], by=request.user)
        return self.sealed(release, made)
