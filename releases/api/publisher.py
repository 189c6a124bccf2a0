"""Endpoints for workflows of GitHub Actions: who acts and for what follows from their token."""

from typing import Any, ClassVar

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from keys import issuer, workflow_tokens
from keys.visits import Visit, visit
from projects.models import Workflow
from releases.api.announcing import announce
from releases.api.finding import with_all
from releases.api.starting import Success
from releases.mail_text import LONGEST_MAIL
from releases.models import Release
from releases.phases import Outcome
from releases.second import second_of
from trusted_releases.api import asking
from trusted_releases.api.endpoint import Access, Endpoint
from trusted_releases.api.errors import Elsewhere, Missing, Unauthenticated
from trusted_releases.api.fields import Address, Name, Text
from trusted_releases.ledger.limits import actor_of, spend

RESOLUTIONS = [outcome for outcome in Outcome.values if outcome]


class Brought(asking.Ask):
    """What every workflow brings."""

    publisher = serializers.ChoiceField(["github"], help_text="Who has made the token.")
    jwt = serializers.CharField(
        max_length=workflow_tokens.LONGEST,
        style=asking.SECRET,
        help_text="The token of this run, fetched for `https://<this host>/`, for this call.",
    )


class OfVersion(Brought):
    """What it brings where it acts on a release."""

    version = Name("version", help_text="Of the project that has granted the workflow this.")


class Publisher(Endpoint):
    """The base of what workflows do, in the phase that their grant must name."""

    access = Access.OIDC
    authentication_classes = ()
    most_bytes = 1 << 20
    refuses: ClassVar[tuple[int, ...]] = (401,)
    phase: ClassVar[Workflow.Phase]
    spends: ClassVar[str]

    def visitor(self, asked: dict[str, Any]) -> Visit:
        """Who acts and for what; then their own limit, the same as by any other way in."""
        try:
            found = visit(asked["jwt"], self.phase)
        except workflow_tokens.Rejected as error:
            raise Unauthenticated(str(error)) from error
        except issuer.Unavailable as error:
            raise Elsewhere(str(error)) from error
        spend(actor_of(found.person, self.address), self.spends)
        return found

    def release(self, visitor: Visit, version: str) -> Release:
        visible = Release.objects.visible_to(visitor.person).of_key(visitor.project.slug, version)
        found: Release | None = with_all(visible).first()
        if found is None:
            raise Missing(f"Release {visitor.project.slug}-{version} not found")
        return found


class PublisherResolve(Publisher):
    """Resolve the vote on a release, from a workflow.

    The project is the one that has granted the workflow the phase `vote`; the person is the one who
    started the run, and must be a release manager or a member of the committee.
    """

    policy = "releases.resolve_vote"
    phase = Workflow.Phase.VOTE
    spends = "vote.resolve"

    class Ask(OfVersion):
        sample = {"publisher": "github", "jwt": "eyJ…", "version": "1.2.0", "resolution": "passed"}
        resolution = serializers.ChoiceField(RESOLUTIONS)

    class Answer(Success):
        """The vote is resolved."""

    def post(self, request: Request) -> Response:
        asked = self.asked()
        visitor = self.visitor(asked)
        release = self.release(visitor, asked["version"])
        passed = asked["resolution"] == Outcome.PASSED
        second = second_of(release, visitor.person) if passed else None
        release.resolve_vote(asked["resolution"], by=visitor.person, second=second)
        return self.answer()


class PublisherAnnounce(Publisher):
    """Announce a release whose vote has passed, from a workflow; publish it first, if need be.

    The project is the one that has granted the workflow the phase `finish`; the person is the one
    who started the run, and must be a release manager or a member of the committee.
    """

    policy = "releases.announce"
    phase = Workflow.Phase.FINISH
    spends = "release.announce"

    class Ask(OfVersion):
        sample = {
            "publisher": "github",
            "jwt": "eyJ…",
            "version": "1.2.0",
            "revision": "00003",
            "email_to": "dev@tool.apache.org",
            "body": "Tool 1.2.0 is out.",
            "path_suffix": "",
        }
        revision = Name(
            "revision",
            allow_null=True,
            allow_blank=True,
            default=None,
            help_text="The number of the revision that was voted on; empty: whichever it was.",
        )
        email_to = Address(help_text="A list to which the project's announcements go.")
        body = Text(LONGEST_MAIL, help_text="The mail.")
        path_suffix = Text(
            1024,
            allow_null=True,
            allow_blank=True,
            default=None,
            help_text="Empty, or where in the committee's folder this site publishes it anyway.",
        )

    class Answer(Success):
        """The release is announced."""

    def post(self, request: Request) -> Response:
        asked = self.asked()
        visitor = self.visitor(asked)
        announce(self.release(visitor, asked["version"]), asked, by=visitor.person)
        return self.answer()
