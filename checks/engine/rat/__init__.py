"""What Apache RAT says of a file, in Python: its document type, and the licences it names.

Written after the documented behaviour of RAT, and compared with what RAT itself says of real
releases. Texts are found by substring search alone: nothing here takes more than linear time.
"""

from checks.engine.rat.documents import Type
from checks.engine.rat.licenses import License
from checks.engine.rat.read import PLAIN, STANDARD, WINDOW, Document, judge, read
from checks.engine.rat.together import ANYTHING, May, Texts

__all__ = [
    "ANYTHING",
    "PLAIN",
    "STANDARD",
    "WINDOW",
    "Document",
    "License",
    "May",
    "Texts",
    "Type",
    "judge",
    "read",
]
