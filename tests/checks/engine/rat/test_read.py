"""One file as RAT reads it, and what no file may do."""

import time

import pytest

from checks.engine import rat

URL = "https://www.apache.org/licenses/LICENSE-2.0"
NOTICE2 = 'Licensed under the Apache License, Version 2.0 (the "License")'
HEADER = f"# Licensed to the ASF under\n# {URL}\n"


def first(text: str | bytes, name: str = "a.py") -> str:
    """The id of the first licence, or the type where none is needed, or "?"."""
    content = text.encode() if isinstance(text, str) else text
    document = rat.read(name, content)
    assert rat.judge(name, content).is_approved == document.is_approved
    if document.licenses:
        return document.licenses[0].id
    return "?" if document.is_unknown else str(document.type)


def spdx(*ids: str) -> str:
    return "".join(f"# SPDX-License-Identifier: {each}\n" for each in ids)


def test_all_licences_are_told_in_the_order_of_rat():
    document = rat.read("a.py", (spdx("MIT", "GPL-2.0-only") + HEADER).encode())
    assert [each.id for each in document.licenses] == ["AL2.0", "GPL2", "MIT"]
    assert document.hidden.id == "GPL2"
    assert rat.judge("a.py", (spdx("GPL-2.0-only") + HEADER).encode()).hidden.id == "GPL2"


def test_an_address_counts_with_its_scheme_only():
    assert first(f"# {URL.removeprefix('https')}") == "?"
    assert first(f"# {URL.removeprefix('https')} {URL}") == "AL2.0"


def test_an_address_in_ascii_is_none_in_a_file_of_utf16():
    assert first(b"\xfe\xff" + URL.encode()) == "?"
    assert first(URL.encode("utf-16")) == "AL2.0"


@pytest.mark.parametrize(
    "unit",
    [
        *("<!-- >", "<!--", "<?", "<!", "<?x?>", "Copyright ", "(c) ", "&copy;", "generated "),
        *("SPDX-License-Identifier: a ", "apache license copyright 2000 ", "licen", "- ", "\0"),
        *("Copyright 1995" + "-" * 40, "apache group (c) 1995 - ", "é", "“", "workspace file "),
        "".join(map(chr, range(0x4E00, 0x5E00))),
    ],
)
def test_no_text_takes_long(unit):
    content = (unit * (rat.WINDOW // len(unit.encode()) + 1)).encode()[: rat.WINDOW]
    started = time.process_time()
    rat.read("a.xml", content)
    rat.read("a.xml", b"apachegroup redistribution licen " + content[:-40])
    assert time.process_time() - started < 0.5
