"""What is fuzzed: by name, with what it is fed first, and its share of the time."""

import json
import tarfile
import zlib
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import NamedTuple

import zstandard

from checks.engine.model import Policy
from checks.engine.rat import texts as licences
from keys.openpgp_armor import SIGNATURE, armor
from tests.checks.engine.archive import build, build_zip
from tests.checks.engine.archive.build_zip import Zipped
from tests.fuzz import archives, built, documents, mending, texts
from tests.shared import ROOT, SHARED

Run = Callable[[bytes], None]
SMALL = 16 << 10  # bytes of the largest input


def same(data: bytes) -> bytes:
    return data


class Target(NamedTuple):
    """Something that is fed with bytes, and raises where what must hold does not."""

    run: Run
    seeds: Callable[[], Iterator[bytes]]
    share: int
    mend: Callable[[bytes], bytes] = same
    words: tuple[bytes, ...] = ()


def _evil(*suffixes: str) -> Iterator[bytes]:
    """The small archives of the hostile corpus, where there is one."""
    cases = SHARED / "data" / "evil" / "cases.tar.xz"
    if not cases.exists():
        return
    with tarfile.open(cases) as corpus:
        for member in corpus:
            if member.isfile() and member.name.endswith(suffixes) and member.size <= 4 * SMALL:
                stream = corpus.extractfile(member)
                assert stream is not None
                yield stream.read()


def _tars() -> Iterator[bytes]:
    yield build.tar()
    yield build.tar(build.symlink("t-1/link", "LICENSE"), build.hardlink("t-1/x", "t-1/LICENSE"))
    yield build.tar(build.extended(build.record("path", "t-1/ä")), build.file("t-1/a", b"x" * 600))
    yield build.tar(build.extended(build.record("size", "3")), build.file("t-1/a", b"abc"))
    yield build.tar(build.extended(build.record("comment", "c"), type_=b"g"), build.file("t-1/a"))
    yield build.tar(build.long_name("t-1/" + "n" * 120), build.file("t-1/n", b"x"))
    yield build.tar(build.long_name("to" * 60, b"K"), build.symlink("t-1/l", "to"))
    yield build.tar(build.file("a", b"x", prefix=b"t-1/folder"))
    for data in _evil(".tar.gz", ".tgz"):
        try:
            plain = archives.UNPACK["tar.gz"](data)
        except (OSError, EOFError, zlib.error):
            continue
        if len(plain) <= 2 * SMALL:
            yield plain


def _zips() -> Iterator[bytes]:
    yield build_zip.zipped()
    yield build_zip.zipped(Zipped(b"t-1/x", b"text " * 300), Zipped(b"t-1/y", b"y", method=0))
    link = Zipped(b"t-1/l", b"LICENSE", method=0, attributes=0o120777)
    yield build_zip.zipped(link, Zipped("t-1/ä".encode(), b"", flags=1 << 11), comment=b"hello")
    streamed = Zipped(b"t-1/s", b"s" * 99, flags=8, local={"crc": 0, "packed": 0, "size": 0})
    streamed.behind = build_zip.descriptor(streamed.data, len(streamed.content()))
    yield build_zip.zipped(streamed)
    yield from (data for data in _evil(".zip") if len(data) <= SMALL)


def _streams() -> Iterator[bytes]:
    for number, format_ in enumerate(sorted(archives.PACK)):
        pack = archives.PACK[format_]
        yield bytes([number]) + pack(build.tar())
        yield bytes([number]) + pack(build.tar()[:700]) + pack(build.tar()[700:])
    yield from (b"\1" + data for data in _evil(".tar.gz") if len(data) <= SMALL)


def _squeezed(pack: Callable[[bytes], bytes]) -> Iterator[bytes]:
    for plain in (b"", b"a" * 5000, bytes(range(256)) * 9):
        yield b"\xff\x0f" + pack(plain)


def _draws() -> Iterator[bytes]:
    yield bytes(range(240))
    yield from (bytes([step]) * 200 for step in range(1, 12))


def _deflated(plain: bytes) -> bytes:
    squeezed = zlib.compressobj(9, zlib.DEFLATED, -15)
    return squeezed.compress(plain) + squeezed.flush()


def _packets() -> Iterator[bytes]:
    """A key with a user id and a signature, as their frames go; both forms of lengths."""
    key = b"\x04" + bytes(4) + b"\x16" + b"\x09+\x06\x01\x04\x01\xdaG\x0f\x01" + bytes(35)
    facts = b"\x04\x13\x16\x08\x00\x06\x05\x02" + bytes(4) + b"\x00\x00" + bytes(8)
    parts = ((6, key), (13, b"Alice <alice@apache.org>"), (2, facts))
    yield b"".join(bytes([0xC0 | tag, len(body)]) + body for tag, body in parts)
    yield b"".join(bytes([0x80 | tag << 2, len(body)]) + body for tag, body in parts)


def _keys() -> Iterator[bytes]:
    for content in _packets():
        yield b"pub  Alice\n" + armor(content) + b"\nuid  Bob\n" + armor(content)


