"""How files of a release are sent and fetched by rsync, as commands that one copies."""

from dataclasses import dataclass

from django import template
from django.conf import settings

from projects.roles import Person
from releases.models import Release
from releases.ssh.hostkey import fingerprint

register = template.Library()


@dataclass(frozen=True)
class Ways:
    """The commands, and by which fingerprint the server is known; none before it first ran."""

    send: str
    fetch: str
    fingerprint: str


@register.simple_tag
def rsync_of(release: Release, person: Person) -> Ways | None:
    """None where this installation does not serve rsync, or nobody knows who asks."""
    if not settings.SSH_PORT or not person.is_authenticated:
        return None
    place = f"{person.get_username()}@{settings.SSH_HOST}:/{'/'.join(release.url_args)}/"
    start = f'rsync -av -e "ssh -p {settings.SSH_PORT}"'
    return Ways(f"{start} dist/ {place}", f"{start} {place} copy/", fingerprint())
