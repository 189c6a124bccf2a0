"""What a child process gives up before it reads a byte of a release. It cannot take it back.

Limits on memory, open files, written files and processor time come from setrlimit(2). The network
is closed by a seccomp filter, which needs no privilege and holds for everything the child starts,
or where that is not to be had by a network namespace of its own. The filter also refuses what would
let a process leave the group that is killed at the end, and what reaches into other processes.

A rule reads files and needs none of this: whatever asks for it has been taken over by a file.
"""

import ctypes
import os
import platform
import resource
import signal
import sys
from typing import NamedTuple

PR_SET_PDEATHSIG, PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS = 1, 22, 38  # linux/prctl.h
SECCOMP_MODE_FILTER = 2
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000  # linux/sched.h
MAX_WRITTEN = 256 << 20  # bytes of any file a check may write: keyrings of gpg are a few MB
MAX_FILES = 256  # open at once: an archive, pipes to gpg, and what Python itself keeps open
NICENESS = 10


class Machine(NamedTuple):
    """What the kernel calls a kind of processor, and the numbers it gives to what we refuse."""

    audit: int  # linux/audit.h
    refused: tuple[int, ...]


# socket, setsid, setpgid, ptrace, process_vm_readv, process_vm_writev, io_uring_setup: the last
# can open sockets too. Without a socket there is nothing to connect, bind or send with. Refused for
# every family: local sockets lead to databases and to container engines.
_GENERIC = (198, 157, 154, 117, 270, 271, 425)
MACHINES = {
    "x86_64": Machine(0xC000003E, (41, 112, 109, 101, 310, 311, 425)),
    "aarch64": Machine(0xC00000B7, _GENERIC),
    "riscv64": Machine(0xC00000F3, _GENERIC),
}
X32 = 0x40000000  # numbers from here on are those of x86_64's second set: all are refused

# linux/filter.h, linux/seccomp.h
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_ALLOW, _REFUSE, _KILL = 0x7FFF0000, 0x00050000 | 1, 0x80000000  # 1 is EPERM
_NUMBER, _MACHINE = 0, 4  # offsets in struct seccomp_data


class _Step(ctypes.Structure):
    _fields_ = (
        ("code", ctypes.c_uint16),
        ("jt", ctypes.c_uint8),
        ("jf", ctypes.c_uint8),
        ("k", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    _fields_ = (("len", ctypes.c_uint16), ("filter", ctypes.POINTER(_Step)))


def die_with_parent(parent: int) -> None:
    """Have the kernel end this process when its parent ends, however the parent ends."""
    if sys.platform.startswith("linux"):
        _libc().prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it had ended before we could ask
        os.kill(os.getpid(), signal.SIGKILL)


def limit(memory: int) -> None:
    """Bound what this process and its children may take: memory, files, core dumps, priority."""
    for name, bound in (
        (resource.RLIMIT_AS, memory),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, MAX_WRITTEN),
        (resource.RLIMIT_NOFILE, MAX_FILES),
    ):
        hard = resource.getrlimit(name)[1]
        bound = bound if hard == resource.RLIM_INFINITY else min(bound, hard)
        try:
            resource.setrlimit(name, (bound, bound))
        except ValueError:
            # macOS takes no limit on address space below what is mapped already, which is much.
            if sys.platform.startswith("linux"):
                raise
    os.nice(NICENESS)


def allow_cpu(seconds: int) -> None:
    """Give this process `seconds` more of CPU time than it has used: an allowance for one unit."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    hard = resource.getrlimit(resource.RLIMIT_CPU)[1]
    until = int(used.ru_utime + used.ru_stime) + 1 + seconds
    if hard != resource.RLIM_INFINITY:
        until = min(until, hard)
    resource.setrlimit(resource.RLIMIT_CPU, (until, hard))


def cpu_left() -> int | None:
    """How many seconds of CPU time this process may still use; None where nothing limits it."""
    soft = resource.getrlimit(resource.RLIMIT_CPU)[0]
    if soft == resource.RLIM_INFINITY:
        return None
    used = resource.getrusage(resource.RUSAGE_SELF)
    return max(soft - int(used.ru_utime + used.ru_stime), 1)


def close_network() -> str:
    """Take the network from this process and its children. Returns how: "filter", "namespace", or
    "" where this system has neither."""
    if not sys.platform.startswith("linux"):
        return ""
    if _filter():
        return "filter"
    return "namespace" if _namespace() else ""


def _filter() -> bool:
    machine = MACHINES.get(platform.machine())
    if machine is None or sys.maxsize < 1 << 32:  # the numbers are those of 64-bit programs
        return False
    program = _program(machine)
    steps = (_Step * len(program))(*program)
    fprog = _Program(len(program), steps)
    libc = _libc()
    zero = ctypes.c_ulong(0)
    if libc.prctl(PR_SET_NO_NEW_PRIVS, ctypes.c_ulong(1), zero, zero, zero):
        return False
    mode = ctypes.c_ulong(SECCOMP_MODE_FILTER)
    return not libc.prctl(PR_SET_SECCOMP, mode, ctypes.byref(fprog), zero, zero)


def _program(machine: Machine) -> list[_Step]:
    """The filter: calls of another machine's programs kill, the refused ones fail with EPERM."""
    ahead = len(machine.refused)
    tests = [_Step(_EQUAL, ahead - at, 0, number) for at, number in enumerate(machine.refused)]
    return [
        _Step(_LOAD, 0, 0, _MACHINE),
        _Step(_EQUAL, 1, 0, machine.audit),
        _Step(_RETURN, 0, 0, _KILL),
        _Step(_LOAD, 0, 0, _NUMBER),
        _Step(_AT_LEAST, ahead + 1, 0, X32),
        *tests,
        _Step(_RETURN, 0, 0, _ALLOW),
        _Step(_RETURN, 0, 0, _REFUSE),
    ]


def _namespace() -> bool:
    """A network namespace has nothing but a loopback that is down."""
    libc = _libc()
    return not (libc.unshare(CLONE_NEWUSER | CLONE_NEWNET) and libc.unshare(CLONE_NEWNET))


def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
