"""`python -I confined.py PARENT LIMITS FOLDER PROGRAM ARGUMENT…`: a program that stays in a folder.

What it writes it can only write there, and what it reads only there and among what any program of
the system needs; no file that it writes gets larger than it may. Landlock of the kernel sees to
that, where the kernel has it; the limits hold everywhere. It ends with whoever started it.

This file is run by itself, with nothing but the standard library: it must be quick to start.
"""

import ctypes
import json
import os
import resource
import signal
import struct
import sys
from pathlib import Path

PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS = 1, 38  # linux/prctl.h
CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446  # on every machine alike
PATH_BENEATH = 1
VERSION = 1  # a flag: tell which version of Landlock there is
# linux/landlock.h. Which rights a version knows; one that it does not know is an error.
EXECUTE, WRITE, READ, LIST = 1, 2, 4, 8
KNOWN = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1}
SYSTEM = (
    *("/usr", "/lib", "/lib64", "/bin", "/sbin", "/opt", "/nix"),
    *("/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/passwd", "/etc/group"),
    *("/etc/nsswitch.conf", "/etc/localtime", "/dev/null", "/dev/urandom"),
)
OPEN_FILES = 256


def main(argv: list[str]) -> None:
    parent, limits, folder, *program = argv[1:]
    die_with(int(parent))
    bound(json.loads(limits))
    os.chdir(folder)
    stay_in(Path(folder), also=Path(program[0]).resolve().parent)
    # As those of a service: others may read what is meant for others, nobody else writes.
    os.umask(0o077)
    os.execv(program[0], program)  # noqa: S606 - the program and its arguments are ours


def die_with(parent: int) -> None:
    """Have the kernel end this process when its parent ends, however that ends."""
    if sys.platform.startswith("linux"):
        _libc().prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGKILL)


def bound(limits: dict[str, int]) -> None:
    """Memory and the size of a file in bytes, processor time in seconds."""
    for name, most in (
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_FSIZE, limits["file"]),
        (resource.RLIMIT_CPU, limits["cpu"]),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        hard = resource.getrlimit(name)[1]
        least = most if hard == resource.RLIM_INFINITY else min(most, hard)
        try:
            resource.setrlimit(name, (least, least))
        except ValueError:  # macOS takes no limit on address space below what is mapped
            if sys.platform.startswith("linux"):
                raise


def stay_in(folder: Path, *, also: Path) -> bool:
    """Give up every file but those below `folder`, and to read, those of the system and below
    `also`. False where the kernel has no Landlock."""
    if not sys.platform.startswith("linux"):
        return False
    libc = _libc()
    version = libc.syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(VERSION))
    if version < 1:
        return False
    rights = KNOWN[min(version, max(KNOWN))]
    attributes = struct.pack("=Q", rights)
    rules = libc.syscall(CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if rules < 0:
        return False
    _allow(libc, rules, folder, rights)
    for each in [also, *map(Path, SYSTEM)]:
        if each.is_dir():
            _allow(libc, rules, each, EXECUTE | READ | LIST)
        elif each.exists():
            _allow(libc, rules, each, READ | WRITE if each.is_char_device() else READ)
    zero = ctypes.c_ulong(0)
    libc.prctl(PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero)
    if libc.syscall(RESTRICT_SELF, rules, 0):
        raise OSError(ctypes.get_errno(), "the process cannot be confined")
    os.close(rules)
    return True


def _allow(libc: ctypes.CDLL, rules: int, place: Path, rights: int) -> None:
    where = os.open(place, os.O_PATH | os.O_CLOEXEC)
    try:
        rule = struct.pack("=Qi", rights, where)
        if libc.syscall(ADD_RULE, rules, PATH_BENEATH, rule, 0):
            raise OSError(ctypes.get_errno(), f"{place} cannot be opened to the process")
    finally:
        os.close(where)


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


if __name__ == "__main__":
    main(sys.argv)
