"""How files are sent by rsync, as the page of a draft says it."""

import pytest
from django.contrib.auth.models import AnonymousUser

from releases.ssh import hostkey
from tests import make
from trusted_releases.templatetags.rsync import rsync_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(settings, tmp_path):
    settings.SSH_HOST_KEY_FILE = tmp_path / "host.key"
    settings.SSH_HOST, settings.SSH_PORT = "releases.example.org", 2200
    return make.release(make.project("tool"), version="1.0")


def test_the_commands_have_everything_filled_in(draft) -> None:
    ways = rsync_of(draft, make.user(username="alice"))
    assert ways is not None
    place = "alice@releases.example.org:/tool/1.0/"
    assert ways.send == f'rsync -av -e "ssh -p 2200" dist/ {place}'
    assert ways.fetch == f'rsync -av -e "ssh -p 2200" {place} copy/'


def test_the_server_s_fingerprint_is_told_once_there_is_one(draft) -> None:
    alice = make.user()
    assert rsync_of(draft, alice).fingerprint == ""
    key = hostkey.host_key()
    assert rsync_of(draft, alice).fingerprint == str(key.get_fingerprint("sha256"))


def test_nothing_is_said_where_nothing_is_served(draft, settings) -> None:
    assert rsync_of(draft, AnonymousUser()) is None
    settings.SSH_PORT = 0
    assert rsync_of(draft, make.user()) is None
