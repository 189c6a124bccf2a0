"""What gunicorn serves. An unsafe configuration does not get this far."""

import os

import django
from django.core.handlers.wsgi import WSGIHandler

from trusted_releases.system_checks import refuse_unsafe_start

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "trusted_releases.settings")
django.setup(set_prefix=False)
refuse_unsafe_start()
application = WSGIHandler()
