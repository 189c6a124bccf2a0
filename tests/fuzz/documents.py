"""What must hold of the documents that people and programs hand in: keys, signatures, policies,
reports. What is wrong with them is said by an exception of ours, and by no other."""

from contextlib import suppress

from checks.engine.model import Policy
from checks.engine.rat import verdicts
from checks.laptop.policy import policy_of
from keys.openpgp_armor import PUBLIC, Unreadable, armor, armors
from keys.openpgp_packets import certificates, has_secret, is_weakly_bound, packets
from keys.openpgp_signatures import Refusal, read_signatures
from tests.fuzz.archives import place
from trusted_releases.lib.errors import BadInput


def key_files(data: bytes) -> None:
    """A KEYS file: text with armored blocks in it."""
    for block in armors(data):
        assert block.lines
        with suppress(Unreadable):
            content = block.decode()
            (again,) = armors(armor(content))
            assert again.decode() == content
            key_packets(content)


def key_packets(data: bytes) -> None:
    """The packets of a key, which are all of it or none."""
    secret = has_secret(data)
    with suppress(Unreadable):
        for each in packets(data):
            assert each.raw.endswith(each.body)
        found = certificates(data)
        assert not (found and secret), "a private key passes for a public one"
        for raw in found:
            assert len(raw.data) <= len(data)
            (again,) = armors(armor(raw.data, PUBLIC))
            assert again.decode() == raw.data
            is_weakly_bound(raw.packets, raw.fingerprint)


def signature_files(data: bytes) -> None:
    """A signature as a file, armored."""
    place().write_bytes(data)
    with suppress(Refusal):
        found, remarks = read_signatures(place())
        assert found
        assert all(remark.text.endswith(".") for remark in remarks)


def policies(data: bytes) -> None:
    """A policy as JSON: what is read is what would be written."""
    with suppress(BadInput):
        policy = policy_of(data, "policy.json")
        assert Policy.from_json(policy.as_json()) == policy


def rat_reports(data: bytes) -> None:
    """A report of RAT in XML."""
    with suppress(verdicts.NotAReport):
        for path, verdict in verdicts.theirs(data).items():
            assert isinstance(path, str)
            assert isinstance(verdict, str)
