"""What names may look like in addresses and bodies of the API, one rule for each kind.

The rules of the contract (identifiers); what cannot exist is refused before anything is looked for.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

# Without anchors, as the API's schema has them; `fits` matches the whole.
GRAMMAR: Mapping[str, str] = MappingProxyType(
    {
        "project": r"[a-z0-9-]{1,60}",
        "committee": r"[A-Za-z0-9-]{1,60}",
        "version": r"[A-Za-z0-9-](?:[A-Za-z0-9.+-]{0,62}[A-Za-z0-9-])?",
        "revision": r"[0-9]{1,9}",
        "person": r"[a-z][a-z0-9_-]{2,149}",
        "fingerprint": r"[0-9A-Fa-f]{16,64}",
        "number": r"[0-9]{1,18}",
    }
)


def fits(kind: str, text: str) -> bool:
    """Whether the text is a possible name of this kind."""
    return re.fullmatch(GRAMMAR[kind], text, re.ASCII) is not None
