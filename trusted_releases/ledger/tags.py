"""What can happen, each under one name. A tag, once written to the log, keeps its meaning."""

from django.db.models import TextChoices


class Tag(TextChoices):
    """The kind of an event: the subject, a dot, and what happened to it."""

    COMMITTEE_CREATED = "committee.created", "Committee created"
    COMMITTEE_CHANGED = "committee.changed", "Committee changed"
    MEMBER_ADDED = "member.added", "Member added"
    MEMBER_REMOVED = "member.removed", "Member removed"
    PROJECT_CREATED = "project.created", "Project created"
    PROJECT_CHANGED = "project.changed", "Project changed"
    POLICY_CHANGED = "policy.changed", "Policy changed"
    ACCOUNT_CHANGED = "account.changed", "Account changed"

    KEYS_IMPORTED = "keys.imported", "Keys imported"
    KEY_UNLINKED = "key.unlinked", "Key taken from a committee"

    RELEASE_STARTED = "release.started", "Release started"
    RELEASE_DELETED = "release.deleted", "Draft deleted"
    REVISION_MADE = "revision.made", "Revision made"
    CHECKS_FINISHED = "checks.finished", "Checks finished"

    VOTE_CALLED = "vote.called", "Vote called"
    BALLOT_CAST = "ballot.cast", "Ballot cast"
    VOTE_PASSED = "vote.passed", "Vote passed"
    VOTE_FAILED = "vote.failed", "Vote failed"
    VOTE_CANCELLED = "vote.cancelled", "Vote cancelled"

    PUBLICATION_STARTED = "publication.started", "Publication started"
    RELEASE_PUBLISHED = "release.published", "Release published"
    PUBLICATION_FAILED = "publication.failed", "Publication failed"
    RELEASE_ANNOUNCED = "release.announced", "Release announced"

    MAIL_SENT = "mail.sent", "Mail sent"

    JOB_FAILED = "job.failed", "Job failed"
    JOB_RETRIED = "job.retried", "Job queued again by an operator"
    REFUSED = "refused", "Refused"


def choices() -> list[tuple[str, str]]:
    """The tags as a field's choices. A function, so that a new tag needs no migration."""
    return Tag.choices
