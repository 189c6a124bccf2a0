"""The records of pax extended headers (POSIX.1-2017, pax, "Extended Header")."""

import re

from checks.engine.archive.problems import Problems

MAX_RECORDS = 1_000  # of one header; real ones hold a dozen

SEE = "tar --list --verbose --file {path}"

_TIME, _ID = re.compile(rb"-?[0-9]{1,18}(?:\.[0-9]*)?"), re.compile(rb"[0-9]{1,9}|[1-3][0-9]{9}")
_NUMBERS = {"atime": _TIME, "ctime": _TIME, "mtime": _TIME, "uid": _ID, "gid": _ID}
# A key that begins with a blank is another one to GNU tar, which skips blanks behind the length.
_LENGTH = re.compile(rb"([1-9][0-9]{0,8}) (?![ \t])")

# What a global header must not say: it would hold for every member after it, and programs differ.
_PERSONAL = frozenset({"path", "linkpath", "size", "hdrcharset"})


def records(data: bytes, problems: Problems, member: str) -> dict[str, bytes]:
    """All records of one header. Whatever programs could read in two ways ends the reading."""
    found: dict[str, bytes] = {}
    at = 0
    for _ in range(MAX_RECORDS):
        if at == len(data):
            return found
        length = _LENGTH.match(data, at)
        end = at + int(length[1]) if length else 0
        record = data[length.end() : end - 1] if length else b""
        key, equals, value = record.partition(b"=")
        if end > len(data) or data[end - 1 : end] != b"\n" or not key or not equals:
            problems.stop(
                "integrity.pax_record", "An extended header is not well-formed.", member, SEE
            )
        name = key.decode("utf-8", "backslashreplace")
        if found.setdefault(name, value) != value:
            problems.stop(
                "integrity.pax_record", f"An extended header gives {name!a} twice.", member, SEE
            )
        at = end
    if at < len(data):
        problems.stop(
            "safety.metadata", f"An extended header has more than {MAX_RECORDS} records.", member
        )
    return found


def check_global(found: dict[str, bytes], problems: Problems) -> None:
    """A header for all members that follow may comment, and nothing else that matters here."""
    for key in found:
        if key in _PERSONAL or key.startswith("GNU.sparse"):
            problems.stop(
                "integrity.pax_global", f"A global extended header sets {key!a} for all members."
            )


def text(found: dict[str, bytes], key: str, plain: str, problems: Problems, member: str) -> str:
    """A name or link target: the record's if there is one, else `plain` from the header.

    A record is for what the header cannot hold: more than a hundred bytes, or more than ASCII.
    Where it says something else without need, old programs unpack another path than new ones.
    """
    if key not in found:
        return plain
    raw = found[key]
    if b"\0" in raw or not raw:
        problems.stop(
            "integrity.pax_name", f"The extended header's {key} is empty or cut by a NUL.", member
        )
    errors = "surrogateescape" if found.get("hdrcharset") == b"BINARY" else "strict"
    try:
        value = raw.decode("utf-8", errors)
    except UnicodeDecodeError:
        problems.stop("integrity.pax_name", f"The extended header's {key} is not UTF-8.", member)
    if _differ(value, plain):
        problems.blocker(
            "integrity.override",
            f"The extended header's {key} ({value[:80]!a}) is not that of the header "
            f"({plain[:80]!a}): programs unpack different paths.",
            value,
            SEE,
        )
    return value


def check_long(value: str, plain: str, problems: Problems) -> None:
    """The same for the long names of GNU tar."""
    if _differ(value, plain):
        problems.blocker(
            "integrity.override",
            f"The long name ({value[:80]!a}) is not that of the header ({plain[:80]!a}): "
            "programs unpack different paths.",
            value,
            SEE,
        )


def _differ(value: str, plain: str) -> bool:
    return len(value) < 100 and value.isascii() and value.rstrip("/") != plain.rstrip("/")


def size(found: dict[str, bytes], plain: int, problems: Problems, member: str) -> int:
    """The size in bytes: one number, whichever header a program reads it from."""
    if "size" not in found:
        return plain
    raw = found["size"]
    if not raw.isdigit() or len(raw) > 20:
        problems.stop("integrity.pax_size", "The extended header's size is no number.", member)
    value = int(raw)
    if value != plain and value < 1 << 33:  # what eleven octal digits cannot hold
        problems.stop(
            "integrity.pax_size",
            f"The size is {value:,} in the extended header and {plain:,} in the header: programs "
            "read different files from here on.",
            member,
            SEE,
        )
    return value


def check_numbers(found: dict[str, bytes], problems: Problems, member: str) -> None:
    """Records that change nothing here have to be numbers all the same: GNU tar fails for others,
    where Python takes a zero and bsdtar nothing."""
    for key in _NUMBERS.keys() & found.keys():
        if not _NUMBERS[key].fullmatch(found[key]):
            problems.concern(
                "integrity.pax_number",
                f"The extended header's {key} is no number: GNU tar fails there.",
                member,
                SEE,
            )


def check_sparse(found: dict[str, bytes], problems: Problems, member: str) -> None:
    """Sparse files: their size and even their name are somewhere else."""
    if any(key.startswith("GNU.sparse.") or key == "SCHILY.realsize" for key in found):
        problems.stop(
            "safety.sparse", "A sparse file. Make the archive without --sparse.", member, SEE
        )
