"""What Apache RAT says of a file, in Python: its document type, and the licences it names.

Written after the documented behaviour of RAT, and compared with what RAT itself says of real
releases. Texts are found by substring search alone: nothing here takes more than linear time.
"""

from checks.engine.rat.documents import Type
from checks.engine.rat.licenses import License
from checks.engine.rat.read import WINDOW, Document, judge, read

__all__ = ["WINDOW", "Document", "License", "Type", "judge", "read"]