def _signatures() -> Iterator[bytes]:
    for content in _packets():
        yield armor(content[-22:], SIGNATURE)
        yield armor(content)


def _lines(*texts_: str) -> Iterator[bytes]:
    return (text.encode() for text in texts_)


HEADER = (ROOT / "tests/fuzz/header.txt").read_bytes()
LICENSE = (ROOT / "LICENSE").read_bytes()
DIGEST = "0123456789abcdef" * 8
_PATTERNS = (b"**", b"/", b"*", b"?", b"!", b"[a-", b"]", b"\\", b"%ant[", b"%regex[", b"\n", b"#")
_RAT = (
    b"SPDX-License-Identifier: ", b"Apache-2.0", b"GPL-3.0-only", b"generated", b"Copyright 2000 ",
    b"The Apache Software Foundation", b"http://www.apache.org/licenses/LICENSE-2.0", b"<!--",
    b"#!/",
)  # fmt: skip

TARGETS = {
    "tar": Target(archives.tar, _tars, 12, mending.tar, (b"ustar  \0", b"path=", b" size=")),
    "zip": Target(archives.zip_, _zips, 12, mending.zip_, (b"PK\1\2", b"PK\3\4", b"PK\7\x08")),
    "streams": Target(archives.streams, _streams, 8, mending.stream, (b"\x1f\x8b\x08", b"BZh9")),
    "built-tar": Target(built.tar, _draws, 8),
    "built-zip": Target(built.zip_, _draws, 8),
    "inflate": Target(texts.inflate, partial(_squeezed, _deflated), 3),
    "zstd": Target(
        texts.zstd,
        partial(_squeezed, lambda plain: zstandard.ZstdCompressor().compress(plain)[1:]),
        3,
    ),
    "rat": Target(
        texts.rat_matcher,
        lambda: iter(
            [
                b"a.py\n" + HEADER,
                b"a.xml\n<?xml version='1.0'?>\n<!-- " + HEADER + b"--><rdf:RDF/>",
                b"a\n#!/usr/bin/python\n# SPDX-License-Identifier: MIT OR GPL-2.0-only",
                b"x.txt\nCopyright (c) 2020 Foo\n" + licences.BSD3.encode(),
                b"b.c\nThis file was generated by foo\n",
            ]
        ),
        6,
        words=_RAT,
    ),
    "excludes": Target(
        texts.rat_excludes,
        partial(_lines, "**/*.txt\n# no\n!a\n%ant[b/*]\nsub/\0a/b.txt\nsub/x\ntarget/y\n"),
        4,
        words=_PATTERNS,
    ),
    "gitignore": Target(
        texts.gitignore, partial(_lines, "a/b/c.txt\n*.txt\n!b/\n/a/**/c?[a-z]"), 3, words=_PATTERNS
    ),
    "ignores": Target(
        texts.ignores,
        partial(_lines, "lib/*.py\nlib/x.pyc", "^a(b|c)+$\nabc", "!x\ny"),
        2,
        words=_PATTERNS,
    ),
    "header": Target(
        texts.header,
        lambda: iter([HEADER, HEADER.replace(b"\n", b"\n# "), b"Licensed to the Foo.\n" + HEADER]),
        2,
        words=(b"Licensed to the", b"under the License", b"SPDX-"),
    ),
    "legal": Target(
        texts.legal_texts,
        lambda: iter([LICENSE, (ROOT / "NOTICE").read_bytes(), b"\xef\xbb\xbf" + LICENSE]),
        2,
    ),
    "checksums": Target(
        texts.checksums,
        partial(
            _lines,
            DIGEST,
            f"{DIGEST}  x.tar.gz\n",
            f"SHA512 (x) = {DIGEST}",
            f"x: {DIGEST.upper()}",
        ),
        2,
    ),
    "manifests": Target(
        texts.manifests, partial(_lines, json.dumps({"name": "@x/thing", "version": "1.2.3"})), 1
    ),
    "paths": Target(
        texts.paths,
        partial(_lines, "a/b-1.0-src.tar.gz.asc.md5", "x.cdx.json.sha512", ".a/KEYS"),
        1,
    ),
    "keys": Target(documents.key_files, _keys, 3, words=(b"-----BEGIN PGP PUBLIC KEY BLOCK-----",)),
    "packets": Target(documents.key_packets, _packets, 3),
    "signatures": Target(documents.signature_files, _signatures, 3),
    "policy": Target(
        documents.policies,
        partial(_lines, json.dumps(Policy(project="tool").as_json()), '{"limits": {"depth": 1}}'),
        1,
    ),
    "reports": Target(
        documents.rat_reports,
        partial(_lines, '<rat-report><resource name="/a" type="NOTICE"/></rat-report>'),
        1,
        words=(b"<resource ", b"<!DOCTYPE ", b"<!ENTITY ", b"&a;", b"<license id="),
    ),
}

FOUND = Path(__file__).parent / "found"


def kept() -> Iterator[tuple[str, Path]]:
    """What was found once, by target."""
    for path in sorted(FOUND.glob("*/*")):
        yield path.parent.name, path
