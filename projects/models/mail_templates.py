"""What may stand in the mail templates of a policy."""

import re

from django.core.exceptions import ValidationError

# What may stand between double braces in a mail template, and what it becomes.
VARIABLES = {
    "PROJECT_NAME": "the project's name",
    "VERSION": "the version",
    "COMMITTEE": "the committee's name",
    "REVISION": "the number of the revision that is voted on",
    "MANIFEST": "the digest of the files that are voted on",
    "DURATION": "how long the vote runs",
    "VOTE_ENDS_UTC": "when the vote ends",
    "KEYS_FILE": "the address of the committee's KEYS file",
    "REVIEW_URL": "the address of the vote page",
    "DOWNLOAD_URL": "the address of the download page",
    "YOUR_FULL_NAME": "the name of the person who sends the mail",
    "OUTCOME": "passed, failed or cancelled",
    "TALLY": "the counted votes",
}


# Which of them each template knows: a mail is not sent half filled in.
_ALWAYS = (
    *("PROJECT_NAME", "VERSION", "COMMITTEE", "MANIFEST"),
    *("KEYS_FILE", "REVIEW_URL", "DOWNLOAD_URL", "YOUR_FULL_NAME"),
)
_OF_VOTE = (*_ALWAYS, "REVISION", "DURATION", "VOTE_ENDS_UTC")
TEMPLATES = {
    "vote_subject": _OF_VOTE,
    "vote_body": _OF_VOTE,
    "result_body": (*_ALWAYS, "REVISION", "OUTCOME", "TALLY"),
    "announce_subject": _ALWAYS,
    "announce_body": _ALWAYS,
}


def check_template(name: str, text: str) -> None:
    """Raise ValidationError, which says what may be used, for a variable that `name` lacks."""
    known = TEMPLATES[name]
    for word in re.findall(r"\{\{\s*(.*?)\s*\}\}", text, re.DOTALL):
        if word not in known:
            raise ValidationError(
                {name: f"There is no variable {word!r} here. There are: {', '.join(known)}."}
            )
