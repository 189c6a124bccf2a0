"""Candidates from elsewhere, as somebody has sent them in."""

import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.conf import settings

from checks import review_files
from checks.models import Review
from checks.models.review import new_key
from checks.review_files import Stored
from projects.models import User
from tests import make
from tests.archives import tar_gz
from trusted_releases.ledger.worker import run_pending
from trusted_releases.lib.digests import digest_of

FILES: dict[str, bytes] = {"tool-1.0-src.tar.gz": tar_gz(), "README": b"Read me.\n"}


def stored(key: str, files: Mapping[str, bytes]) -> list[Stored]:
    """These files in the folder of the review of this key."""
    return [_stored(key, path, content) for path, content in files.items()]


def _stored(key: str, path: str, content: bytes) -> Stored:
    file = Path(settings.SCRATCH_DIR) / f"made-{secrets.token_hex(8)}"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    try:
        with file.open("rb") as stream:
            return review_files.put(key, path, file, digest_of(stream))
    finally:
        file.unlink()


def asked(
    owner: User | None = None, files: Mapping[str, bytes] | None = None, **about: Any
) -> Review:
    """One that waits: these files, or what is at the `url` of `about`."""
    key = new_key()
    sent = () if "url" in about else stored(key, FILES if files is None else files)
    return Review(key=key, **about).ask(by=owner or make.user(), files=sent)


def done(
    owner: User | None = None, files: Mapping[str, bytes] | None = None, **about: Any
) -> Review:
    """One that workers have come to the end of."""
    row = asked(owner, files, **about)
    run_pending()
    row.refresh_from_db()
    return row
