"""Refuses a service elsewhere that could not be asked, or only in an unsafe way."""

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error

from trusted_releases.system_checks import LOOPBACK, at_start

COOKIE = re.compile(
    r"[!#$%&'*+.^`|~\w-]+=[!#-+\--:<-\[\]-~]+(; ?[!#$%&'*+.^`|~\w-]+=[!#-+\--:<-\[\]-~]+)*\Z",
    re.ASCII,
)


@at_start
def osv_url() -> Iterator[CheckMessage]:
    """E017: what people read of vulnerabilities must come from where it is said to come from."""
    if not settings.OSV_URL:
        return
    url = urlsplit(settings.OSV_URL)
    here = url.hostname in LOOPBACK or settings.OSV_PRIVATE
    if url.scheme not in ("http", "https") or not url.hostname or url.query or "@" in url.netloc:
        problem = f"OSV_URL={settings.OSV_URL!r} is not the address of a service."
    elif url.scheme == "http" and not here:
        problem = f"OSV_URL={settings.OSV_URL!r} is not https, and in no network of your own."
    else:
        return
    yield Error(problem, hint="Set OSV_URL=https://api.osv.dev, or leave it empty.", id="tr.E017")


@at_start
def archive_url() -> Iterator[CheckMessage]:
    """E034: mails that count as votes must come from where they are said to come from."""
    if not settings.ARCHIVE_URL:
        return
    url = urlsplit(settings.ARCHIVE_URL)
    here = url.hostname in LOOPBACK or settings.ARCHIVE_PRIVATE
    if settings.ARCHIVE_SECRET_COOKIE and not COOKIE.match(settings.ARCHIVE_SECRET_COOKIE):
        hint = "Set it to name=value, as the archive has set it in the browser of who is logged in."
        yield Error("ARCHIVE_SECRET_COOKIE is no cookie.", hint=hint, id="tr.E036")
    if settings.ARCHIVE_SECRET_COOKIE and url.scheme == "http" and url.hostname not in LOOPBACK:
        hint = "Set ARCHIVE_URL to an address with https, or take the cookie away."
        yield Error("ARCHIVE_SECRET_COOKIE would be sent without https.", hint=hint, id="tr.E036")
    if url.scheme not in ("http", "https") or not url.hostname or url.query or "@" in url.netloc:
        problem = f"ARCHIVE_URL={settings.ARCHIVE_URL!r} is not the address of an archive."
    elif url.scheme == "http" and not here:
        problem = f"ARCHIVE_URL={settings.ARCHIVE_URL!r} is not https, and in no network of yours."
    else:
        return
    hint = "Set ARCHIVE_URL=https://lists.apache.org, or leave it empty."
    yield Error(problem, hint=hint, id="tr.E034")
