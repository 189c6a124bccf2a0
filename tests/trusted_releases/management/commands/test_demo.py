"""One release from files to announcement, with real processes, as `make demo` does it."""

from pathlib import Path

import pytest

from releases.models import Message, Release
from releases.phases import Phase
from tests import processes
from tests.shared import SHARED, needs_shared
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_the_projects_own_files_go_all_the_way(data_dir: Path) -> None:
    done = processes.manage("demo", DEMO="1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "byte for byte what was voted" in done.stdout
    release = Release.objects.get()
    assert release.phase == Phase.RELEASED
    assert Event.objects.filter(tag=Tag.RELEASE_ANNOUNCED).count() == 1
    sent = Message.objects.filter(release=release, sent_at__isnull=False)
    assert sent.count() == 6
    assert len(list((data_dir / "mailbox").glob("*.eml"))) >= 6


@needs_shared
def test_a_real_release_goes_all_the_way() -> None:
    real = SHARED / "data" / "real" / "avro-c-1.11.1"
    done = processes.manage("demo", "--files", str(real), "--keys", str(real / "KEYS"), DEMO="1")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "Avro C 1.11.1 is released: 3 files" in done.stdout


@needs_shared
def test_blockers_stop_it_and_are_told() -> None:
    real = SHARED / "data" / "real" / "znc-1.8.2"
    done = processes.manage("demo", "--files", str(real), "--keys", str(real / "KEYS"), DEMO="1")
    assert done.returncode == 1
    assert "blocker: znc-1.8.2.tar.gz.asc: The signature does not count." in done.stdout
    assert not Event.objects.filter(tag=Tag.VOTE_CALLED).exists()


def test_it_is_refused_where_there_is_no_demo() -> None:
    done = processes.manage("demo", DEMO="0")
    assert done.returncode == 1
    assert "This installation is no demo" in done.stderr


def test_files_without_keys_are_refused(tmp_path: Path) -> None:
    done = processes.manage("demo", "--files", str(tmp_path), DEMO="1")
    assert "Give both FILES and KEYS, or neither." in done.stderr


def test_a_folder_without_artifacts_is_refused(tmp_path: Path) -> None:
    keys = tmp_path / "KEYS"
    keys.write_text("")
    done = processes.manage("demo", "--files", str(tmp_path), "--keys", str(keys), DEMO="1")
    assert done.returncode == 1
    assert "holds no file that is called like name-1.2.3.tar.gz" in done.stderr
