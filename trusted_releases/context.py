"""What every template may know about the site."""

from django.conf import settings
from django.http import HttpRequest


def site(request: HttpRequest) -> dict[str, object]:
    """The site's name, address and version, and whether this is a demo."""
    return {
        "site_name": settings.SITE_NAME,
        "site_url": settings.SITE_URL,
        "version": settings.VERSION,
        "demo": settings.DEMO,
        "signup_open": settings.SIGNUP_OPEN,
    }
