"""Who made a signature, for which committees and releases; and whether it is good."""

from pathlib import Path

import pytest
from django.contrib.auth.models import AnonymousUser

from keys.models import Certificate
from keys.openpgp_judge import State
from projects.models import User
from releases.models import Release
from releases.provenance import trace
from tests import make, pgp
from tests.keys.made import Made
from trusted_releases.lib.errors import BadInput

pytestmark = pytest.mark.django_db

NAME = "example-1.0.tar.gz"


@pytest.fixture
def alice() -> User:
    return make.member(make.project("tool"), username="alice")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / NAME
    path.write_bytes(b"the bytes of a release\n")
    return path


@pytest.fixture
def text(path: Path) -> bytes:
    return pgp.signer().sign(path).read_bytes()


@pytest.fixture
def draft(alice, path, text) -> Release:
    project = alice.memberships.get().committee.projects.get()
    Certificate.objects.import_keys(pgp.signer().public, committee=project.committee, by=alice)
    files = {f"dist/{NAME}": path.read_bytes(), f"dist/{NAME}.asc": text}
    return make.candidate(project, by=alice, version="1.0", files=files)


def test_a_signature_leads_to_its_key_its_committees_and_its_releases(draft, alice, text) -> None:
    found = trace(text, by=alice)
    (claim,), (place,) = found.claims, found.places
    assert claim.certificate == found.certificate == Certificate.objects.get()
    assert claim.key is not None
    assert claim.key.is_primary
    assert (claim.signed_at, claim.digest, claim.verdict) == (pgp.NOW, "SHA256", None)
    assert claim.committees == ("tool",)
    assert (place.release, place.committee, place.entry.path) == (draft, "tool", f"dist/{NAME}.asc")
    assert place.is_its_artifact is None
    assert found.committees == ["tool"]


def test_with_the_artifact_it_says_whether_it_is_good(draft, alice, text, path) -> None:
    found = trace(text, by=alice, artifact=path)
    (claim,), (place,) = found.claims, found.places
    assert claim.verdict is not None
    assert claim.verdict.state is State.GOOD
    assert place.is_its_artifact


def test_another_artifact_is_told_as_another(draft, alice, text, tmp_path) -> None:
    other = tmp_path / "other"
    other.write_bytes(b"The bytes of a release\n")
    found = trace(text, by=alice, artifact=other)
    assert found.claims[0].verdict is not None
    assert found.claims[0].verdict.state is State.BAD
    assert found.places[0].is_its_artifact is False


def test_a_subkey_is_told_with_its_certificate(alice, path) -> None:
    erin = pgp.Signer("Erin <erin@example.org>", usage="cert")
    sub = erin.home.add_subkey(erin.fingerprint, at=pgp.NOW)
    committee = alice.memberships.get().committee
    Certificate.objects.import_keys(erin.public, committee=committee, by=alice)
    found = trace(erin.sign(path, key=f"{sub}!").read_bytes(), by=alice, artifact=path)
    (claim,) = found.claims
    assert claim.key is not None
    assert claim.certificate is not None
    assert (claim.key.fingerprint, claim.certificate.fingerprint) == (sub, erin.fingerprint)
    assert claim.verdict is not None
    assert claim.verdict.state is State.GOOD
    assert (found.certificate, found.places) == (None, ())  # no release has this signature


def test_each_signature_of_a_file_is_told(draft, alice, path, tmp_path) -> None:
    stranger = pgp.signer("Bob Brown <bob@apache.org>").sign(path).read_bytes()
    ours = pgp.signer().sign(path).read_bytes()
    found = trace(stranger + ours, by=alice, artifact=path)
    assert [bool(each.certificate) for each in found.claims] == [False, True]
    states = [each.verdict and each.verdict.state for each in found.claims]
    assert states == [State.UNKNOWN_KEY, State.GOOD]


def test_a_draft_is_told_to_those_who_may_see_it(draft, text, alice) -> None:
    nobody = AnonymousUser()
    found = trace(text, by=nobody)
    assert found.claims[0].certificate is not None  # KEYS files are public
    assert (found.places, found.committees) == ((), [])
    make.vote(draft)
    assert trace(text, by=nobody).committees == ["tool"]


def test_a_key_that_is_nobodys_any_more_is_not_told(draft, alice, text) -> None:
    draft.project.committee.key_links.get().unlink(by=alice)
    assert trace(text, by=alice).claims[0].certificate is None


def test_it_can_be_narrowed(draft, alice, text) -> None:
    assert trace(text, by=alice, name=f"{NAME}.asc", project="tool", version="1.0").places
    for other in ({"name": "x.asc"}, {"project": "x"}, {"version": "2.0"}):
        assert not trace(text, by=alice, **other).places


@pytest.mark.parametrize("content", [b"", b"text", b"x" * 70_000])
def test_what_is_no_signature_is_refused_with_a_sentence(alice, content: bytes) -> None:
    with pytest.raises(BadInput):
        trace(content, by=alice)


def test_a_private_key_is_not_repeated(alice) -> None:
    with pytest.raises(BadInput, match="PRIVATE KEY") as caught:
        trace(pgp.signer().secret, by=alice)
    assert pgp.signer().secret.splitlines()[4].decode() not in str(caught.value)


def test_who_has_the_subkey_of_another_in_their_certificate_has_signed_nothing(alice, path) -> None:
    subkey = Made(b"subkey")
    owner = Made(b"owner").user_id(b"Vera <vera@example.org>").subkey(subkey)
    thief = Made(b"thief").user_id(b"Theo <theo@example.org>").subkey(subkey, willing=False)
    committee = alice.memberships.get().committee
    for each in (thief, owner):  # the thief was here first, which tells nothing
        Certificate.objects.import_keys(each.text, committee=committee, by=alice)
    text = subkey.detached(path.read_bytes())
    claim = trace(text, by=alice, artifact=path).claims[0]
    assert claim.verdict is not None
    assert claim.verdict.state is State.GOOD
    assert claim.certificate is not None
    assert claim.key is not None
    assert claim.certificate.fingerprint == owner.fingerprint
    assert claim.key.fingerprint == subkey.fingerprint
