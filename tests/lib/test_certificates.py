"""The certificate for this machine: made once, made again in time, its key for nobody else."""

import ipaddress
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from trusted_releases.lib.certificates import LASTS, own_pair


def test_it_is_made_once(tmp_path: Path) -> None:
    pair = own_pair(tmp_path / "tls")
    before = (pair.certificate.read_bytes(), pair.key.read_bytes())
    assert own_pair(tmp_path / "tls") == pair
    assert (pair.certificate.read_bytes(), pair.key.read_bytes()) == before
    assert sorted(os.listdir(tmp_path / "tls")) == ["certificate.pem", "key.pem"]


def test_its_key_is_for_nobody_else(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        pair = own_pair(tmp_path / "tls")
    finally:
        os.umask(before)
    assert pair.key.stat().st_mode & 0o777 == 0o600
    assert pair.key.parent.stat().st_mode & 0o777 == 0o700


def test_it_names_this_machine_and_nothing_else(tmp_path: Path) -> None:
    made = x509.load_pem_x509_certificate(own_pair(tmp_path).certificate.read_bytes())
    names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "localhost.apache.org"]
    addresses = [ipaddress.ip_address(each) for each in ("127.0.0.1", "::1")]
    assert names.get_values_for_type(x509.IPAddress) == addresses
    assert made.not_valid_after_utc - made.not_valid_before_utc < timedelta(days=398)


def test_one_that_is_over_soon_or_spoilt_is_made_again(tmp_path: Path) -> None:
    pair = own_pair(tmp_path)
    first = pair.certificate.read_bytes()
    own_pair(tmp_path, datetime.now(UTC) + LASTS - timedelta(days=13))
    second = pair.certificate.read_bytes()
    assert second != first
    pair.key.write_text("nothing")
    own_pair(tmp_path)
    third = pair.certificate.read_bytes()
    assert third != second
    pair.certificate.write_bytes(first)  # of another key
    own_pair(tmp_path)
    assert pair.certificate.read_bytes() not in (first, third)
