import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checks.engine.patterns import matches


@pytest.mark.parametrize(
    ("patterns", "path", "named"),
    [
        (["*.zip"], "a.zip", True),
        (["*.zip"], "deep/down/a.zip", True),
        (["/*.zip"], "deep/a.zip", False),
        (["dist/*.zip"], "dist/a.zip", True),
        (["dist/*.zip"], "x/dist/a.zip", False),
        (["**/dist/*.zip"], "x/y/dist/a.zip", True),
        (["dist/**"], "dist/x/y/a.zip", True),
        (["dist/"], "dist/x/a.zip", True),
        (["dist/"], "dist", False),
        (["dist"], "x/dist/a.zip", True),
        (["*.zip", "!b.zip"], "b.zip", False),
        (["!b.zip", "*.zip"], "b.zip", True),
        (["a-?.zip"], "a-1.zip", True),
        (["a-[0-9].zip"], "a-x.zip", False),
        (["a-[!0-9].zip"], "a-x.zip", True),
        (["a/**/b.zip"], "a/b.zip", True),
        (["a/**/b.zip"], "a/x/y/b.zip", True),
        ([r"\!odd.zip"], "!odd.zip", True),
        (["# comment"], "# comment", False),
        (["", "/"], "a", False),
        (["a.zip"], "aXzip", False),
        ([r"[z-a].zip"], "z.zip", False),
    ],
)
def test_patterns_mean_what_gitignore_says(patterns, path, named):
    assert matches(patterns, path) is named


def test_a_pattern_made_to_be_slow_is_not():
    started = time.monotonic()
    assert not matches(["*a" * 200 + "b", "**/" * 100 + "b"], "a" * 400 + "/a" * 30)
    assert time.monotonic() - started < 2


@given(st.text(alphabet="ab*?[]!-\\/. #", max_size=30), st.text(alphabet="ab/-.", min_size=1))
def test_no_pattern_breaks_the_matcher(pattern, path):
    assert matches([pattern], path) in (True, False)
