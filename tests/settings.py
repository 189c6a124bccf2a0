"""The product's settings, as tests want them: quick hashes, a database that children can open."""

import os
from pathlib import Path

from trusted_releases.settings import *  # noqa: F403 - settings are one namespace
from trusted_releases.settings import DATABASES

# Tests log in a thousand times; the strength of a hash is Django's to test.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# Tests enter the console in a hundred places; its second factor has tests of its own.
ADMIN_MFA = False

if "sqlite" in DATABASES["default"]["ENGINE"]:
    # A file, not memory: threads, live servers and worker processes open it too.
    DATABASES["default"]["TEST"] = {"NAME": str(Path(os.environ["DATA_DIR"]) / "test.sqlite3")}
    DATABASES["default"]["OPTIONS"]["init_command"] += "PRAGMA synchronous=OFF;"
else:
    DATABASES["default"]["TEST"] = {"TEMPLATE": "template0"}

LOGGING = {"version": 1, "disable_existing_loggers": False}
