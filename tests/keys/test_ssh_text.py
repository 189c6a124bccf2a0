"""The text of an SSH public key: what is taken, and what is refused before anything is kept."""

import base64
import subprocess
from pathlib import Path

import pytest

from keys.ssh_text import HARDWARE, SshFingerprintError, read
from tests import ssh
from trusted_releases.lib.errors import BadInput

# As OpenSSH has it: ssh-keygen -lf says SHA256:… of this very line.
KNOWN = (
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl",
    "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU",
)


def test_the_fingerprint_is_the_one_that_openssh_shows() -> None:
    assert read(KNOWN[0]).fingerprint == KNOWN[1]


@pytest.mark.parametrize("make", [ssh.ed25519_key, ssh.ecdsa_key, lambda: ssh.rsa_key(2048)])
def test_the_usual_kinds_are_taken_and_kept_as_they_are(make) -> None:
    line = make()
    found = read(f"  {line}\n")
    assert found.line == line
    assert found.fingerprint.startswith("SHA256:")
    assert len(found.fingerprint) == 50


def test_a_comment_turns_no_text_around() -> None:
    assert read(f"{KNOWN[0]} me\u202e\u2066 here").comment == "me here"


def test_a_comment_keeps_its_words() -> None:
    assert read(f"{KNOWN[0]}  my   laptop ").comment == "my laptop"


def of_parts(*parts: bytes) -> str:
    """A line of a key whose content is these strings, each after its length."""
    blob = b"".join(len(part).to_bytes(4) + part for part in parts)
    return f"{parts[0].decode()} {base64.b64encode(blob).decode()}"


SK_ED25519 = (HARDWARE[0].encode(), b"x" * 32, b"ssh:")
SK_ECDSA = (HARDWARE[1].encode(), b"nistp256", b"\x04" + b"x" * 64, b"ssh:laptop")


@pytest.mark.parametrize("parts", [SK_ED25519, SK_ECDSA])
def test_a_key_in_a_security_token_is_taken_as_it_is(parts: tuple[bytes, ...]) -> None:
    line = of_parts(*parts)
    assert read(line).line == line


@pytest.mark.parametrize(
    "parts",
    [
        SK_ED25519[:2],
        (*SK_ED25519, b"more"),
        (SK_ED25519[0], b"x" * 31, b"ssh:"),
        (*SK_ED25519[:2], b"web"),
        (SK_ECDSA[0], *SK_ECDSA[2:]),
        SK_ED25519[:1],
    ],
)
def test_one_in_a_security_token_that_lacks_something_is_damaged(parts) -> None:
    with pytest.raises(BadInput, match="cut or damaged"):
        read(of_parts(*parts))


@pytest.mark.parametrize(
    ("kind", "bits"),
    [
        ("ed25519", 256),
        ("rsa", 2048),
        ("rsa", 3072),
        ("ecdsa", 256),
        ("ecdsa", 384),
        ("ecdsa", 521),
    ],
)
def test_ssh_keygen_shows_the_same_fingerprint(kind: str, bits: int, tmp_path: Path) -> None:
    """The real program makes the key, and lists it."""
    path = tmp_path / "key"
    made = ["ssh-keygen", "-q", "-t", kind, "-b", str(bits), "-N", "", "-f", path, "-C", "me@here"]
    subprocess.run(made, check=True, timeout=60)
    listed = subprocess.run(
        ["ssh-keygen", "-l", "-f", f"{path}.pub"], check=True, capture_output=True, text=True
    ).stdout.split()
    found = read(Path(f"{path}.pub").read_text())
    assert (found.fingerprint, found.comment) == (listed[1], listed[2])


def test_a_certificate_that_ssh_keygen_made_is_no_key(tmp_path: Path) -> None:
    for name in ("ca", "key"):
        made = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / name]
        subprocess.run(made, check=True, timeout=60)
    sign = ["ssh-keygen", "-q", "-s", tmp_path / "ca", "-I", "me", tmp_path / "key.pub"]
    subprocess.run(sign, check=True, timeout=60)
    with pytest.raises(BadInput, match="no kind of key that is taken"):
        read((tmp_path / "key-cert.pub").read_text())


@pytest.mark.parametrize("text", ["", " ", "ssh-ed25519", "nonsense\n"])
def test_what_is_not_in_the_form_of_a_key_is_said_as_clients_know_it(text: str) -> None:
    with pytest.raises(SshFingerprintError, match=r"^Invalid SSH key format$"):
        read(text)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("-----BEGIN OPENSSH PRIVATE KEY-----\nabc", "PRIVATE KEY. Nothing of it was stored"),
        (f"{KNOWN[0]}\n{KNOWN[0]}", "one line"),
        (f"{KNOWN[0]} {'x' * 9000}", "one line"),
        (f"ssh-dss {KNOWN[0].split()[1]}", "no kind of key that is taken"),
        (f'command="sh" {KNOWN[0]}', "no kind of key that is taken"),
        ("ssh-ed25519 !!!!", "no base64"),
        ("ssh-ed25519 ä", "no base64"),
        (f"ssh-rsa {KNOWN[0].split()[1]}", "of another kind"),
        (KNOWN[0][:-8], "cut or damaged"),
        (f"{KNOWN[0]} a\x07b", "comment"),
        (f"{KNOWN[0]} {'x' * 201}", "comment"),
    ],
)
def test_what_is_no_key_is_told_why(text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said) as refused:
        read(text)
    assert not isinstance(refused.value, SshFingerprintError)


def test_a_short_rsa_key_is_refused() -> None:
    with pytest.raises(BadInput, match="at least 2048 bits; this has 1024"):
        read(ssh.rsa_key(1024))
