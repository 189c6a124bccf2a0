"""The test's settings with the test's jobs, for workers that only share work.

With little patience a busy machine looks like a dead worker, and what is counted is its take-over.
"""

from tests.ledger.worker_settings import *  # noqa: F403 - settings are one namespace

JOB_LEASE = 60
JOB_HANG = 60
