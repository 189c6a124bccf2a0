"""What every template may know about the site."""

from functools import partial

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from projects.models.banner import banner_now
from trusted_releases import acting


def site(request: HttpRequest) -> dict[str, object]:
    """The site's name, address and version; its banner; in whose name one acts.

    The last two are looked up when a template asks, so that what is no page costs nothing.
    """
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "version": settings.VERSION,
        "demo": settings.DEMO,
        "signup_open": settings.SIGNUP_OPEN,
        "banner": SimpleLazyObject(banner_now),
        "acting": SimpleLazyObject(partial(acting.of, request)),
    }
