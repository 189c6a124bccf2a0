"""What two processes pass to one another, each in its own turn."""

import mmap
import os
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

import pytest

from checks.engine.archive.line import SLOT, SLOTS, Line, OtherSideEnded


@contextmanager
def sent_by_another(send: Callable[[Line], None]) -> Iterator[Line]:
    """The side that receives, while another process sends and ends."""
    with closing(Line()) as line:
        child = os.fork()
        if not child:
            try:
                line.begin_to_send()
                send(line)
            finally:
                os._exit(0)
        line.begin_to_receive()
        yield line
        os.waitpid(child, 0)


def test_a_line_carries_more_than_it_has_room_for():
    messages = [bytes([n]) * (SLOT // 2 * (n % 5)) for n in range(2 * SLOTS + 2)]

    def send(line):
        for number, data in enumerate(messages):
            line.send(number, data)

    with sent_by_another(send) as line:
        received = [(what, data.tobytes()) for what, data in (line.receive() for _ in messages)]
        with pytest.raises(OtherSideEnded):
            line.receive()
    assert received == list(enumerate(messages))


def test_who_sends_is_ahead_by_all_slots_and_no_more():
    with mmap.mmap(-1, mmap.PAGESIZE) as done:

        def send(line):
            for number in range(SLOTS + 3):
                line.send(1, b"x")
                done[0] = number + 1

        def comes_to(count):
            end = time.monotonic() + 30
            while done[0] < count and time.monotonic() < end:
                time.sleep(0.01)
            time.sleep(0.1)
            return done[0]

        with sent_by_another(send) as line:
            assert comes_to(SLOTS) == SLOTS
            line.receive()  # its slot is free when the next one is asked for
            assert comes_to(SLOTS) == SLOTS
            line.receive()
            assert comes_to(SLOTS + 1) == SLOTS + 1
            for _ in range(SLOTS + 1):
                line.receive()
