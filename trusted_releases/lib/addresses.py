"""Where a request comes from."""

import ipaddress

from django.conf import settings
from django.http import HttpRequest

from trusted_releases.lib.errors import BadInput


def address_of(request: HttpRequest) -> str:
    """The address of the client, empty when nobody knows it.

    Behind our proxy it is the last one in X-Forwarded-For, which the proxy has written: whatever
    stands before it came from outside. Without a proxy the header is anybody's, and is not read.
    """
    said = str(request.META.get("REMOTE_ADDR") or "")
    if settings.BEHIND_PROXY:
        said = request.headers.get("X-Forwarded-For", said).rpartition(",")[2]
    try:
        return str(_unmapped(ipaddress.ip_address(said.strip())))
    except ValueError:
        return ""


def network(text: str) -> str:
    """An address or a network as people write them, in one form; BadInput for anything else."""
    try:
        return str(ipaddress.ip_network(text.strip(), strict=False))
    except ValueError as error:
        raise BadInput(
            f"{text.strip()[:60]!r} is no IP address and no network such as 192.0.2.0/24 or "
            "2001:db8::/48."
        ) from error


def is_in(address: str, wanted: str) -> bool:
    """Whether the address belongs to the network. One that is not known belongs to none."""
    try:
        return ipaddress.ip_address(address) in ipaddress.ip_network(wanted)
    except ValueError:
        return False


def _unmapped(
    address: ipaddress.IPv4Address | ipaddress.IPv6Address,
) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """192.0.2.1, also where a socket of both families says ::ffff:192.0.2.1."""
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped if mapped is not None else address
