"""What one can be told of, and how: the words of the preferences page."""

from django.db import models

from trusted_releases.ledger.tags import Tag


class Kind(models.TextChoices):
    """What a notice is about. Values stand in links of mails, and stay."""

    CHECKS = "checks", "Checks of files that I have sent are finished"
    CALLED = "called", "A vote is called in a committee of mine"
    ENDING = "ending", "A vote ends soon, and my binding vote is missing"
    ENDED = "ended", "A vote that I called has ended, or that I voted in is resolved"
    LIVE = "live", "Files that I published can be downloaded, or a release of mine is announced"
    TROUBLE = "trouble", "A mail of mine was refused, or came back"
    KEY = "key", "A key of mine expires"


class How(models.TextChoices):
    """How somebody is told. Each later one includes that it stands on the site."""

    OFF = "off", "Not at all"
    SITE = "site", "On this site"
    DIGEST = "digest", "On this site, and in a mail once a day"
    MAIL = "mail", "On this site, and by mail at once"


DEFAULTS: dict[str, How] = {
    Kind.CHECKS: How.SITE,
    Kind.CALLED: How.SITE,  # the list has the mail
    Kind.ENDING: How.MAIL,
    Kind.ENDED: How.SITE,
    Kind.LIVE: How.SITE,
    Kind.TROUBLE: How.MAIL,
    Kind.KEY: How.MAIL,
}

KINDS: dict[str, Kind] = {
    Tag.CHECKS_FINISHED: Kind.CHECKS,
    Tag.VOTE_CALLED: Kind.CALLED,
    Tag.VOTE_ENDING: Kind.ENDING,
    Tag.VOTE_ENDED: Kind.ENDED,
    Tag.VOTE_PASSED: Kind.ENDED,
    Tag.VOTE_FAILED: Kind.ENDED,
    Tag.VOTE_CANCELLED: Kind.ENDED,
    Tag.RELEASE_PUBLISHED: Kind.LIVE,
    Tag.RELEASE_ANNOUNCED: Kind.LIVE,
    Tag.MAIL_REFUSED: Kind.TROUBLE,
    Tag.MAIL_BOUNCED: Kind.TROUBLE,
    Tag.KEY_EXPIRES: Kind.KEY,
}
