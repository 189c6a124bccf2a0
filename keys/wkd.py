"""Where programs look for somebody's key by their mail address: the Web Key Directory.

The draft (draft-koch-openpgp-webkey-service) says under which name a key lies, and that it is the
key in binary form, without user ids of other addresses. No Django.
"""

import hashlib
from collections.abc import Callable

from keys.openpgp_armor import armors
from keys.openpgp_packets import (
    ATTRIBUTE,
    PUBLIC_KEY,
    PUBLIC_SUBKEY,
    USER_ID,
    Packet,
    certificates,
)

_ALPHABET = "ybndrfg8ejkmcpqxot1uwisza345h769"  # of z-base-32
LENGTH = 32  # characters of 160 bits


def name_of(local_part: str) -> str:
    """The file name for what stands before the @: its SHA-1, lower case, in z-base-32."""
    lowered = "".join(char.lower() if char.isascii() else char for char in local_part)
    digest = hashlib.sha1(lowered.encode(), usedforsecurity=False).digest()
    return zbase32(digest)


def zbase32(data: bytes) -> str:
    """`data` in groups of five bits; what is missing of the last group is zeros."""
    bits = len(data) * 8
    number = int.from_bytes(data) << (-bits % 5)
    groups = -(-bits // 5)
    return "".join(_ALPHABET[number >> 5 * at & 31] for at in reversed(range(groups)))


def only_for(armored: str, is_asked: Callable[[str], bool]) -> bytes:
    """The certificate in binary form, with those of its user ids that are asked for.

    Who looks for one address learns nothing of the others. Pictures are left out as well.
    """
    block = next(armors(armored.encode()))
    (raw,) = certificates(block.decode())
    kept: list[Packet] = []
    keeping = True
    for packet in raw.packets:
        if packet.tag in (PUBLIC_KEY, PUBLIC_SUBKEY):
            keeping = True
        elif packet.tag == USER_ID:
            keeping = is_asked(packet.body.decode("utf-8", "replace"))
        elif packet.tag == ATTRIBUTE:
            keeping = False
        if keeping:
            kept.append(packet)
    return b"".join(packet.raw for packet in kept)
