"""The keys that published releases rest on are written down, once, and kept."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from checks import keyuses
from keys.models import Certificate, KeyLink, KeyUse
from releases import publishing
from releases.models import Publication, Release
from tests import make, signed
from tests.pgp import Signer
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(tmp_path) -> Release:
    release = signed.release_of(tmp_path)
    run_pending()
    make.publication(make.passed(Release.objects.get(pk=release.pk)))
    run_pending()
    return Release.objects.get(pk=release.pk)


def test_publishing_writes_down_who_signed_what_and_when(published) -> None:
    use = KeyUse.objects.get()
    assert use.certificate.fingerprint == signed.author().fingerprint
    assert (use.project, use.version) == (published.project.slug, published.version)
    assert use.path.endswith(f"{signed.NAME}.asc")
    assert (use.signing_fingerprint, use.digest) == (signed.author().fingerprint, "SHA256")
    assert now() - timedelta(days=1) < use.signed_at < now()
    assert signed.NAME in str(use)


def test_twice_is_once_and_older_publications_are_made_up_for(published) -> None:
    assert keyuses.unrecorded() == []
    publication = Publication.objects.get()
    assert keyuses.record(publication) == 1
    KeyUse.objects.all()._raw_delete("default")
    assert keyuses.unrecorded() == [publication]
    keyuses.record(publication)
    assert KeyUse.objects.count() == 1


def test_the_key_stays_in_the_public_file_when_it_is_taken_from_the_committee(published) -> None:
    link = KeyLink.objects.get()
    link.unlink(by=make.member(published.project))
    run_pending()
    public = publishing.Area.configured().root / published.committee.slug / "KEYS"
    text = public.read_text()
    assert link.certificate.fingerprint.upper() in text
    assert "signs no more since" in text


def test_a_key_that_was_taken_before_that_was_written_down_comes_back_retired(published) -> None:
    KeyUse.objects.all()._raw_delete("default")
    KeyLink.objects.get().unlink(by=make.member(published.project))
    assert not KeyLink.objects.exists()
    for _ in range(2):
        keyuses.record(Publication.objects.get())
    assert KeyLink.objects.get().is_retired
    run_pending()
    public = publishing.Area.configured().root / published.committee.slug / "KEYS"
    assert signed.author().fingerprint.upper() in public.read_text()


def test_the_public_file_follows_the_keys_without_a_publication(published) -> None:
    bob = Signer("Bob <bob@example.org>")
    public = publishing.Area.configured().root / published.committee.slug / "KEYS"
    by = make.member(published.project)
    Certificate.objects.import_keys(bob.public, committee=published.committee, by=by)
    run_pending()
    assert bob.fingerprint.upper() in public.read_text()
    KeyLink.objects.get(certificate__fingerprint=bob.fingerprint).unlink(by=by)
    run_pending()
    assert bob.fingerprint.upper() not in public.read_text()
    assert not list((publishing.Area.configured().root / publishing.STAGING).glob("keys-*/"))


def test_a_committee_without_keys_gets_no_file() -> None:
    committee = make.committee("bare")
    assert publishing.write_keys(committee) is False
    assert not (publishing.Area.configured().root / "bare").exists()


def test_under_an_embargo_nobody_reads_what_a_key_was_used_for(tmp_path) -> None:
    release = signed.release_of(tmp_path)
    Release.objects.filter(pk=release.pk).update(expedited=True, embargoed=True)
    run_pending()
    release = Release.objects.get(pk=release.pk)
    make.publication(make.passed(release))
    run_pending()
    assert (keyuses.unrecorded(), KeyUse.objects.count()) == ([], 0)
    release = Release.objects.get(pk=release.pk)
    release.announce(by=make.member(release), subject="[ANNOUNCE]", body="It is out.")
    run_pending()
    assert KeyUse.objects.get().version == release.version
