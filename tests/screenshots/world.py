"""Builds the world of `tests.world` in the database of this process, and says what is where.

    python -m tests.screenshots.world FILE

The file gets JSON: the pages, and for each person the cookie that makes a browser theirs.
"""

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import django

if TYPE_CHECKING:
    from tests.world import World


def main(target: Path) -> None:
    django.setup()
    from django.core.management import call_command

    from tests.world import world

    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    target.write_text(json.dumps(told(world())))


def told(there: "World") -> dict[str, Any]:
    """What a process that has no database needs to know to look at the pages."""
    from allauth.account.internal.flows.login import record_authentication
    from django.conf import settings
    from django.http import HttpRequest

    from tests.journeys.console import console_pages
    from tests.pages import pages
    from tests.visitors import logged_in

    name = settings.SESSION_COOKIE_NAME
    cookies = {}
    for who, person in there.people.items():
        client = logged_in(person)
        request = HttpRequest()
        request.session = client.session
        record_authentication(request, person, "mfa")  # the console asks for it
        request.session.save()
        cookies[who] = client.cookies[name].value
    listed = [asdict(page) for page in [*pages(there), *console_pages(there)]]
    return {"pages": listed, "cookies": cookies, "cookie_name": name}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
