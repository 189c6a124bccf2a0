"""The words that a policy chooses from. Values are those that existing API clients know."""

from django.db import models


class LicenseMode(models.TextChoices):
    """Which licence checks a project asks for.

    `files` is ours. The default is the header of each source file: what that names in really
    published releases is right by the policy. RAT also names documents, test data and build files
    by the hundred, which need none: a project first says which, then turns it on.
    """

    FILES = "files", "LICENSE and NOTICE only"
    LIGHTWEIGHT = "lightweight", "And the header of each source file"
    RAT = "rat", "And the licences that Apache RAT finds, which replace LICENSE and NOTICE"
    BOTH = "both", "All of them"


class VoteMode(models.TextChoices):
    """Where the votes are that count."""

    TRUSTED = "trusted", "Ballots on this site"
    EMAIL = "email", "Mails to the list, counted here, and ballots on this site"
    MANUAL = "manual", "Counted by people elsewhere; this site keeps the links"
