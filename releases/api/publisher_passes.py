"""Endpoints by which a workflow of GitHub Actions gets what it uploads with, for twenty minutes."""

from datetime import datetime

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from keys import ssh_text
from keys.models import UploadTicket, WorkflowSshKey
from keys.token_text import TICKET
from keys.visits import Visit
from projects.lifecycle import require
from projects.models import Workflow
from releases.api.publisher import Brought, OfVersion, Publisher
from releases.models import Release
from trusted_releases.api import asking
from trusted_releases.api.answers import Envelope
from trusted_releases.api.errors import Missing
from trusted_releases.api.fields import Name
from trusted_releases.ledger.limits import actor_of, spend

# That of a test of RFC 8032: anybody has its private part.
A_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAINdamAGCsQq31Uv+08lkBzoO4XLz2qYjJa8CGmj3B1Ea run 99"
A_FINGERPRINT = "SHA256:bbXpuKG6zhzdmnxq256TlqzFBzRl2f6OOg722cYNbU8"
A_PROJECT = "Which has granted the workflow the phase `compose`."
ENDS = "When it opens nothing any more, in seconds of Unix time: twenty minutes from now."


class RegisterWorkflowKey(Publisher):
    """Register an SSH key that a run has made: it sends files by rsync with it, for 20 minutes.

    It comes in as the SSH user `github`, and uploads into drafts of the one project that has
    granted the workflow the phase `compose`, in the name of the person who started the run.
    """

    policy = "releases.change_files"
    phase = Workflow.Phase.COMPOSE
    spends = "publisher.ssh.register"
    refuses = (401, 403, 409)

    class Ask(Brought):
        sample = {"publisher": "github", "jwt": "eyJ…", "ssh_key": A_KEY}
        ssh_key = serializers.CharField(
            max_length=ssh_text.LONGEST,
            style=asking.SECRET,
            help_text="The public key, in one line, as ssh-keygen writes it; a new one each run.",
        )

    class Answer(Envelope):
        sample = {"fingerprint": A_FINGERPRINT, "project": "tool", "expires": 1_800_000_000}
        fingerprint = serializers.CharField()
        project = Name("project", help_text=A_PROJECT)
        expires = serializers.IntegerField(help_text=ENDS)

    def post(self, request: Request) -> Response:
        asked = self.asked()
        ssh_text.read(asked["ssh_key"])  # what cannot be a key uses no token up
        key = WorkflowSshKey.objects.register(self.visitor(asked), asked["ssh_key"])
        return self.answer(
            fingerprint=key.fingerprint, project=key.project.slug, expires=unix(key.expires_at)
        )


class MakeUploadTicket(Publisher):
    """Get a ticket for one upload over HTTP, for a run without rsync. It is good for 20 minutes.

    Send it as `Authorization: Bearer` to an endpoint that takes files; it is used up by the first
    request that brings it, whatever comes of that. When the project has no release of this version
    yet, one is started.
    """

    policy = "releases.change_files"
    phase = Workflow.Phase.COMPOSE
    spends = "publisher.upload.ticket"
    refuses = (401, 403, 409)

    class Ask(OfVersion):
        sample = {"publisher": "github", "jwt": "eyJ…", "version": "1.2.0"}

    class Answer(Envelope):
        sample = {
            "ticket": f"{TICKET}…",
            "project": "tool",
            "version": "1.2.0",
            "expires": 1_800_000_000,
        }
        ticket = serializers.CharField(style=asking.SECRET, help_text="Shown this once.")
        project = Name("project", help_text=A_PROJECT)
        version = Name("version", help_text="The one release that it uploads into.")
        expires = serializers.IntegerField(help_text=ENDS)

    def post(self, request: Request) -> Response:
        asked = self.asked()
        visitor = self.visitor(asked)
        self.require_draft(visitor, asked["version"])
        ticket, secret = UploadTicket.objects.make(visitor, asked["version"])
        return self.answer(
            ticket=secret,
            project=ticket.project.slug,
            version=ticket.version,
            expires=unix(ticket.expires_at),
        )

    def require_draft(self, visitor: Visit, version: str) -> None:
        """There is a draft of this version that takes files, started now if need be."""
        person, project = visitor.person, visitor.project
        found = Release.objects.visible_to(person).of_key(project.slug, version).first()
        if found is not None:
            if found.embargoed:  # as it is for whatever comes by a ticket
                raise Missing(f"Release {found.slug} not found")
            require(found.compose_obstacles())
            return
        spend(actor_of(person, self.address), "release.create")
        Release.objects.start(project, version, by=person)


def unix(at: datetime) -> int:
    """Seconds since 1970, as GitHub's tokens tell time."""
    return int(at.timestamp())
