"""What two processes pass to one another: bytes in slots of shared memory, one way."""

import mmap
import os
import struct
from contextlib import suppress

SLOT = 2 << 20  # bytes: a batch of members with their content fits in, as a rule
SLOTS = 16  # how far the sender may be ahead: where one side is slow, the other one is quick

_MESSAGE = struct.Struct("<BBBQ")  # its kind, whether there is more of it, its slot, its length


class OtherSideEnded(Exception):
    """The other process ended, and had more to say or to hear."""


class Line:
    """Made before the fork: then one side calls `send` alone, the other one `receive`.

    A pipe says which slot is full, and another one which is free again, so that neither side
    gets ahead of the other by more than all slots, and each learns when the other has ended.
    """

    def __init__(self) -> None:
        self._slots = mmap.mmap(-1, SLOT * SLOTS)
        self._full, self._fill = os.pipe()
        self._freed, self._free = os.pipe()
        self._open = {self._full, self._fill, self._freed, self._free}
        self._room = bytearray(range(SLOTS))  # the slots that are free
        self._taken = b""  # the slot whose content is looked at

    def close(self) -> None:
        """Nothing is sent or received any more."""
        self._close(*self._open)

    def begin_to_send(self) -> None:
        """This side sends; called once, after the fork."""
        self._close(self._full, self._free)

    def begin_to_receive(self) -> None:
        """This side receives; called once, after the fork."""
        self._close(self._fill, self._freed)

    def send(self, what: int, data: bytes = b"") -> None:
        """Pass on a message, in as many slots as it takes; waits for these to be free."""
        for start in range(0, len(data) or 1, SLOT):
            part = data[start : start + SLOT] if len(data) > SLOT else data
            if not self._room:
                self._room += os.read(self._freed, SLOTS)
            slot = self._room.pop()
            self._slots[slot * SLOT : slot * SLOT + len(part)] = part
            more = start + SLOT < len(data)
            os.write(self._fill, _MESSAGE.pack(what, more, slot, len(part)))

    def receive(self) -> tuple[int, memoryview]:
        """The next message, as it lies in its slot: to be copied before the next one is asked for.
        OtherSideEnded where it did so in the middle of one, or in front of it."""
        what, more, data = self._part()
        if not more:
            return what, data
        parts = [data.tobytes()]
        while more:
            _, more, data = self._part()
            parts.append(data.tobytes())
        return what, memoryview(b"".join(parts))

    def _part(self) -> tuple[int, int, memoryview]:
        """What the next slot holds; the one before it is free from now on."""
        if self._taken:
            with suppress(BrokenPipeError):  # it has said all, and ended
                os.write(self._free, self._taken)
        message = os.read(self._full, _MESSAGE.size)
        if len(message) < _MESSAGE.size:
            raise OtherSideEnded
        what, more, slot, count = _MESSAGE.unpack(message)
        self._taken = bytes((slot,))
        return what, more, memoryview(self._slots)[slot * SLOT : slot * SLOT + count]

    def _close(self, *ends: int) -> None:
        for end in ends:
            os.close(end)
        self._open.difference_update(ends)
