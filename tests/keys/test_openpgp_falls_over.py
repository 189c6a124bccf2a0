"""gpg falling over is an error for whoever asked, and never a verdict on keys."""

from types import SimpleNamespace
from typing import Any

import pytest

from keys.openpgp import _exported, _judged
from keys.openpgp_gpg import GpgFailed
from keys.openpgp_signing import ThrowawaySigner


@pytest.fixture(scope="module", name="key")
def some_key() -> tuple[str, bytes]:
    with ThrowawaySigner() as signer:
        fingerprint = signer.generate("Ada <ada@example.org>")
        return fingerprint, signer._gpg.run("--export", fingerprint).data


def answering(*exports: bytes) -> Any:
    """A gpg whose exports are these, one after the other."""
    left = list(exports)
    return SimpleNamespace(run=lambda *_: SimpleNamespace(data=left.pop(0)))


def test_an_export_that_came_back_empty_is_asked_for_again(key: tuple[str, bytes]) -> None:
    fingerprint, data = key
    (raw,) = _exported(answering(b"", data), {fingerprint})
    assert raw.fingerprint == fingerprint


def test_an_export_that_stays_empty_is_an_error(key: tuple[str, bytes]) -> None:
    with pytest.raises(GpgFailed, match="did not give back all the keys"):
        _exported(answering(b"", b""), {key[0]})


def test_an_import_that_never_ended_is_an_error() -> None:
    gpg: Any = SimpleNamespace(import_keys=lambda _: SimpleNamespace(values=lambda _: []))
    with pytest.raises(GpgFailed, match="ended before it had looked at the keys"):
        _judged(gpg, [])
