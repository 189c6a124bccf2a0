"""What people may name as the source of a release: addresses, commits, tags.

They come from forms and end in the arguments of a program that goes to the network. So nothing
passes that could be read as an option, as another transport or as a way into our own network.
"""

import ipaddress
import re
import socket
from collections.abc import Collection
from urllib.parse import SplitResult, urlsplit

from trusted_releases.lib.errors import BadInput

LONGEST = 500  # characters of an address
LONGEST_TAG = 200
PORTS = {"https": 443, "http": 80}

_ADDRESS = re.compile(r"[A-Za-z0-9._~:/@+-]+\Z")
_COMMIT = re.compile(r"(?:[0-9a-f]{40}|[0-9a-f]{64})\Z")
_TAG = re.compile(r"[A-Za-z0-9@_][A-Za-z0-9@_./+-]*\Z")
# How networks without IPv4 write addresses of it (RFC 6052), and ones of their own (RFC 8215).
_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
_TRANSLATED_HERE = ipaddress.IPv6Network("64:ff9b:1::/48")
_ODD_IN_TAG = ("..", "//", "/.", "./", "@{")


def check_repository(address: str, hosts: Collection[str], schemes: Collection[str]) -> str:
    """The address of a git repository as it is stored, else BadInput with what to change.

    `hosts` are the names (with `:port` where it is not the usual one) that may be asked; `schemes`
    is https alone, but in tests and demos.
    """
    address = address.strip().rstrip("/")
    if not address or len(address) > LONGEST or not _ADDRESS.match(address):
        raise BadInput(
            "The address of the repository is a plain URL of up to "
            f"{LONGEST} characters, such as https://github.com/apache/tool."
        )
    parts = urlsplit(address)
    if parts.scheme not in schemes:
        raise BadInput(f"The address of the repository begins with {' or '.join(_starts(schemes))}")
    if "@" in address:
        raise BadInput("The address of a repository holds no user and no password: it is public.")
    if any(each in ("", ".", "..") for each in parts.path.split("/")[1:]) or not parts.path:
        raise BadInput("The address names no repository: https://HOST/PATH is what it looks like.")
    if parts.scheme != "file":
        _check_host(parts, hosts)
    return address


def check_commit(commit: str) -> str:
    """The full id of a commit, in lower case; BadInput for anything shorter."""
    commit = commit.strip().lower()
    if not _COMMIT.match(commit):
        raise BadInput(
            "A commit is named by its full id of 40 hexadecimal digits, as git rev-parse prints it."
        )
    return commit


def check_tag(tag: str) -> str:
    """The name of a tag, without refs/tags/; BadInput for what git would not take, or as more."""
    tag = tag.strip().removeprefix("refs/tags/")
    odd = any(each in tag for each in _ODD_IN_TAG) or tag.endswith(("/", ".", ".lock"))
    if len(tag) > LONGEST_TAG or odd or not _TAG.match(tag):
        raise BadInput(
            "A tag is named as git tag lists it, such as v1.2.0: letters, digits and . _ / + - @."
        )
    return tag


def host_of(address: str) -> str:
    """The host of an address, with its port where it is not the usual one; "" if it has none."""
    parts = urlsplit(address)
    try:
        port = parts.port
    except ValueError:
        return ""
    name = (parts.hostname or "").casefold()
    return name if port in (None, PORTS.get(parts.scheme)) else f"{name}:{port}"


def addresses_of(host: str, port: int, *, private: bool = False) -> list[str]:
    """Where a host is on the network. BadInput if any of its addresses is not a public one.

    One who runs a name server could else have us ask machines that only we can reach. Whoever
    connects afterwards must use these addresses, and not ask the name server again.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise LookupError(f"The host {host} cannot be found.") from error
    addresses = sorted({str(each[4][0]).partition("%")[0] for each in found})
    for address in addresses:
        if not private and not _is_public(address):
            raise BadInput(f"{host} is in a private network, where no repository is looked for.")
    return addresses


def _is_public(address: str) -> bool:
    """Whether this is an address in the world, and what it may be translated to is one too."""
    known = ipaddress.ip_address(address)
    every: list[ipaddress.IPv4Address | ipaddress.IPv6Address] = [known]
    if isinstance(known, ipaddress.IPv6Address):
        if known in _TRANSLATED:
            every.append(ipaddress.IPv4Address(int(known) & 0xFFFFFFFF))
        if known in _TRANSLATED_HERE:
            return False
        every += [each for each in (known.ipv4_mapped, known.sixtofour) if each]
    return all(each.is_global and not each.is_multicast for each in every)


def _check_host(parts: SplitResult, hosts: Collection[str]) -> None:
    host = host_of(parts.geturl())
    if not host or host not in {each.casefold() for each in hosts}:
        listed = ", ".join(sorted(hosts)) or "none"
        raise BadInput(
            f"Repositories on {host or 'no host'} are not looked at here. The hosts that are: "
            f"{listed}. An operator can add one in the settings."
        )


def _starts(schemes: Collection[str]) -> list[str]:
    return [f"{each}://" for each in sorted(schemes, reverse=True)]
