"""What follows from what: every side effect in the house, on one page.

From an event with this tag, these jobs are queued, in the event's own transaction. Each job takes
the event's id and may run twice.
"""

from trusted_releases.ledger.reactions_registry import react_to
from trusted_releases.ledger.tags import Tag

REACTIONS: dict[str, tuple[str, ...]] = {
    Tag.COMMITTEE_CREATED: (),
    # Whether it is a podling, and the name in its KEYS file, are part of what checks judge by.
    Tag.COMMITTEE_CHANGED: ("checks.recheck",),
    Tag.MEMBER_ADDED: (),
    Tag.MEMBER_REMOVED: (),
    Tag.PROJECT_CREATED: (),
    Tag.PROJECT_CHANGED: ("checks.recheck",),
    Tag.POLICY_CHANGED: ("checks.recheck",),
    Tag.ACCOUNT_CHANGED: (),
    Tag.KEYS_IMPORTED: ("checks.recheck",),
    Tag.KEY_UNLINKED: ("checks.recheck",),
    Tag.RELEASE_STARTED: (),
    Tag.RELEASE_DELETED: (),
    Tag.REVISION_MADE: ("checks.run",),
    Tag.CHECKS_FINISHED: (),
    Tag.VOTE_CALLED: ("releases.send_mail",),
    Tag.BALLOT_CAST: ("releases.send_mail",),
    Tag.VOTE_PASSED: ("releases.send_mail",),
    # Keys or policy may have changed while the files were frozen: back in composing, they are
    # looked at again. What has not changed is known, and costs nothing.
    Tag.VOTE_FAILED: ("releases.send_mail", "checks.recheck"),
    Tag.VOTE_CANCELLED: ("releases.send_mail", "checks.recheck"),
    Tag.PUBLICATION_STARTED: ("releases.publish",),
    Tag.RELEASE_PUBLISHED: (),
    Tag.PUBLICATION_FAILED: (),
    Tag.RELEASE_ANNOUNCED: ("releases.send_mail",),
    Tag.MAIL_SENT: (),
    Tag.JOB_FAILED: (),
    Tag.JOB_RETRIED: (),
    Tag.REFUSED: (),
}

react_to(REACTIONS)
