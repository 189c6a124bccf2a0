"""How uploads in parts go away: cancelled, ended, or forgotten and swept."""

import os
import time
from datetime import timedelta
from pathlib import Path

import pytest
from django.utils.timezone import now

from releases import assembling, resuming
from releases.models import OpenUpload
from tests.releases.test_resuming import (
    begin,
    member,
    present,
    put,
    release,
    small_parts,
    wanted,
)
from trusted_releases.ledger.jobs import enqueue
from trusted_releases.ledger.worker import run_pending
from trusted_releases.lib.errors import Stale

pytestmark = pytest.mark.django_db

__all__ = ["member", "release", "small_parts"]  # fixtures


class TestEnds:
    def test_a_cancelled_one_is_gone_with_its_bytes(self, release, member):
        upload = begin(release, member)
        put(upload, member, 0)
        folder = upload.folder
        resuming.cancel(upload)
        assert not folder.exists()
        assert not OpenUpload.objects.exists()

    def test_a_part_after_the_end_is_refused(self, release, member):
        upload = begin(release, member)
        put(upload, member, 0, 1, 2)
        assembling.finish(upload, by=member)
        with pytest.raises(Stale, match="has ended"):
            put(upload, member, 0)

    def test_what_nobody_goes_on_with_is_swept_and_nothing_else(self, release, member, settings):
        fresh, old = begin(release, member), begin(release, member, wanted(path="old"))
        for each in (fresh, old):
            put(each, member, 0)
        long_ago = now() - timedelta(hours=settings.UPLOAD_HOURS, minutes=1)
        OpenUpload.objects.filter(pk=old.pk).update(touched_at=long_ago)
        orphan, recent = (Path(settings.SCRATCH_DIR) / f"open-{name}" for name in ("a1", "b2"))
        for folder in (orphan, recent):
            folder.mkdir()
        os.utime(orphan, (time.time() - 7200,) * 2)
        enqueue("releases.clean_uploads", key="sweep")
        run_pending()
        assert list(OpenUpload.objects.all()) == [fresh]
        here = [each.exists() for each in (fresh.folder, old.folder, orphan, recent)]
        assert here == [True, False, False, True]
        recent.rmdir()

    def test_the_sweep_of_the_scratch_folder_leaves_it_alone(self, release, member):
        upload = begin(release, member)
        put(upload, member, 0)
        os.utime(upload.folder, (0, 0))
        enqueue("releases.clean_scratch", key="scratch")
        run_pending()
        assert present(upload) == [(0,)]

    def test_a_part_keeps_it_from_expiring(self, release, member):
        upload = begin(release, member)
        OpenUpload.objects.update(touched_at=now() - timedelta(hours=40))
        put(upload, member, 0)
        assert now() - OpenUpload.objects.get().touched_at < timedelta(minutes=1)
