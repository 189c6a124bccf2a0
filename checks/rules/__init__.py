"""The rules, one a module, in the order in which people read about them.

To add one: a module here, a line in `ALL`, a test, and `docs/checks.md` as `rules_markdown`
writes it. `tests/checks/rules/test_registry.py` sees to it that none of these is forgotten.
"""

from checks.engine.rule import Rule
from checks.rules.archive import ArchiveIntegrity, ArchiveSafety
from checks.rules.checksum import Checksum
from checks.rules.licenses import LicenseFiles
from checks.rules.paths import Paths
from checks.rules.signature import Signature
from checks.rules.structure import Structure

ALL: tuple[Rule, ...] = (
    Paths(),
    Checksum(),
    Signature(),
    ArchiveSafety(),
    ArchiveIntegrity(),
    Structure(),
    LicenseFiles(),
)
