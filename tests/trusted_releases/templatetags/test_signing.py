"""Which releases a key has signed: those the checks found good, where one may see them."""

import pytest
from django.contrib.auth.models import AnonymousUser

from checks.engine.model import Finding, Level, UnitResult
from checks.models import Result, Run
from keys.models import Certificate, KeyLink
from tests import make, pgp
from trusted_releases.templatetags.signing import signed_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def project():
    return make.project("tool")


@pytest.fixture
def key(project):
    by = make.member(project)
    Certificate.objects.import_keys(pgp.signer().public, committee=project.committee, by=by)
    return Certificate.objects.get()


def signed(project, key, state="good", level=Level.NOTE):
    release = make.release(project, files={"a.tar.gz": "a"})
    facts = {"state": state, "certificate_fingerprint": key.fingerprint}
    finding = Finding("signature", 1, level, "a.tar.gz.asc", "Said.", data=facts)
    found = UnitResult(f"{release.pk:064x}", "", ("signature",), (finding,), "", 1.0)
    run = Run.objects.create(revision=release.newest, state=Run.State.DONE)
    run.results.set([Result.objects.keep(found)])
    return release


def test_a_good_signature_is_told_to_those_who_may_see_the_release(project, key):
    release = signed(project, key)
    assert signed_with(key, make.user(is_committer=True)) == [release]
    assert signed_with(key, AnonymousUser()) == []


def test_a_signature_that_does_not_count_is_not_told(project, key):
    signed(project, key, state="expired_key", level=Level.BLOCKER)
    assert signed_with(key, make.user(is_committer=True)) == []


def test_a_key_that_was_unlinked_signs_nothing_any_more(project, key):
    signed(project, key)
    KeyLink.objects.all().delete()
    assert signed_with(key, make.user(is_committer=True)) == []


def test_it_costs_one_question_however_much_was_signed(project, key, django_assert_num_queries):
    for _ in range(3):
        signed(project, key)
    person = make.user(is_committer=True)
    with django_assert_num_queries(1):
        assert len(signed_with(key, person)) == 3
