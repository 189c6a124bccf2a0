"""The key by which clients know this server: made once, kept in a file."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings

from keys import ssh_text
from trusted_releases.lib.errors import BadInput

if TYPE_CHECKING:
    import asyncssh


def host_key() -> "asyncssh.SSHKey":
    """The key of this installation; made when there is none, and then the same for ever."""
    import asyncssh  # large, and pages need the fingerprint only

    place = Path(settings.SSH_HOST_KEY_FILE)
    if not place.exists():
        _make(place)
    return asyncssh.read_private_key(place)


def fingerprint() -> str:
    """What clients show when they meet this server first; "" before it was ever started."""
    place = public(Path(settings.SSH_HOST_KEY_FILE))
    try:
        return ssh_text.read(place.read_text()).fingerprint
    except (OSError, BadInput):
        return ""


def public(place: Path) -> Path:
    return place.with_name(f"{place.name}.pub")


def _make(place: Path) -> None:
    """Two that start at once agree: the first name for a whole file counts."""
    import asyncssh

    place.parent.mkdir(parents=True, exist_ok=True)
    key = asyncssh.generate_private_key("ssh-ed25519", comment=settings.SITE_NAME)
    made = place.with_name(f"{place.name}.{os.getpid()}")
    made.touch(mode=0o600)
    made.write_bytes(key.export_private_key())
    try:
        os.link(made, place)
    except FileExistsError:
        pass
    finally:
        made.unlink()
    public(place).write_bytes(asyncssh.read_private_key(place).export_public_key())
