"""The commands that pages tell people to run are run here, as they stand, by a shell."""

import subprocess

import pytest
from django.core.files.storage import storages

from keys.models import Certificate
from keys.openpgp_signing import end_agent
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
    """Run a command in an empty folder, with a gpg home of its own, whose agent ends with it."""
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

    yield shell
    end_agent(home)


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


class TestScripts:
    """One script does it all, in whatever shell it is pasted."""

    def test_a_voter_pastes_one_command(self, release, run):
        vote = make.vote(release)
        entries = list(vote.revision.entries)
        said = run(verifying.script_of_candidate(vote, entries).pasted)
        for entry in entries:
            assert f"{entry.path}: OK" in said
        assert "_proof/manifest.json: OK" in said
        assert 'Good signature from "Alice Archer' in said
        digest = vote.manifest_digest.removeprefix("sha256:")
        assert f"VERIFIED: 3 files, 1 good signature, manifest {digest[:12]}." in said
        assert "NOT VERIFIED" not in said

    def test_a_name_that_is_no_line_stays_in_its_comment(self, release):
        vote = make.vote(release)
        vote.release.project.name = "Tool\ntouch /tmp/x #"
        script = verifying.script_of_candidate(vote, list(vote.revision.entries))
        assert not [line for line in script.text.splitlines() if line.startswith("touch")]

    def test_the_commands_of_the_page_fetch_and_run_the_same(self, release, run):
        vote = make.vote(release)
        address = ("releases:vote-script", *release.url_args, vote.number)
        assert "VERIFIED: 3 files" in run(verifying.fetched(*address))

    def test_a_downstream_user_pastes_one_command(self, release, run):
        publication = make.publication(make.passed(release))
        run_pending()
        publication.refresh_from_db()
        entries = list(publication.release.voted.entries)
        said = run(verifying.script_of_published(publication, entries).pasted)
        assert "VERIFIED: 3 files, 1 good signature" in said

    def test_the_keyring_of_the_reader_is_not_touched(self, release, run, tmp_path):
        vote = make.vote(release)
        run(verifying.script_of_candidate(vote, list(vote.revision.entries)).pasted)
        assert list((tmp_path / "gnupg").iterdir()) == []

    def test_another_manifest_is_found_out(self, release, run):
        vote = make.vote(release)
        vote.manifest_digest = "sha256:" + "0" * 64
        script = verifying.script_of_candidate(vote, list(vote.revision.entries))
        with pytest.raises(AssertionError, match="NOT VERIFIED"):
            run(script.pasted)

    def test_a_file_that_the_script_does_not_know_is_found_out(self, release, run):
        vote = make.vote(release)
        script = verifying.script_of_candidate(vote, list(vote.revision.entries)[:-1])
        with pytest.raises(AssertionError, match="names other files"):
            run(script.pasted)

    def test_a_changed_file_is_found_out(self, release, run):
        vote = make.vote(release)
        entry = release.entries.get(path=AWKWARD)
        entry.blob = make.blob("other bytes")
        entry.save()
        entries = list(vote.revision.entries)
        next(each for each in entries if each.path == AWKWARD).blob = make.blob("awkward")
        with pytest.raises(AssertionError, match="NOT VERIFIED"):
            run(verifying.script_of_candidate(vote, entries).pasted)

    def test_a_signature_by_a_stranger_is_found_out(self, release, run):
        vote = make.vote(release)
        certificate = Certificate.objects.get()
        certificate.committees.clear()
        with pytest.raises(AssertionError, match="NOT VERIFIED"):
            run(verifying.script_of_candidate(vote, list(vote.revision.entries)).pasted)

    def test_beyond_a_dozen_files_a_page_does_not_spell_it_out(self):
        files = {f"{number}.txt": str(number) for number in range(verifying.MOST + 1)}
        vote = make.vote(make.candidate(files=files))
        assert not verifying.script_of_candidate(vote, list(vote.revision.entries)).is_short
