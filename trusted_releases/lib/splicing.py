"""A JSON object one of whose texts is too large to hold: that one is passed on as it is read."""

import binascii
import json
from collections.abc import Callable

BLOCK = 1 << 20  # bytes that are read at a time
QUOTE, ESCAPE, COLON = b'"', b"\\", b":"
_OPENS, _CLOSES = (b"{", b"["), (b"}", b"]")


class Unreadable(ValueError):
    """What was sent is not what it should be; the text says what."""


class TooLong(Exception):
    """All but the large text is larger than what is held."""


class Base64:
    """Base64 that comes in pieces, of any size, into bytes. Strict: only its alphabet, padded."""

    def __init__(self) -> None:
        self._left = b""
        self._ended = False

    def feed(self, piece: bytes) -> bytes:
        """The bytes that this piece completes."""
        whole = self._left + piece
        cut = len(whole) - len(whole) % 4
        self._left = whole[cut:]
        if not cut:
            return b""
        if self._ended:
            raise Unreadable("it goes on after its end")
        self._ended = whole.endswith(b"=", 0, cut)
        try:
            return binascii.a2b_base64(whole[:cut], strict_mode=True)
        except binascii.Error as error:
            raise Unreadable(str(error)) from error

    def end(self) -> None:
        if self._left:
            raise Unreadable("it ends too early: its length is no multiple of 4")


class Splice:
    """Reads an object from `read`, and gives `take` the text under `name`, as it stands there.

    What `document` answers is the rest, with "" in that place: JSON to be parsed as any other.
    `begin` is called before the text, with the keys that came before it. At most `most` bytes of
    the rest are held, and one block of the text.
    """

    def __init__(
        self,
        read: Callable[[int], bytes],
        name: str,
        *,
        begin: Callable[[dict[str, object]], None],
        take: Callable[[bytes], None],
        most: int,
    ) -> None:
        self._read, self._name, self._most = read, name, most
        self._begin, self._take = begin, take
        self._block, self._at = b"", 0
        self._kept = bytearray()
        self._depth, self._key, self._wanted = 0, "", False

    def document(self) -> bytes:
        while byte := self._next():
            if byte == QUOTE and self._wanted and self._key == self._name:
                self._pass_on()
                continue
            self._keep(byte)
            if byte == QUOTE:
                self._string()
            elif byte in _OPENS:
                self._depth += 1
            elif byte in _CLOSES:
                self._depth -= 1
            if not byte.isspace():
                self._wanted = self._depth == 1 and byte == COLON
        return bytes(self._kept)

    def _string(self) -> None:
        """Keep a text to its end. One that a colon follows is a key; others do no harm as one."""
        start = len(self._kept) - 1
        while byte := self._next():
            self._keep(byte)
            if byte == ESCAPE:
                self._keep(self._next())
            elif byte == QUOTE:
                break
        if self._depth == 1:
            self._key = _text(bytes(self._kept[start:]))

    def _pass_on(self) -> None:
        """The large text, block by block. JSON may write `/` as `\\/`: nothing else is escaped."""
        self._begin(_before(bytes(self._kept), self._name))
        self._wanted = False
        self._keep(b'""')
        while self._fill():
            end = self._block.find(QUOTE, self._at)
            piece = self._block[self._at : end if end >= 0 else None]
            self._at = end + 1 if end >= 0 else len(self._block)
            if end < 0 and piece.endswith(ESCAPE):
                piece, self._block, self._at = piece[:-1], ESCAPE + self._read(BLOCK), 0
                if self._block == ESCAPE:
                    break
            self._take(piece.replace(b"\\/", b"/"))
            if end >= 0:
                return
        raise Unreadable("the text does not end")

    def _keep(self, piece: bytes) -> None:
        self._kept += piece
        if len(self._kept) > self._most:
            raise TooLong

    def _next(self) -> bytes:
        if not self._fill():
            return b""
        self._at += 1
        return self._block[self._at - 1 : self._at]

    def _fill(self) -> bool:
        if self._at >= len(self._block):
            self._block, self._at = self._read(BLOCK), 0
        return bool(self._block)


def _text(written: bytes) -> str:
    try:
        return str(json.loads(written))
    except ValueError:  # whoever parses the rest says what is wrong with it
        return ""


def _before(kept: bytes, name: str) -> dict[str, object]:
    """What stands before the large text; nothing where it cannot be read."""
    try:
        found = json.loads(kept + b'""}')
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {key: value for key, value in found.items() if key != name}
