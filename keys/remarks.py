"""What a person should know of a certificate that was taken all the same."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from keys.openpgp_judge import Remark
from keys.openpgp_listing import Certificate, Subkey

SOON = timedelta(days=90)
ENOUGH_BITS = 4096  # of RSA, for keys that are made today


def of_certificate(found: Certificate, at: datetime) -> Iterator[Remark]:
    """What to say of it at that moment, the worst first."""
    if found.revocation:
        yield Remark("revoked", f"The key is revoked ({found.revocation.reason}).")
    elif found.expires_at and found.expires_at <= at:
        yield Remark(
            "expired",
            f"The key expired on {_day(found.expires_at)}: what it signed before counts. Extend it "
            "and import it again.",
        )
    else:
        yield from _of_signing(found, at)
    if found.weakly_bound:
        yield Remark(
            "weak_binding",
            "Only SHA-1 or MD5 bind its user ids to the key: Sequoia and rpm refuse it. Renew the "
            "binding: gpg --cert-digest-algo SHA512 --quick-set-expire.",
        )
    if not found.user_ids:
        yield Remark("no_user_id", "All of its user ids are revoked.")
    if found.photos:
        yield Remark("photos", "Pictures in it are kept, and shown nowhere.")


def _of_signing(found: Certificate, at: datetime) -> Iterator[Remark]:
    """Whether releases can be signed with it today, and for how long."""
    able = [each for each in found.keys if each.can_sign and not each.revocation]
    fit = [each for each in able if not each.is_weak and not found.primary.is_weak]
    good = [each for each in fit if each.expires_at is None or each.expires_at > at]
    if not able:
        yield Remark("no_signing_key", "None of its keys may sign: releases need one that does.")
    elif not fit:
        yield Remark(
            "weak_key",
            f"It is {_kind(found.primary)}, which is too weak to sign releases. It stays for what "
            "it signed before.",
        )
    elif not good:
        yield Remark("no_signing_key", "Its signing keys have expired. Extend them, or add one.")
    else:
        yield from _of_good(found, good, at)


def _of_good(found: Certificate, good: list[Subkey], at: datetime) -> Iterator[Remark]:
    ends = max((each.expires_at for each in good if each.expires_at), default=None)
    ends = None if any(each.expires_at is None for each in good) else ends
    ends = min((each for each in (ends, found.expires_at) if each), default=None)
    if ends and ends <= at + SOON:
        yield Remark("expires_soon", f"It signs until {_day(ends)}. Extend it in time.")
    if any(each.algorithm == "RSA" and each.length < ENOUGH_BITS for each in good):
        yield Remark(
            "short_key", f"It signs with RSA of less than {ENOUGH_BITS} bits, which new keys have."
        )


def _kind(key: Subkey) -> str:
    return f"{key.algorithm} with {key.length} bits"


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
