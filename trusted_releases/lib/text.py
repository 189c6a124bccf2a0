"""What text from people may hold, so that every database, mail and page can carry it."""

import unicodedata

_KEPT = "\n\r\t"


def is_plain(text: str) -> bool:
    """Whether the text has no control characters (but line ends and tabs) and no half characters.

    NUL and lone surrogates are what databases refuse; the other controls, and U+2028 and U+2029,
    are what turns a header into two.
    """
    return all(
        char in _KEPT or unicodedata.category(char) not in ("Cc", "Cs", "Zl", "Zp") for char in text
    )
