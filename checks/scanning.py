"""Scans between the row that asks for one and the service that is asked."""

from urllib.parse import urlsplit

from django.conf import settings

from checks.models import Scan
from checks.sbom.document import Unreadable
from checks.sbom.osv import POOL, Found, Progress, Questions
from checks.sbom.osv import scan as ask_all
from checks.sbom.osv_child import questions_in
from trusted_releases.lib.outbound import Bounds, Service, Unreachable, Unusable

HERE = ("localhost", "127.0.0.1", "::1")  # where an installation may have a mirror of its own
UNREACHABLE = "The OSV service could not be reached; try the scan again later."
OFF = "This site asks no service about vulnerabilities any more. Operators can set OSV_URL."


class Problem(Exception):
    """The scan comes to nothing. The message is a sentence that says what to do."""


def service_name() -> str:
    """Who is asked, for people."""
    return (urlsplit(settings.OSV_URL).hostname or "")[:200]


def scan(row: Scan, on_progress: Progress | None = None) -> tuple[Questions, Found]:
    """What was asked about, and what was found. Raises Problem.

    Call it outside transactions: it takes as long as the service takes.
    """
    if not settings.OSV_URL:
        raise Problem(OFF)
    try:
        with row.blob.local_file() as location:
            questions = questions_in(location)
    except Unreadable as error:
        raise Problem(f"{row.path} cannot be read. {error}") from error
    try:
        with _service() as service:
            return questions, ask_all(questions.asked, service, on_progress)
    except Unreachable as error:
        raise Problem(UNREACHABLE) from error
    except Unusable as error:
        raise Problem(
            f"The OSV service cannot be used: {error}. Operators can look at OSV_URL; nothing was "
            "kept."
        ) from error


def _service() -> Service:
    return Service(
        settings.OSV_URL,
        agent=f"trusted-releases/{settings.VERSION}",
        private=settings.OSV_PRIVATE or urlsplit(settings.OSV_URL).hostname in HERE,
        bounds=Bounds(seconds=settings.OSV_SECONDS, connections=POOL),
    )
