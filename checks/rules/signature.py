"""The signature file and the artifact it is about."""

import atexit
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import PurePosixPath
from typing import Any

from checks.engine.model import HOLDS_UNTIL, Candidate, File, Finding, Level
from checks.engine.rule import Difference, FileRule
from keys.document import Told, told_of
from keys.openpgp_judge import Remark, SignatureVerdict, State
from keys.openpgp_verify import Keyring, Verification

# Why a signature does not count, under the names that programs know from the reference platform.
ERROR_KINDS = {
    State.BAD: "missing_signature",
    State.MALFORMED: "missing_signature",
    State.UNKNOWN_KEY: "unidentified_key",
    State.EXPIRED_KEY: "key_expired",
    State.REVOKED: "revoked_key",
    State.REVOKED_COMPROMISED: "revoked_key",
    State.NOT_SIGNING_KEY: "not_signing_key",
}
NOBODYS = "no_asf_uid"
# What can be improved without making the release invalid. What is not named here is a concern.
SUGGESTIONS = frozenset({"weak_binding", "text_mode", "old_format"})


class Signature(FileRule):
    slug = "signature"
    version = 5
    title = "The artifact is signed by a key of the committee, and every signature counts"
    policy = (
        "Every artifact has a detached, armored OpenPGP signature by a key in the committee's "
        "KEYS, made with RSA of at least 2048 bits or an elliptic curve and with SHA-256 or "
        "better. (https://infra.apache.org/release-signing.html)"
    )
    cost = "Once a signature file: gpg reads the artifact at about 270 MB/s."
    levels = (Level.NOTE, Level.SUGGESTION, Level.CONCERN, Level.BLOCKER)
    differences = (
        Difference(
            "A key that has expired by now makes the signature invalid.",
            "A signature counts if its key was valid when it signed; expiry since is a concern.",
            "Extending the key repairs it, and the signature itself has lost nothing.",
        ),
        Difference(
            "Any revocation makes the signature invalid.",
            "Of a key that was superseded or retired, older signatures count, with a concern.",
            "OpenPGP has the reasons for this: only a compromise makes older signatures doubtful.",
        ),
        Difference(
            "One signature that verifies is enough.",
            "Each signature in the file is judged: one must count, and none may be bad. One by "
            "an unknown key beside a good one is a note.",
            "gpg and users see the bad one; projects sign together, some with keys not in KEYS.",
        ),
        Difference(
            "SHA-1 signatures, dates to come and messages with their own content are accepted.",
            "They are blockers.",
            "SHA-1 can be forged; a cleartext-signed .asc proves only its own text.",
        ),
        Difference(
            "The signer is compared with who uploaded the artifact.",
            "They may be two people; both are on record.",
            "Release managers upload what others, or machines of the committee, have signed.",
        ),
        Difference(
            "A key of the machines of another committee is told to be nobody's.",
            "A signer's key must be linked to the committee; all others are unknown.",
            "What may sign is what stands in the committee's KEYS, whoever it belongs to.",
        ),
        Difference(
            "Whose key it is, is asked of user ids at the foundation and of its directory.",
            "As well of the accounts: people add their own keys, with addresses that are verified. "
            "Without a server (`trusted-check`) it is not asked at all.",
            "Nobody needs to change a good key to be known by it.",
        ),
    )
    clock: Callable[[], datetime] = staticmethod(lambda: datetime.now(UTC))

    def __init__(self) -> None:
        self._keyring: Keyring | None = None
        self._told: dict[str, Told] = {}

    def applies_to(self, file: File, candidate: Candidate) -> bool:
        return file.path.endswith(".asc")

    def inputs(self, file: File, candidate: Candidate) -> Any:
        """The artifact's digest and that of the keys.

        The clock is not among them: a finding says until when it holds.
        """
        artifact = candidate.file(_about(file.path))
        return [artifact and artifact.sha512, candidate.keys_sha256]

    def run(self, file: File, candidate: Candidate) -> Iterator[Finding]:
        artifact = candidate.file(_about(file.path))
        if artifact is None:
            message = f"There is no {_about(file.path)} in the release that this could sign."
            yield self._blocker(file, message, "missing_artifact")
            return
        keyring = self._ready(candidate.keys)
        found = keyring.verify(artifact.location, file.location, now=self.clock())
        if found.code:
            yield self._blocker(file, found.reason, found.code)
        elif not keyring.certificates:
            yield self._no_keys(file, candidate)
        else:
            yield from self._verdicts(file, found)
        yield from (
            self._remark(file, "The file is not quite in form", each) for each in found.remarks
        )

    def _ready(self, keys: bytes) -> Keyring:
        """The committee's keys, read once for all the signatures of a release."""
        if self._keyring is None or self._keyring.keys != keys:
            self.close()
            self._keyring = Keyring(keys)
            self._keyring.__enter__()
            self._told = told_of(keys)
            atexit.register(self.close)
        return self._keyring

    def close(self) -> None:
        """Forget the keys, and remove the home they lie in."""
        if self._keyring is not None:
            self._keyring.close()
            self._keyring = None
            atexit.unregister(self.close)

    def _no_keys(self, file: File, candidate: Candidate) -> Finding:
        why = "can be used" if candidate.keys else "are known"
        message = (
            f"No public keys of the committee {why}, so nobody can tell who signed. Add the "
            "signer's public key to the committee's keys."
        )
        return self._blocker(file, message, "missing_keys")

    def _verdicts(self, file: File, found: Verification) -> Iterator[Finding]:
        for number, verdict in enumerate(found.signatures, 1):
            which = f"Signature {number} of {len(found.signatures)}: "
            which = which if len(found.signatures) > 1 else ""
            if verdict.state is State.GOOD:
                yield self._genuine(file, which, verdict)
                about = f"{which}It counts, with a reservation"
                for remark in verdict.remarks:
                    yield self._remark(file, about, remark, **_facts(verdict))
            elif verdict.state is State.UNKNOWN_KEY:
                yield self._unknown(file, which, verdict, harmless=bool(found.good))
            else:
                kind = ERROR_KINDS.get(verdict.state, str(verdict.state))
                message = f"{which}The signature does not count. {verdict.reason}"
                yield self._blocker(file, message, kind, **_facts(verdict))

    def _genuine(self, file: File, which: str, verdict: SignatureVerdict) -> Finding:
        """What a signature that gpg and the dates find good is worth to the committee."""
        told = self._told.get(verdict.fingerprint)
        if told and _had_left(verdict, told):
            return self._retired(file, which, verdict, told)
        if told and not told.person:
            return self._nobodys(file, which, verdict)
        return self._good(file, which, verdict, told.person if told else "")

    def _good(self, file: File, which: str, verdict: SignatureVerdict, person: str) -> Finding:
        key = verdict.fingerprint.upper()
        message = f"{which}Signed by {verdict.user_id or 'a key without a name'}, key {key}."
        facts = _facts(verdict) | ({"person": person} if person else {})
        return self.finding(Level.NOTE, file.path, message, see=_see(file), **facts)

    def _retired(self, file: File, which: str, verdict: SignatureVerdict, told: Told) -> Finding:
        message = (
            f"{which}The key {verdict.fingerprint.upper()} has signed for the committee no more "
            f"since {told.retired_at:%Y-%m-%d}; it is kept for older releases. Sign with a key "
            "that signs for the committee."
        )
        facts = {**_facts(verdict), "state": "retired_key"}
        return self._blocker(file, message, ERROR_KINDS[State.UNKNOWN_KEY], **facts)

    def _nobodys(self, file: File, which: str, verdict: SignatureVerdict) -> Finding:
        """A key that anybody of the committee may have added, in a name that anybody may give."""
        message = (
            f"{which}The signature is genuine, but nobody knows whose key "
            f"{verdict.fingerprint.upper()} ({verdict.user_id or 'without a name'}) is. Its owner "
            "adds it under their own account, or gives it a user id with their address at the "
            "foundation and imports it again."
        )
        facts = {**_facts(verdict), "state": NOBODYS}
        return self._blocker(file, message, NOBODYS, **facts)

    def _unknown(
        self, file: File, which: str, verdict: SignatureVerdict, *, harmless: bool
    ) -> Finding:
        key = verdict.signing_fingerprint.upper()
        message = (
            f"{which}The key {key} is not among the committee's keys, so nobody can tell who "
            "signed. If it belongs to a member, add it to the committee's keys."
        )
        facts = {**_facts(verdict), "error_kind": ERROR_KINDS[State.UNKNOWN_KEY]}
        level = Level.NOTE if harmless else Level.BLOCKER
        return self.finding(level, file.path, message, see=_see(file), **facts)

    def _remark(self, file: File, about: str, remark: Remark, **facts: Any) -> Finding:
        level = Level.SUGGESTION if remark.code in SUGGESTIONS else Level.CONCERN
        message, see = f"{about}. {remark.text}", _see(file)
        return self.finding(level, file.path, message, see=see, **facts, remark=remark.code)

    def _blocker(self, file: File, message: str, kind: str, **facts: Any) -> Finding:
        see = _see(file)
        return self.finding(
            Level.BLOCKER, file.path, message, see=see, **{**facts, "error_kind": kind}
        )


def _about(path: str) -> str:
    return path.removesuffix(".asc")


def _had_left(verdict: SignatureVerdict, told: Told) -> bool:
    """Whether the key signed for the committee no more when this was signed."""
    ended, signed = told.retired_at, verdict.signed_at
    return ended is not None and (signed is None or signed >= ended)


def _facts(verdict: SignatureVerdict) -> dict[str, Any]:
    """Signer, key, time and algorithms, for programs. Fingerprints are in lower case."""
    ends = {HOLDS_UNTIL: verdict.holds_until.isoformat()} if verdict.holds_until else {}
    return ends | {
        "state": str(verdict.state),
        "fingerprint": verdict.signing_fingerprint,
        "certificate_fingerprint": verdict.fingerprint,
        "user_id": verdict.user_id,
        "signed_at": verdict.signed_at.isoformat() if verdict.signed_at else "",
        "digest": verdict.digest,
        "key_algorithm": verdict.key_algorithm,
        "key_length": verdict.key_length,
    }


def _see(file: File) -> str:
    name = PurePosixPath(file.path).name
    return f"gpg --import KEYS; gpg --verify {name} {_about(name)}"
