"""The commands that pages tell people to run are run here, as they stand, by a shell."""

import subprocess

import pytest
from django.core.files.storage import storages

from keys.models import Certificate
from releases import verifying
from releases.models import Release
from tests import make, pgp
from trusted_releases.ledger.worker import run_pending

pytestmark = pytest.mark.django_db(transaction=True)

AWKWARD = "dir/tool-1.0~rc(1)+x.tar.gz"


@pytest.fixture
def release(tmp_path) -> Release:
    signer = pgp.signer()
    signature = signer.sign(pgp.artifact(tmp_path))
    files = {
        "example-1.0.tar.gz": (tmp_path / "example-1.0.tar.gz").read_bytes(),
        "example-1.0.tar.gz.asc": signature.read_bytes(),
        AWKWARD: "awkward",
    }
    made = make.candidate(make.project("tool"), version="1.0", files=files)
    by = make.member(made.project)
    Certificate.objects.import_keys(signer.public, committee=made.committee, by=by)
    make.checked(made.newest)  # the keys have changed since
    return made


@pytest.fixture
def run(live_server, settings, tmp_path):
    """Run a command in an empty folder, with a gpg home of its own."""
    settings.SITE_URL = live_server.url
    home, folder = tmp_path / "gnupg", tmp_path / "downloaded"
    home.mkdir(mode=0o700)
    folder.mkdir()

    def shell(command: str) -> str:
        done = subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", command],
            cwd=folder,
            env={"PATH": "/usr/bin:/bin", "GNUPGHOME": str(home), "LC_ALL": "C.UTF-8"},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stderr}"
        return done.stdout + done.stderr

    return shell


def test_a_voter_can_verify_a_candidate_by_copying_every_command(release, run):
    vote = make.vote(release)
    entries = list(vote.revision.entries)
    steps = verifying.of_candidate(release, vote.revision, entries)
    said = "\n".join(run(step.command) for step in steps)
    for entry in entries:
        assert f"{entry.path}: OK" in said
    assert 'Good signature from "Alice Archer' in said
    assert vote.manifest_digest.removeprefix("sha256:") in steps[-1].title
    assert vote.manifest_digest.removeprefix("sha256:") in said


def test_a_downstream_user_can_verify_what_was_published(release, run):
    passed = make.passed(release)
    publication = make.publication(passed)
    run_pending()
    publication.refresh_from_db()
    entries = list(passed.candidate.entries)
    steps = verifying.of_published(passed, publication.location, entries)
    said = "\n".join(run(step.command) for step in steps)
    for entry in entries:
        assert f"{entry.path}: OK" in said
    assert "Good signature" in said
    assert storages["downloads"].exists(f"{publication.location}/{AWKWARD}")


def test_a_changed_byte_is_found_out_by_the_commands(release, run):
    vote = make.vote(release)
    entries = list(vote.revision.entries)
    fetch, compare, *_ = verifying.of_candidate(release, vote.revision, entries)
    run(fetch.command)
    run(f"printf x >> '{AWKWARD}'")
    with pytest.raises(AssertionError, match="did NOT match"):
        run(compare.command)


def test_without_signatures_there_is_nothing_to_say_about_keys():
    vote = make.vote()
    steps = verifying.of_candidate(vote.release, vote.revision, list(vote.revision.entries))
    assert not any("gpg" in step.command for step in steps)
