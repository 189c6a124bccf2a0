import os
import time

import psutil
import pytest

from keys.openpgp_gpg import GpgFailed
from keys.openpgp_signing import ThrowawaySigner, end_agent
from tests import pgp


def agents(home):
    return [
        each.pid
        for each in psutil.process_iter(["name", "cmdline"])
        if each.info["name"] == "gpg-agent" and str(home) in str(each.info["cmdline"])
    ]


def gone(home):
    """An agent that has been told to end closes its socket first and ends within moments."""
    deadline = time.monotonic() + 5
    while agents(home) and time.monotonic() < deadline:
        time.sleep(0.01)
    return not agents(home)


def test_a_signer_ends_its_agent_and_removes_every_private_key(tmp_path):
    with ThrowawaySigner() as signer:
        home = signer._home.path
        key = signer.generate("Demo <demo@example.org>")
        signed = signer.sign(pgp.artifact(tmp_path), keys=[key])
        assert signed.read_bytes().startswith(b"-----BEGIN PGP SIGNATURE-----")
        assert signer.public(key).startswith(b"-----BEGIN PGP PUBLIC KEY BLOCK-----")
        assert signer.secret(key).startswith(b"-----BEGIN PGP PRIVATE KEY BLOCK-----")
        assert agents(home)
    assert gone(home)
    assert not home.exists()


def test_closing_twice_is_harmless():
    signer = ThrowawaySigner()
    signer.close()
    signer.close()


def test_a_stubborn_agent_is_killed(monkeypatch, tmp_path):
    stubborn = psutil.Popen(["sleep", "60"])
    monkeypatch.setattr(
        "keys.openpgp_signing._tell_agent", lambda home, command: b"D %d\nOK\n" % stubborn.pid
    )
    monkeypatch.setattr("keys.openpgp_signing._PATIENCE", 2)
    end_agent(tmp_path)
    assert stubborn.wait(10) == -9


def test_what_cannot_be_signed_is_an_error(tmp_path):
    with ThrowawaySigner() as signer, pytest.raises(GpgFailed, match="made nothing"):
        signer.sign(pgp.artifact(tmp_path))


def test_a_conversation_may_be_kept_for_later(tmp_path):
    with ThrowawaySigner() as signer:
        key = signer.generate("Demo <demo@example.org>")
        said = "y\n0\n\ny\n"
        revocation = signer.converse("--gen-revoke", key, said=said, save=False)
        assert revocation.startswith(b"-----BEGIN PGP PUBLIC KEY BLOCK-----")
        assert b":r:" not in signer._gpg.listing()


def test_the_environment_of_the_tests_has_no_agent_of_its_own():
    assert "GPG_AGENT_INFO" not in os.environ
