"""Which addresses files may be imported from. They are typed by people, and hostile."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from trusted_releases.lib.errors import BadInput
from trusted_releases.lib.repositories import addresses_of, host_of

LONGEST = 500  # characters
PORTS = {"https": 443, "http": 80, "svn": 3690}
_PLAIN = re.compile(r"[A-Za-z0-9._~:/+%()-]+\Z")
_REVISION = re.compile(r"[1-9][0-9]{0,8}\Z")
NEWEST = "HEAD"


class Problem(Exception):
    """Nothing can be imported. The message says why and what to do; `again` that trying once more
    may help."""

    def __init__(self, message: str, *, again: bool = False) -> None:
        super().__init__(message)
        self.again = again


@dataclass(frozen=True, slots=True)
class Allowed:
    """Where one may ask: hosts by name (with `:port` where it is not the usual one), how, and
    whether they may be in a network of our own."""

    hosts: tuple[str, ...]
    schemes: tuple[str, ...] = ("https",)
    private: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """An address that was judged, and where its host was found then."""

    url: str
    scheme: str
    host: str
    port: int
    path: str
    addresses: tuple[str, ...]


def check_address(url: str, allowed: Allowed) -> str:
    """The address as it is stored, else BadInput with what to change. Nobody is asked for it."""
    url = url.strip()
    if not url or len(url) > LONGEST or not _PLAIN.match(url):
        raise BadInput(
            f"The address is a plain URL of up to {LONGEST} characters, without a user, a password "
            "or a question mark, such as https://dist.apache.org/repos/dist/dev/tool/1.0-rc1/"
        )
    parts = urlsplit(url)
    if parts.scheme not in allowed.schemes:
        starts = " or ".join(f"{each}://" for each in allowed.schemes)
        raise BadInput(f"The address begins with {starts}")
    if any(each in (".", "..", ".svn") for each in unquote(parts.path).split("/")):
        raise BadInput("The address has no . or .. between its slashes.")
    check_host(url, allowed.hosts)
    return url


def check_revision(text: str) -> str:
    """The number of a Subversion revision, or HEAD for the newest; BadInput for anything else."""
    text = text.strip().removeprefix("r")
    if text and text.upper() != NEWEST and not _REVISION.match(text):
        raise BadInput("A revision of Subversion is a number, or HEAD for the newest.")
    return text.upper() or NEWEST


def check_host(url: str, hosts: Collection[str]) -> None:
    host = host_of(url)
    if not host or host not in {each.casefold() for each in hosts}:
        listed = ", ".join(sorted(hosts)) or "none"
        raise BadInput(
            f"Files are not imported from {host or 'no host'} here. The hosts that they are "
            f"imported from: {listed}. An operator can add one in the settings."
        )


def place_of(url: str, allowed: Allowed) -> Place:
    """The address, judged again, and where its host is now. Raises Problem."""
    try:
        check_address(url, allowed)
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        found = addresses_of(host, port, private=allowed.private)
    except (BadInput, ValueError) as error:
        raise Problem(str(error)) from error
    except LookupError as error:
        raise Problem(f"{error} Correct the address, or try again later.", again=True) from error
    # IPv4 first: machines without a way to IPv6 have it in their name server all the same.
    found.sort(key=lambda address: (":" in address, address))
    return Place(url, parts.scheme, host, port, parts.path or "/", tuple(found))
