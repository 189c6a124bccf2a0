"""The words for where a release stands. Values are those that existing API clients know."""

from django.db import models


class Phase(models.TextChoices):
    COMPOSE = "release_candidate_draft", "Compose"
    VOTE = "release_candidate", "Vote"
    FINISH = "release_preview", "Finish"
    RELEASED = "release", "Released"


class Verdict(models.TextChoices):
    """What the checks say of a revision as a whole."""

    PENDING = "pending", "Checks are running"
    PASSED = "passed", "No blockers"
    FAILED = "failed", "Blockers"


class Outcome(models.TextChoices):
    OPEN = "", "Open"
    PASSED = "passed", "Passed"
    FAILED = "failed", "Failed"
    CANCELLED = "cancelled", "Cancelled"


class Choice(models.TextChoices):
    FOR = "+1", "+1 release it"
    ABSTAIN = "0", "0 no opinion"
    AGAINST = "-1", "-1 do not release it"


class Looked(models.TextChoices):
    """What voters say they have done themselves, on a machine of their own."""

    SIGNATURES = "signatures", "verified the signatures"
    CHECKSUMS = "checksums", "compared checksums and manifest"
    BUILT = "built", "built it from source"
    TESTED = "tested", "ran the tests"
    LICENCES = "licences", "read LICENSE, NOTICE and file headers"
