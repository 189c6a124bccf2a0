"""One byte form for one value, so that a digest of it means something."""

import json
from typing import Any


def canonical(value: Any) -> bytes:
    """JSON with sorted keys, no spaces, UTF-8, no NaN: equal values give equal bytes.

    Values are what JSON has (RFC 8259); times and digests go in as strings. For the
    strings and integers used here this is the form of RFC 8785. Raises ValueError for
    NaN and infinities, TypeError for anything JSON does not have.
    """
    text = json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False
    )
    return text.encode("utf-8")
