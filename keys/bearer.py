"""Who asks, when a program does: the short token in the header; or, for an upload, a ticket.

Sessions open nothing in the API: a page that somebody is lured to can send their cookie, but it
cannot send this header.
"""

from django.core.exceptions import PermissionDenied
from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from keys import jwts, passes
from keys.models import AccessToken, UploadTicket
from keys.token_text import TICKET
from projects.models import User
from trusted_releases.api.errors import Unauthenticated
from trusted_releases.lib.addresses import address_of


class Bearer(BaseAuthentication):
    """`Authorization: Bearer <short token>`. Without the header one is nobody; with one that is
    wrong, nothing is answered, also where nobody would have got an answer."""

    def authenticate(self, request: Request) -> tuple[User, AccessToken] | None:
        said = request.headers.get("Authorization")
        if said is None:
            return None
        scheme, _, text = said.strip().partition(" ")
        if scheme.lower() != "bearer" or not text.strip():
            raise Unauthenticated
        try:
            token = jwts.read(text.strip(), address=address_of(request._request))
        except jwts.Rejected as error:
            raise Unauthenticated(str(error)) from error
        return token.person(), token

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class Ticket(BaseAuthentication):
    """The same header with an upload ticket, for endpoints that name this before `Bearer`.

    It is used up by this, whatever follows.
    """

    def authenticate(self, request: Request) -> tuple[User, UploadTicket] | None:
        scheme, _, text = request.headers.get("Authorization", "").strip().partition(" ")
        if scheme.lower() != "bearer" or not text.strip().startswith(TICKET):
            return None
        try:
            return passes.redeem(text.strip())
        except PermissionDenied as error:
            raise Unauthenticated(str(error)) from error

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"
