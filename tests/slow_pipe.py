"""`python slow_pipe.py PORT BYTES`: joins its input and output to a port, so many bytes a second.

What `ssh -o ProxyCommand` takes, so that a transfer lasts as long as a test needs it to.
"""

import os
import socket
import sys
import threading
import time


def main(port: int, rate: int) -> None:
    there = socket.create_connection(("127.0.0.1", port))
    threading.Thread(target=_back, args=(there,), daemon=True).start()
    while block := sys.stdin.buffer.read1(4096):
        there.sendall(block)
        time.sleep(len(block) / rate)
    there.shutdown(socket.SHUT_WR)


def _back(there: socket.socket) -> None:
    try:
        while block := there.recv(4096):
            sys.stdout.buffer.write(block)
            sys.stdout.buffer.flush()
    finally:
        os._exit(0)  # whoever still writes to us is told by that, also where the other side died


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
