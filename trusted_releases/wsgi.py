"""What gunicorn serves. An unsafe configuration does not get this far."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trusted_releases.settings")
application = get_wsgi_application()

from trusted_releases.system_checks import refuse_unsafe_start  # noqa: E402 - needs the set-up

refuse_unsafe_start()
