"""The command lines: what they refuse, and which keys they trust."""

import pytest
from django.core.management import CommandError, call_command

from tests.ledger.conftest import record_ballots
from trusted_releases.ledger import signing
from trusted_releases.ledger.sealing import seal


@pytest.mark.parametrize("queues", ["", "fast", "default,fast"])
def test_unknown_queues_are_refused(queues):
    with pytest.raises(CommandError, match="choose from default, mail, heavy, source"):
        call_command("worker", "--queues", queues)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{}",
        '{"size": 1}',
        '{"head": null}',
        "null",
        "7",
        '{"size": "1", "root": "", "at": "", "key_id": "", "signature": ""}',
    ],
)
def test_a_file_that_is_no_saved_head_is_named(db, tmp_path, content):
    path = tmp_path / "head.json"
    path.write_text(content)
    with pytest.raises(CommandError, match="is not a saved head"):
        call_command("verify_events", "--head", str(path))


def test_a_saved_head_that_is_not_there_is_named(db, tmp_path):
    with pytest.raises(CommandError, match="No such file"):
        call_command("verify_events", "--head", str(tmp_path / "none"))


class TestKeys:
    def test_the_public_key_is_shown(self, db, capsys):
        call_command("verify_events", "--key")
        key = signing.signing_key().public_key()
        assert capsys.readouterr().out.strip() == signing.public_hex(key)

    def test_a_copy_is_verified_with_the_public_key_alone(self, log, key_file, found):
        public = signing.public_hex(signing.signing_key().public_key())
        key_file.unlink()
        assert found() == {"bad_signature"}
        assert found("--trust", public) == set()
        assert not key_file.exists(), "a verification makes no key"

    def test_an_earlier_key_is_trusted_when_told_so(self, log, key_file, alice, found):
        public = signing.public_hex(signing.signing_key().public_key())
        key_file.unlink()
        record_ballots(alice, 1)
        seal()
        assert found() == {"bad_signature"}
        assert found("--trust", public) == set()

    def test_what_is_no_public_key_is_refused(self, db):
        with pytest.raises(CommandError, match="64 hexadecimal digits"):
            call_command("verify_events", "--trust", "zz")
