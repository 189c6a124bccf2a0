"""From gpg's status lines to a verdict on each signature (doc/DETAILS of GnuPG)."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime

from keys.openpgp_judge import WEAK_DIGESTS, SignatureVerdict, Signed, State, judge
from keys.openpgp_listing import ALGORITHMS, Certificate, printable

DIGESTS = {
    1: "MD5",
    2: "SHA1",
    3: "RIPEMD160",
    8: "SHA256",
    9: "SHA384",
    10: "SHA512",
    11: "SHA224",
}
# Reasons in ERRSIG: codes of libgpg-error.
_NO_PUBLIC_KEY = "9"
_WRONG_KEY_USAGE = "125"
_OUTCOMES = frozenset({"GOODSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG", "BADSIG", "ERRSIG"})


def verdicts(
    status: Iterable[tuple[str, str]], certificates: Mapping[str, Certificate], now: datetime
) -> Iterator[SignatureVerdict]:
    """One verdict for each NEWSIG among the status lines, in their order."""
    group: dict[str, list[str]] | None = None
    for keyword, value in status:
        if keyword == "NEWSIG":
            if group is not None:
                yield _verdict(group, certificates, now)
            group = {}
        elif group is not None:
            group.setdefault(keyword, value.split())
    if group is not None:
        yield _verdict(group, certificates, now)


def _verdict(
    group: Mapping[str, list[str]], certificates: Mapping[str, Certificate], now: datetime
) -> SignatureVerdict:
    outcome = next((keyword for keyword in group if keyword in _OUTCOMES), "")
    if outcome == "BADSIG":
        return _bad(group["BADSIG"], certificates)
    if outcome == "ERRSIG":
        return _not_checked(group["ERRSIG"])
    if not outcome or "VALIDSIG" not in group:
        return SignatureVerdict(State.MALFORMED, "gpg cannot make sense of this signature.")
    signed = _signed(group["VALIDSIG"], certificates)
    if signed is None:
        return SignatureVerdict(State.MALFORMED, "gpg names a key that is not among the keys.")
    return judge(signed, now)


def _bad(words: list[str], certificates: Mapping[str, Certificate]) -> SignatureVerdict:
    key_id = words[0].lower() if words else ""
    for certificate in certificates.values():
        for key in (certificate.primary, *certificate.subkeys):
            if key_id and key.fingerprint.endswith(key_id):
                return SignatureVerdict(
                    State.BAD,
                    f"The signature by {certificate.user_id or key_id} is bad: it was made over "
                    "other bytes, or the file or the signature was changed afterwards.",
                    certificate.fingerprint,
                    key.fingerprint,
                    certificate.user_id,
                    key_algorithm=key.algorithm,
                    key_length=key.length,
                )
    return SignatureVerdict(State.BAD, f"The signature by the key {key_id} is bad.")


def _not_checked(words: list[str]) -> SignatureVerdict:
    """ERRSIG <key id> <key algorithm> <digest> <class> <time> <reason> [<fingerprint>]"""
    key_id, algorithm, digest, _, made, why, *fingerprint = (*words, *[""] * 6)[
        : max(6, len(words))
    ]
    known = fingerprint[0].lower() if fingerprint and len(fingerprint[0]) >= 40 else key_id.lower()
    facts = {
        "signing_fingerprint": printable(known),
        "signed_at": _time(made),
        "digest": DIGESTS.get(_number(digest), ""),
        "key_algorithm": ALGORITHMS.get(_number(algorithm), ""),
    }
    if why == _NO_PUBLIC_KEY:
        reason = f"It was made by the key {known.upper()}, which is not among the keys."
        return SignatureVerdict(State.UNKNOWN_KEY, reason, **facts)  # type: ignore[arg-type]
    if facts["digest"] in WEAK_DIGESTS:
        reason = f"It uses {facts['digest']}, which can be forged."
        return SignatureVerdict(State.WEAK_DIGEST, reason, **facts)  # type: ignore[arg-type]
    if why == _WRONG_KEY_USAGE:
        reason = "Its key is not meant to sign (its flags exclude it)."
        return SignatureVerdict(State.NOT_SIGNING_KEY, reason, **facts)  # type: ignore[arg-type]
    reason = "gpg cannot check this signature: its form or algorithm is not supported."
    return SignatureVerdict(State.MALFORMED, reason, **facts)  # type: ignore[arg-type]


def _signed(words: list[str], certificates: Mapping[str, Certificate]) -> Signed | None:
    """VALIDSIG <key> <date> <time> <expires> <version> - <algorithm> <digest> <class> <primary>"""
    if len(words) < 9:
        return None
    signing, primary = words[0].lower(), words[-1].lower()
    certificate = certificates.get(primary)
    key = certificate.key(signing) if certificate else None
    made = _time(words[2])
    if certificate is None or key is None or made is None:
        return None
    digest = DIGESTS.get(_number(words[7]), f"digest {words[7]}")
    return Signed(
        certificate, key, made, _time(words[3]), _number(words[4]), digest, words[8].lower()
    )


def _number(text: str) -> int:
    return int(text) if text.isdigit() else -1


def _time(text: str) -> datetime | None:
    """gpg writes seconds since 1970, or YYYYMMDDTHHMMSS for years past 2038 on some systems."""
    if "T" in text:
        return datetime.strptime(text, "%Y%m%dT%H%M%S").replace(tzinfo=UTC)
    seconds = _number(text)
    return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
