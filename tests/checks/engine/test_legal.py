import hashlib
import time

import pytest

from checks.engine.legal import LICENSE_TEXT, judge_license, judge_notice
from checks.engine.model import Level
from tests.checks.engine.made import LICENSE

ASF = "The Apache Software Foundation"
PLACE = b"Copyright [yyyy] [name of copyright owner]"
ATTRIBUTION = "This product includes software developed at The Apache Software Foundation."


def test_the_licence_we_compare_with_is_the_published_one():
    digest = hashlib.sha256(LICENSE_TEXT.read_bytes()).hexdigest()
    assert digest == "cfc7749b96f63bd31c3c42b5c471bf756814053e847c10f3eb003417bc523d30"


def https(text):
    return text.replace(b"http://www.apache.org/licenses/", b"https://www.apache.org/licenses/")


def rewrapped(text):
    return b"\n".join(text.split())


@pytest.mark.parametrize(
    ("content", "level"),
    [
        (LICENSE, Level.NOTE),
        (LICENSE + b"\n\nThe parts in lib/ have these licences:\nMIT ...", Level.NOTE),
        (LICENSE.replace(b"\n", b"\r\n"), Level.NOTE),
        (https(LICENSE), Level.NOTE),
        (LICENSE.replace(PLACE, b"Copyright 2024 Example Authors"), Level.NOTE),
        (LICENSE.replace(PLACE, b"Copyright 2024 One\n   Copyright 2025 Two"), Level.NOTE),
        (b"\xef\xbb\xbf" + LICENSE, Level.SUGGESTION),
        (b"License for Example:\n\n" + LICENSE, Level.SUGGESTION),
        (LICENSE.replace(b"Derivative Works", b"Derivative  Works", 1), Level.SUGGESTION),
        (rewrapped(LICENSE), Level.SUGGESTION),
        (LICENSE.partition(b"APPENDIX")[0], Level.BLOCKER),
        (LICENSE[: len(LICENSE) // 2], Level.BLOCKER),
        (LICENSE.replace(b"perpetual", b"eternal", 1), Level.BLOCKER),
        (LICENSE.replace(b"perpetual,", b"", 1), Level.BLOCKER),
        (LICENSE.replace(PLACE, b"word " * 100), Level.BLOCKER),
        (b"MIT License", Level.BLOCKER),
        (b"", Level.BLOCKER),
        (b"\x00\xff" * 1000, Level.BLOCKER),
    ],
)
def test_licences_are_compared_by_their_words(content, level):
    judged = judge_license(content)
    assert judged.level == level
    assert ("diff" in judged.data) == (level == Level.BLOCKER)


def test_only_the_first_mebibyte_is_read():
    assert judge_license(b" " * (1 << 20) + LICENSE).level == Level.BLOCKER


@pytest.mark.parametrize(
    "copyright",
    [
        "Copyright 2024 The Apache Software Foundation",
        "Copyright 2020-2024 The Apache Software Foundation",
        "Copyright 2020 - 2024 The Apache Software Foundation",
        "Copyright (c) 2024 The Apache Software Foundation.",
        "Copyright (C) 2006 - 2019, The Apache Software Foundation",
        "Copyright 2020, 2024 The Apache Software Foundation",
        "Copyright 2020-present The Apache Software Foundation",
        "Copyright 2024 Apache Software Foundation",
        "Copyright \N{COPYRIGHT SIGN} 2019\N{EN DASH}2024\nThe Apache Software\nFoundation",
        "Copyright The Apache Software Foundation, 2024",
    ],
)
def test_copyright_lines_in_use_are_right(copyright):
    text = f"Apache Example\n{copyright}\n\n{ATTRIBUTION}\n"
    assert judge_notice(text.encode(), ASF).level == Level.NOTE


@pytest.mark.parametrize(
    "attribution",
    [
        ATTRIBUTION,
        "This product includes software developed by\nThe Apache Software Foundation",
        "This product includes software developed by many people, and distributed under "
        "Contributor License Agreements to The Apache Software Foundation (http://x).",
        "This software contains code developed for the Apache Software Foundation",
    ],
)
def test_attributions_in_use_are_right(attribution):
    text = f"Apache Example\nCopyright 2024 The Apache Software Foundation\n\n{attribution}\n"
    assert judge_notice(text.encode(), ASF).level == Level.NOTE


@pytest.mark.parametrize(
    ("text", "issues"),
    [
        (ATTRIBUTION, ["copyright"]),
        (f"Copyright 24 The Apache Software Foundation\n{ATTRIBUTION}", ["copyright"]),
        (f"Copyright 2024 Example Inc.\n{ATTRIBUTION}", ["copyright"]),
        (f"Copyright 2024 friends of The Apache Software Foundation {ATTRIBUTION}", ["copyright"]),
        ("Copyright 2024 The Apache Software Foundation", ["attribution"]),
        ("", ["copyright", "attribution"]),
    ],
)
def test_what_is_missing_from_a_notice_is_a_concern_that_names_it(text, issues):
    judged = judge_notice(text.encode(), ASF)
    assert judged.level == Level.CONCERN
    assert [issue.split()[0] for issue in judged.data["issues"]] == issues


def test_a_notice_in_latin_1_is_a_concern():
    judged = judge_notice(
        "Copyright 2024 Andr\N{LATIN SMALL LETTER E WITH ACUTE}".encode("latin-1"), ASF
    )
    assert judged.level == Level.CONCERN
    assert "UTF-8" in judged.message


def test_a_character_cut_at_the_limit_is_not_held_against_a_notice():
    start = f"Copyright 2024 {ASF}\n{ATTRIBUTION}\n".encode()
    text = start + b"x" * ((1 << 20) - len(start) - 1) + "\N{EURO SIGN}".encode()
    assert judge_notice(text, ASF).level == Level.NOTE


@pytest.mark.parametrize(
    "text",
    [
        "copyright " * 100_000,
        "copyright 2024 the " * 50_000,
        "Apache Software Foundation " * 38_000,
    ],
)
def test_texts_made_to_be_slow_are_not(text):
    started = time.monotonic()
    judge_notice(text.encode(), ASF)
    judge_license(text.encode())
    assert time.monotonic() - started < 5
