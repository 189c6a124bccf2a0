"""What keys cost: the import of a large KEYS file, and the verification of many signatures.

`gpg_share` is the part of the time in which we waited for gpg; the rest is ours.
"""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import connection
from django.utils.timezone import now

from keys import openpgp_gpg
from keys.models import Certificate, keys_document
from keys.openpgp_signing import ThrowawaySigner
from keys.openpgp_verify import Keyring
from tests import make
from tests.bench.catalogue import Measure
from trusted_releases.seeding import pgp

KEYS, SIGNATURES, SIZE = 500, 100, 1 << 20
MADE = datetime(2020, 1, 1, tzinfo=UTC)


def measures() -> Iterator[Measure]:
    yield from _imports()
    if connection.vendor == "sqlite":  # no database has a part in it
        yield from _verifications()


def _imports() -> Iterator[Measure]:
    committee = make.committee("bench")
    manager = make.member(committee, username="bench-manager")
    document = "".join(
        pgp.certificate(number.to_bytes(32), f"Person {number} <person{number}@example.org>", MADE)[
            "armored"
        ]
        for number in range(1, KEYS + 1)
    ).encode()

    def take() -> Any:
        return Certificate.objects.import_keys(document, committee=committee, by=manager)

    for name in ("import_new", "import_known"):
        yield from _timed(f"{name}.{KEYS}_keys", take)
    assert committee.certificates.count() == KEYS
    yield from _timed(f"generate.{KEYS}_keys", lambda: keys_document(committee), gpg=False)


def _verifications() -> Iterator[Measure]:
    """A hundred files of a megabyte with a signature each, by one of the keys of a KEYS file."""
    with ThrowawaySigner() as signer, TemporaryDirectory() as folder:
        at = now() - timedelta(days=2)
        key = signer.generate("Bench <bench@example.org>", at=at)
        pairs = []
        for number in range(SIGNATURES):
            path = Path(folder) / f"{number}.tar.gz"
            path.write_bytes(number.to_bytes(8) * (SIZE // 8))
            pairs.append((path, signer.sign(path, keys=[key])))
        keys = signer.public(key)

        def verify() -> None:
            with Keyring(keys) as keyring:
                for path, signature in pairs:
                    assert keyring.verify(path, signature, now=now()).accepted

        yield from _timed(f"verify.{SIGNATURES}_signatures", verify)


def _timed(name: str, act: Callable[[], Any], *, gpg: bool = True) -> Iterator[Measure]:
    waited = _Waited()
    with waited:
        begun = time.perf_counter()
        act()
        took = time.perf_counter() - begun
    yield Measure(name, took, "s")
    if gpg:
        yield Measure(f"{name}.gpg_share", waited.seconds / took, "x")


class _Waited:
    """The seconds in which at least one gpg ran."""

    def __init__(self) -> None:
        self.spans: list[tuple[float, float]] = []
        self._plain = openpgp_gpg.Gpg._open_subprocess
        self._collect = openpgp_gpg.Gpg._collect_output

    def __enter__(self) -> "_Waited":
        waited = self

        def collect(gpg: Any, process: Any, *rest: Any, **named: Any) -> Any:
            begun = waited.began.pop(process.pid)
            try:
                return waited._collect(gpg, process, *rest, **named)
            finally:
                waited.spans.append((begun, time.perf_counter()))

        def start(gpg: Any, *rest: Any, **named: Any) -> Any:
            begun = time.perf_counter()
            process = waited._plain(gpg, *rest, **named)
            waited.began[process.pid] = begun
            return process

        self.began: dict[int, float] = {}
        openpgp_gpg.Gpg._open_subprocess = start  # type: ignore[method-assign]
        openpgp_gpg.Gpg._collect_output = collect  # type: ignore[method-assign]
        return self

    def __exit__(self, *_: object) -> None:
        openpgp_gpg.Gpg._open_subprocess = self._plain  # type: ignore[method-assign]
        openpgp_gpg.Gpg._collect_output = self._collect  # type: ignore[method-assign]

    @property
    def seconds(self) -> float:
        """Two that ran at the same time are counted once."""
        total, end = 0.0, 0.0
        for begun, done in sorted(self.spans):
            total += max(0.0, done - max(begun, end))
            end = max(end, done)
        return total
