"""A certificate of one's own for this machine, so that clients that insist on https find it here.

Nobody vouches for it: a client is told to trust this very file, or not to look.
"""

import ipaddress
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NAMES = ("localhost", "localhost.apache.org")  # the second is where existing clients expect it
ADDRESSES = ("127.0.0.1", "::1")
LASTS = timedelta(days=365)
LEFT = timedelta(days=14)  # with less than that a new one is made
SKEW = timedelta(hours=1)


class Pair(NamedTuple):
    """The files of a certificate and of its private key."""

    certificate: Path
    key: Path


def own_pair(folder: Path, at: datetime | None = None) -> Pair:
    """The certificate in this folder; made where there is none, or where it is over soon."""
    at = at or datetime.now(UTC)
    pair = Pair(folder / "certificate.pem", folder / "key.pem")
    if not _is_good(pair, at):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        _write(pair.key, _as_text(key), 0o600)
        made = _signed(key, at).public_bytes(serialization.Encoding.PEM)
        _write(pair.certificate, made, 0o644)
    return pair


def _is_good(pair: Pair, at: datetime) -> bool:
    try:
        known = x509.load_pem_x509_certificate(pair.certificate.read_bytes())
        key = serialization.load_pem_private_key(pair.key.read_bytes(), None)
    except (OSError, ValueError, TypeError):
        return False
    return known.not_valid_after_utc > at + LEFT and known.public_key() == key.public_key()


def _as_text(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _signed(key: ec.EllipticCurvePrivateKey, at: datetime) -> x509.Certificate:
    """As strict clients want it: for servers only, for these names only, and its own root."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAMES[0])])
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - SKEW)
        .not_valid_after(at + LASTS)
    )
    for extension, is_critical in _extensions(key):
        builder = builder.add_extension(extension, critical=is_critical)
    return builder.sign(key, hashes.SHA256())


def _extensions(key: ec.EllipticCurvePrivateKey) -> list[tuple[x509.ExtensionType, bool]]:
    about = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    names: list[x509.GeneralName] = [x509.DNSName(name) for name in NAMES]
    names += [x509.IPAddress(ipaddress.ip_address(address)) for address in ADDRESSES]
    uses = dict.fromkeys(
        (
            *("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"),
            *("crl_sign", "encipher_only", "decipher_only"),
        ),
        False,
    )
    return [
        (x509.SubjectAlternativeName(names), False),
        (x509.BasicConstraints(ca=True, path_length=0), True),
        (x509.KeyUsage(digital_signature=True, key_cert_sign=True, **uses), True),
        (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False),
        (about, False),
        (x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(about), False),
    ]


def _write(path: Path, content: bytes, mode: int) -> None:
    """All of it or nothing, and never readable by others for a moment."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    temporary.replace(path)
