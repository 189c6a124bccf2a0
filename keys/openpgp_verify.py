"""Verifying detached signatures: every signature in the file is judged, none is skipped.

The form of the file is judged first (`openpgp_signatures`), and what gpg is given is the signature
packets alone, so nothing else in the file can reach it.
"""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Self

from keys.openpgp import TIMEOUT, load
from keys.openpgp_gpg import Gpg, Home
from keys.openpgp_judge import Remark, SignatureVerdict, State
from keys.openpgp_listing import Certificate
from keys.openpgp_packets import packets, signature_facts
from keys.openpgp_signatures import Refusal, read_signatures
from keys.openpgp_status import verdicts
from trusted_releases.lib.errors import BadInput

__all__ = ["Keyring", "Remark", "SignatureVerdict", "State", "Verification", "verify"]

MOST_HOLDERS = 8  # certificates with the same key that are asked one by one
VERIFY_TIMEOUT = 120.0  # seconds for one gpg: 30 GB at the speed at which it hashes
_HARMLESS = frozenset({State.GOOD, State.UNKNOWN_KEY})


@dataclass(frozen=True, slots=True)
class Verification:
    """What a signature file says about its artifact.

    `signatures` has one verdict for each signature in the file. `code` and `reason` say why the
    file itself was refused, "" if it was not. `remarks` are about the file.
    """

    signatures: tuple[SignatureVerdict, ...] = ()
    code: str = ""
    reason: str = ""
    remarks: tuple[Remark, ...] = ()

    @property
    def good(self) -> tuple[SignatureVerdict, ...]:
        return tuple(each for each in self.signatures if each.state is State.GOOD)

    @property
    def spoiled(self) -> tuple[SignatureVerdict, ...]:
        """Those that must not be there: neither good nor just unknown."""
        return tuple(each for each in self.signatures if each.state not in _HARMLESS)

    @property
    def unknown(self) -> tuple[SignatureVerdict, ...]:
        return tuple(each for each in self.signatures if each.state is State.UNKNOWN_KEY)

    @property
    def accepted(self) -> bool:
        """At least one good signature, and none that is bad or does not count."""
        return not self.code and bool(self.good) and not self.spoiled


@dataclass(slots=True)
class Keyring:
    """Keys made ready once, to verify many files with. Use it in a `with` statement.

    `keys` is a KEYS document; one that holds no usable key makes every signature unknown.
    `digest` is its SHA-256: equal digests, equal answers.
    """

    keys: bytes
    digest: str = field(init=False)
    certificates: dict[str, Certificate] = field(init=False, default_factory=dict)
    _home: Home | None = field(init=False, default=None)
    _gpg: Gpg | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.digest = hashlib.sha256(self.keys).hexdigest()

    def __enter__(self) -> Self:
        self._home = Home()
        try:
            self._gpg = Gpg(self._home.path, timeout=TIMEOUT)
            blocks = load(self._gpg, self.keys)
            self.certificates = {each.fingerprint: each for b in blocks for each in b.certificates}
        except BadInput:  # no key at all; what is wrong with the document is said at its import
            self.certificates = {}
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Remove the home. Safe to call twice."""
        if self._home is not None:
            self._home.__exit__(None, None, None)
        self._home = self._gpg = None

    def verify(
        self, artifact: Path, signature: Path, *, now: datetime, timeout: float = VERIFY_TIMEOUT
    ) -> Verification:
        """Judge every signature in the file `signature` over the file `artifact`.

        `now` (aware) is what "expired" and "still to come" are measured by. Raises GpgFailed when
        gpg itself fails or takes more than `timeout` seconds: then nothing is known.
        """
        try:
            found, remarks = read_signatures(signature)
        except Refusal as refusal:
            return Verification(code=refusal.code, reason=str(refusal))
        judged = zip(found, self._judge(artifact, found, now, timeout), strict=True)
        return Verification(
            tuple(self._by_its_owner(artifact, raw, each, now, timeout) for raw, each in judged),
            remarks=remarks,
        )

    def _judge(
        self, artifact: Path, found: list[bytes], now: datetime, timeout: float
    ) -> list[SignatureVerdict]:
        """gpg stops at the first bad signature of a file, so the rest is handed to it again."""
        if self._gpg is None:
            raise RuntimeError("A keyring is used inside its with statement.")
        self._gpg.timeout = timeout
        judged: list[SignatureVerdict] = []
        while len(judged) < len(found):
            rest = BytesIO(b"".join(found[len(judged) :]))
            result = self._gpg.verify_file(rest, data_filename=str(artifact.absolute()))
            new = list(verdicts(result.status, self.certificates, now))
            judged += new or [
                SignatureVerdict(State.MALFORMED, "gpg cannot make sense of this signature.")
            ]
        return judged

    def _by_its_owner(
        self,
        artifact: Path,
        packet: bytes,
        verdict: SignatureVerdict,
        now: datetime,
        timeout: float,
    ) -> SignatureVerdict:
        """The verdict with each certificate alone that has the key, where several have.

        gpg looks at one of them only. Who writes the key of somebody else into a certificate of
        their own cannot sign with it, and must not keep its owner from it either.
        """
        holders = [] if verdict.state is State.GOOD else self._holders(packet)
        if len(holders) < 2:
            return verdict
        for holder in holders[:MOST_HOLDERS]:
            with Keyring(holder.armored) as alone:
                (other,) = alone._judge(artifact, [packet], now, timeout)
            if other.state is State.GOOD:
                return other
        return verdict

    def _holders(self, packet: bytes) -> list[Certificate]:
        """The certificates that have the key which the signature names."""
        issuers = tuple(i for each in packets(packet) for i in signature_facts(each.body).issuers)
        return [
            row
            for row in self.certificates.values()
            if any(key.fingerprint.endswith(issuers) for key in (row.primary, *row.subkeys))
        ]


def verify(
    artifact: Path,
    signature: Path,
    keys: bytes | Keyring,
    *,
    now: datetime,
    timeout: float = VERIFY_TIMEOUT,
) -> Verification:
    """Judge every signature in a file; with a `Keyring` the keys are not read again."""
    if isinstance(keys, Keyring):
        return keys.verify(artifact, signature, now=now, timeout=timeout)
    with Keyring(keys) as keyring:
        return keyring.verify(artifact, signature, now=now, timeout=timeout)
