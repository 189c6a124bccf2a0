"""The test's settings with the test's jobs, and with little patience: for real workers."""

from tests.settings import *  # noqa: F403 - settings are one namespace
from tests.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.ledger.jobs_app.JobsConfig"]
JOB_LEASE = 2
JOB_SWEEP = 0.5
JOB_HANG = 4
