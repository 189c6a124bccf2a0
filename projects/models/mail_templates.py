"""What may stand in the mail templates of a policy, and how they are filled in."""

import re

from django.core.exceptions import ValidationError
from django.template.loader import get_template

from trusted_releases.lib.errors import BadInput

# What may stand between double braces in a mail template, and what it becomes.
VARIABLES = {
    "PROJECT_NAME": "the project's name",
    "VERSION": "the version",
    "COMMITTEE": "the committee's name",
    "REVISION": "the number of the revision that is voted on",
    "MANIFEST": "the digest of the files that are voted on",
    "DURATION": "how long the vote runs",
    "VOTE_ENDS_UTC": "when the vote ends",
    "BINDING_NEEDED": "how many binding +1 it takes",
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
_OF_VOTE = (*_ALWAYS, "REVISION", "DURATION", "VOTE_ENDS_UTC", "BINDING_NEEDED")
TEMPLATES = {
    "vote_subject": _OF_VOTE,
    "vote_body": _OF_VOTE,
    "result_body": (*_ALWAYS, "REVISION", "OUTCOME", "TALLY"),
    "announce_subject": _ALWAYS,
    "announce_body": _ALWAYS,
    "vote_comment": ("PROJECT_NAME", "VERSION", "REVISION", "MANIFEST"),
}
BUILT_IN = tuple(name for name in TEMPLATES if name != "vote_comment")

# What the variables become in a preview, where there is no release yet to take them from.
SAMPLES = {
    "PROJECT_NAME": "Example Tool",
    "VERSION": "1.2.0",
    "COMMITTEE": "Example",
    "REVISION": "3",
    "MANIFEST": "sha256:" + "0123456789abcdef" * 4,
    "DURATION": "72 hours",
    "VOTE_ENDS_UTC": "2026-12-24 12:00 UTC",
    "BINDING_NEEDED": "3",
    "KEYS_FILE": "https://releases.example.org/keys/example/KEYS",
    "REVIEW_URL": "https://releases.example.org/releases/example/1.2.0/votes/1/",
    "DOWNLOAD_URL": "https://releases.example.org/releases/example/1.2.0/download/",
    "YOUR_FULL_NAME": "Ada Lovelace",
    "OUTCOME": "passed",
    "TALLY": "Binding votes:\n  +1 Ada Lovelace\n  +1 Ben\n  +1 Cyn\nOther votes:\n  none",
}
_VARIABLE = re.compile(r"\{\{\s*([A-Z_]+)\s*\}\}")


def fill(template: str, values: dict[str, str]) -> str:
    """Replace each `{{NAME}}` by its value, literally: a value is never read as a template."""
    unknown = [name for name in _VARIABLE.findall(template) if name not in values]
    if unknown:
        raise BadInput(
            f"The template uses {{{{{unknown[0]}}}}}, which is not known here. "
            f"Known are: {', '.join(sorted(values))}."
        )
    return _VARIABLE.sub(lambda match: values[match[1]], template)


def default(name: str) -> str:
    """The built-in template, from `templates/mail/`; there is none for a voter's comment."""
    if name not in BUILT_IN:
        return ""
    return get_template(f"mail/{name}.txt").template.source  # type: ignore[attr-defined]


def check_template(name: str, text: str) -> None:
    """Raise ValidationError, which says what may be used, for a variable that `name` lacks."""
    known = TEMPLATES[name]
    for word in re.findall(r"\{\{\s*(.*?)\s*\}\}", text, re.DOTALL):
        if word not in known:
            raise ValidationError(
                {name: f"There is no variable {word!r} here. There are: {', '.join(known)}."}
            )
