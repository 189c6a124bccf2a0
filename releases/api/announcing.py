"""The endpoint that announces a release, and publishes it first where nobody has."""

import time
from typing import Any

from django.core.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from projects.models import User
from projects.models.mail_templates import fill
from projects.roles import Person, may
from releases import texts
from releases.api.finding import find_release
from releases.api.items import number_of
from releases.api.starting import ForRevision, Success, number_in
from releases.mail_text import LONGEST_MAIL, check_mail
from releases.models import Publication, Release
from releases.permitted import may_be_told
from releases.phases import Phase
from releases.publishing import location_of
from trusted_releases.api.endpoint import Access, Endpoint
from trusted_releases.api.errors import Missing
from trusted_releases.api.fields import Address, Text
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.errors import BadInput, NotReady, Obstacle, Stale

WAIT = 50  # seconds for a worker to publish: many proxies give up on an answer after a minute
PAUSE = 0.2


class Announce(Endpoint):
    """Announce a release whose vote has passed: publish its files, then send the mail, once.

    Files that are not published yet are published first; that takes a worker some seconds. Where it
    takes longer than most of a minute the answer is 409, and the same request later announces.
    Sending the same again when it is announced is a success, and sends no second mail. `revision`
    is what was voted on; the number after it is taken as well, as other servers count the passing
    of a vote as a revision. Without `body` it is the project's own text; the subject always is.
    """

    policy = "releases.announce"
    access = Access.BEARER
    action = "release.announce"
    status = 201
    refuses = (404, 409)

    class Answer(Success):
        """The release is announced."""

    class Ask(ForRevision):
        sample = {
            "project": "tool",
            "version": "1.2.0",
            "revision": "00003",
            "email_to": "dev@tool.apache.org",
            "body": None,
            "path_suffix": None,
        }
        email_to = Address(help_text="A list to which the project's announcements go.")
        body = Text(LONGEST_MAIL, allow_null=True, default=None, help_text="The mail, or null.")
        path_suffix = Text(
            1024,
            allow_null=True,
            allow_blank=True,
            help_text="Null, or where in the committee's folder this site publishes it anyway.",
        )

    def post(self, request: Request) -> Response:
        asked = self.asked()
        release = find_release(self, asked["project"], asked["version"])
        announce(release, asked, by=self.person)
        return self.answer()


def announce(release: Release, asked: dict[str, Any], *, by: User) -> None:
    """Publish and announce the release as `asked` says, by whichever endpoint."""
    _require_voted(release, number_in(asked))
    email_to = asked["email_to"]
    if not may_be_told(by, email_to, release.rules.announce_mail.everybody):
        raise PermissionDenied(f"You are not permitted to send announcements to {email_to}")
    _require_place(release, asked["path_suffix"])
    subject, body = _mail(release, by, asked["body"])
    if release.phase == Phase.RELEASED and _has_been_said(release, body, by):
        return  # a client that lost the answer asks again
    publish(release, by=by)
    try:
        release.announce(by=by, subject=subject, body=body)
    except NotReady as error:
        codes = [each.code for each in error.obstacles]
        if codes == ["announced"] and _has_been_said(release, body, by):
            return  # by a request that was sent at the same time
        raise _with_reason(release, error) from error


def publish(release: Release, *, by: Person) -> None:
    """Have the voted files published, if nobody has, and wait for the worker that does it."""
    if release.phase != Phase.FINISH:
        return  # the verb that announces says what is wrong
    known = Publication.objects.filter(release=release)
    publication = known.first()
    if publication is None or not publication.is_in_hand():
        try:
            release.publish(by=by, manifest=release.voted.manifest_digest)
        except NotReady as error:
            if [each.code for each in error.obstacles] != ["published"]:
                raise  # else somebody else has begun it in this moment
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        if not known.filter(state=Publication.State.RUNNING).exists():
            return
        pause()


def pause() -> None:
    """Let the worker go on. Tests do its work here."""
    time.sleep(PAUSE)


def _has_been_said(release: Release, body: str, by: User) -> bool:
    """Whether what is asked for is what has happened, for somebody who may have it happen."""
    if not may(by, "releases.announce", release):
        return False  # the verb refuses them, which is on record
    said = Event.objects.of_release(release.pk).filter(tag=Tag.RELEASE_ANNOUNCED).accepted()
    return body in said.values_list("facts__mail_body", flat=True)


def _with_reason(release: Release, error: NotReady) -> NotReady:
    """The refusal; where publishing has failed, with what its worker said."""
    failed = Publication.objects.filter(release=release, state=Publication.State.FAILED)
    said = failed.values_list("error", flat=True).first()
    if not said or [each.code for each in error.obstacles] != ["not_published"]:
        return error
    return NotReady((Obstacle("not_published", f"{release} could not be published: {said}"),))


def _require_voted(release: Release, number: int | None) -> None:
    """The revision that is announced is the one that was voted on; 404 for one never made."""
    if number is None or release.candidate is None:
        return
    voted = release.candidate.number
    if number in (voted, voted + 1):  # existing clients count what passed a vote as a new one
        return
    if not release.revisions.filter(number=number).exists():
        raise Missing(f"Revision {number_of(number)} of release {release.slug} not found")
    raise Stale(f"What was voted on is revision {number_of(voted)}, not {number_of(number)}.")


def _require_place(release: Release, suffix: str | None) -> None:
    place = location_of(release)
    wanted = (suffix or "").strip("/")
    if wanted and f"{release.committee.slug}/{wanted}" != place:
        raise BadInput(f"{release} is published at {place}. Send null as path_suffix.")


def _mail(release: Release, person: User, body: str | None) -> texts.Pair:
    """Subject and body as they go out, seen to be fit before anything is done."""
    subject, template = texts.announcement_templates(release)
    values = texts.announcement_values(release, person)
    mail = (
        fill(subject, values).strip(),
        fill(template, values) if body is None else body,
    )
    check_mail(*mail)
    return mail
