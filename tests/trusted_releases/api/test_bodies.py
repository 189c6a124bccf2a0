"""Bodies as bytes, without the framework: also when nothing else is there."""

import json
import os
import subprocess
import sys

from tests.house import ROOT
from trusted_releases.api.bodies import refusal


def test_an_error_outside_of_an_endpoint_looks_like_one_inside() -> None:
    answer = refusal(400, "Bad Request")
    assert (answer.status_code, answer.headers["Content-Type"]) == (400, "application/json")
    assert set(json.loads(answer.content)) == {"error", "request_id"}


def test_a_demo_which_tells_errors_from_the_very_beginning_starts(tmp_path) -> None:
    """Logging is set up before there are apps, and a demo's reports of errors with it."""
    more = {"DEMO": "1", "DEBUG": "1", "ENV_FILE": "", "DATA_DIR": str(tmp_path)}
    more |= {"DJANGO_SETTINGS_MODULE": "trusted_releases.settings", "SECRET_KEY": "x"}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env={**os.environ, **more},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
