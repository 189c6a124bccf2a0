"""JSON that a page's own script sends."""

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from trusted_releases.lib.errors import BadInput


def object_in(request: HttpRequest) -> dict[str, Any]:
    """The JSON object of the body; BadInput for anything else, or more than a form may have."""
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    content = request.read(most + 1)
    if len(content) > most:
        raise BadInput("These are too many files at once. Send them in several uploads.")
    try:
        found = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise BadInput("What was sent is no JSON. Reload the page.") from error
    if not isinstance(found, dict):
        raise BadInput("What was sent is no object. Reload the page.")
    return found
