"""What an ASGI server serves. An unsafe configuration does not get this far."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trusted_releases.settings")
application = get_asgi_application()

from trusted_releases.system_checks import refuse_unsafe_start  # noqa: E402 - needs the set-up

refuse_unsafe_start()
