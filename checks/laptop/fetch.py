"""Policy and KEYS of a project from the server that it is released on.

Both are public. They decide which findings there are, so they come over TLS, verified, from the
host that was named and from nowhere else; plain HTTP is for a server on this very machine.
"""

import http.client
import re
import time
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any, NoReturn
from urllib.error import HTTPError, URLError
from urllib.parse import quote, unquote, urlsplit, urlunsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from checks.engine.folder import MAX_KEYS
from checks.engine.model import Policy
from checks.laptop.policy import MAX_POLICY, policy_of
from trusted_releases import VERSION
from trusted_releases.lib.errors import BadInput

SILENCE = 15.0  # seconds without a byte
LONGEST = 60.0  # seconds for one answer
BLOCK = 1 << 16
_PAGE = re.compile(
    r"(?P<base>.*?)/(?:projects/(?P<project>[^/]+)|releases/(?P<of>[^/]+)/(?P<version>[^/]+))(?:/|$)"
)


@dataclass(frozen=True, slots=True)
class Server:
    """A project's place on a server, and the version where the address named a release."""

    base: str  # without a slash at its end
    project: str
    version: str = ""

    @property
    def rules(self) -> str:
        """The address of the pages about rules."""
        return f"{self.base}/checks/"

    def policy(self, version: str = "") -> Policy:
        """The policy that a release of this version would be judged by."""
        version = version or self.version
        query = f"?version={quote(version, safe='')}" if version else ""
        address = f"{self.base}/projects/{quote(self.project, safe='')}/policy.json{query}"
        return policy_of(fetch(address, MAX_POLICY), address)

    def keys(self, committee: str) -> bytes:
        """The KEYS file of a committee."""
        address = f"{self.base}/committees/{quote(committee, safe='')}/KEYS"
        return fetch(address, MAX_KEYS)


def server_of(address: str) -> Server:
    """The project that the address of its page, or of a release's, names. Raises BadInput."""
    parts = urlsplit(address)
    require_safe(address)
    found = _PAGE.match(parts.path)
    if not found:
        raise BadInput(
            f"{address} names no project. Give the address of the page of a project "
            "(https://HOST/projects/NAME/) or of a release (https://HOST/releases/NAME/VERSION/)."
        )
    base = urlunsplit((parts.scheme, parts.netloc, found["base"], "", ""))
    project = unquote(found["project"] or found["of"])
    return Server(base, project, unquote(found["version"] or ""))


def require_safe(address: str) -> None:
    """Raises BadInput for an address that anybody between here and there could answer for."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise BadInput(f"{address} is no address of a server. It begins with https://.")
    if "@" in parts.netloc:
        raise BadInput("An address with a name or password in it is not used: nothing needs one.")
    if parts.scheme == "http" and not _is_here(parts.hostname):
        raise BadInput(f"{address} is not encrypted: anybody could answer. Use https://.")


def fetch(address: str, most: int) -> bytes:
    """What stands at an address, `most` bytes of it at most. Raises BadInput with a sentence."""
    require_safe(address)
    request = Request(address, headers={"User-Agent": f"trusted-check/{VERSION}"})  # noqa: S310 - https, see require_safe
    until = time.monotonic() + LONGEST
    try:
        with build_opener(_SameHost).open(request, timeout=SILENCE) as answer:
            return _bounded(answer, address, most, until)
    except HTTPError as error:
        known = " There is no such project, or the server is another." if error.code == 404 else ""
        raise BadInput(f"{address} answered {error.code} {error.reason}.{known}") from error
    except URLError as error:
        raise BadInput(f"{address} cannot be reached: {error.reason}.") from error
    except (OSError, http.client.HTTPException) as error:
        raise BadInput(f"{address} broke off: {str(error) or type(error).__name__}.") from error


def _bounded(answer: Any, address: str, most: int, until: float) -> bytes:
    """The answer's bytes, unless there are too many or they take too long."""
    read = bytearray()
    while block := answer.read1(BLOCK):
        read += block
        if len(read) > most:
            raise BadInput(f"{address} gave more than {most >> 20} MB, which is not used.")
        if time.monotonic() > until:
            raise BadInput(f"{address} took longer than {LONGEST:g} seconds.")
    if answer.length:
        raise BadInput(f"{address} broke off: {answer.length:,} bytes are missing.")
    return bytes(read)


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _SameHost(HTTPRedirectHandler):
    """Follows to another address of the same server only, or from http to https of it."""

    max_redirections = 3

    def redirect_request(
        self, req: Request, fp: Any, code: int, msg: str, headers: Any, newurl: str
    ) -> Request | None:
        if urlsplit(newurl).hostname != urlsplit(req.full_url).hostname:
            _refuse(req.full_url, newurl)
        require_safe(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _refuse(address: str, elsewhere: str) -> NoReturn:
    raise BadInput(
        f"{address} leads to another server, {elsewhere}. If you trust that one, name it."
    )
