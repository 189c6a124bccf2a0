"""The fixtures themselves: what they promise, they do."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.core.mail import EmailMessage
from django.db import connection
from playwright.sync_api import Page

from tests import processes
from tests.processes import ROOT
from tests.s3 import Bucket
from tests.smtp import Received


def test_nothing_is_written_into_the_work_tree(settings: Any) -> None:
    run = Path(os.environ["TEST_RUN_DIR"])
    assert not run.is_relative_to(ROOT)
    for place in (settings.DATA_DIR, settings.SCRATCH_DIR, settings.LOG_SIGNING_KEY_FILE):
        assert Path(place).is_relative_to(run)
    for name in ("blobs", "downloads"):
        assert Path(storages[name].location).is_relative_to(run)  # type: ignore[attr-defined]


def test_mail_arrives_at_the_server_on_loopback(smtp: Received) -> None:
    EmailMessage("Hello", "A vote has begun.", "a@example.org", ["b@example.org"]).send()
    assert [message["Subject"] for message in smtp.messages] == ["Hello"]
    assert smtp.envelopes[0].rcpt_tos == ["b@example.org"]


def test_a_refusing_server_refuses(smtp: Received) -> None:
    smtp.answer = "550 no such list"
    with pytest.raises(OSError, match="no such list"):
        EmailMessage("Hello", "", "a@example.org", ["b@example.org"]).send()
    assert smtp.messages == []


def test_blobs_go_to_the_bucket(s3: Bucket) -> None:
    name = storages["blobs"].save("ab/abcdef", ContentFile(b"bytes"))
    assert s3.keys() == [f"blobs/{name}"]
    assert storages["blobs"].open(name).read() == b"bytes"


def test_the_next_test_finds_the_bucket_empty(s3: Bucket) -> None:
    assert s3.keys() == []


@pytest.mark.django_db
def test_child_processes_find_the_database_of_the_test() -> None:
    assert os.environ["DATABASE_URL"] == processes.database_url()
    said = processes.manage(
        "shell",
        "-v0",
        "-c",
        "from django.db import connection as c;print(c.vendor, c.settings_dict['NAME'])",
    )
    assert said.stdout.split() == [connection.vendor, str(connection.settings_dict["NAME"])]


def test_a_child_dies_with_all_it_started_even_in_groups_of_their_own() -> None:
    code = "import subprocess as s; s.Popen(['sleep', '99'], start_new_session=True).wait()"
    with processes.running(sys.executable, "-c", code) as child:
        family = processes.wait_for(lambda: len(child.family()) == 2 and child.family())
        child.kill()
        assert child.family() == []
    assert all(
        not process.is_running() or process.status() == psutil.STATUS_ZOMBIE for process in family
    )


@pytest.mark.browser
@pytest.mark.django_db
def test_the_browser_reaches_the_live_server(browser_page: Page) -> None:
    answer = browser_page.goto("/no-such-page")
    assert answer is not None
    assert answer.status == 404


NESTED = """
import os
from tests.postgres import Cluster
cluster = Cluster.start()
print(cluster.directory, flush=True)
os.kill(os.getpid(), 9)
"""


@pytest.mark.postgres
def test_the_cluster_stops_itself_when_the_run_is_killed() -> None:
    run = subprocess.run([sys.executable, "-c", NESTED], cwd=ROOT, capture_output=True, check=False)
    directory = Path(run.stdout.decode().strip())
    assert run.returncode == -9
    processes.wait_for(lambda: not directory.exists())
