"""What one can ask `trusted-check` for, and what its exit codes mean."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NoReturn

from checks import rules
from checks.engine.model import Level
from checks.laptop.colours import CHOICES
from trusted_releases import VERSION

BAD_USAGE = 2
CHECK_FAILED = 5
CODES: Mapping[str, int] = MappingProxyType(
    {Level.BLOCKER: 1, Level.CONCERN: 3, Level.SUGGESTION: 4}
)

DESCRIPTION = """\
Check the files of a release in DIR as the platform will, before anything is uploaded.
No account is needed, and no network unless --from is given. Nothing in DIR is changed.
"""

EPILOG = """\
exit codes:
  0    nothing at the level of --fail-on, or above it
  1    a blocker: it must be fixed before a vote
  2    wrong arguments, or something that cannot be read or fetched
  3    a concern: it must be looked at and acknowledged
  4    a suggestion (with --fail-on suggestion)
  5    a check could not run: what was not checked has not passed
  130  stopped with Ctrl-C

examples:
  trusted-check dist/ --keys KEYS
  trusted-check dist/ --from https://releases.example.org/projects/tool/ --release 1.2.0
  trusted-check dist/ --policy policy.json --sarif > findings.sarif

The environment variable NO_COLOR, set to anything, leaves out colours.
"""


class _Parser(ArgumentParser):
    """Says what is wrong with the arguments, and where to find those that there are."""

    def error(self, message: str) -> NoReturn:
        self.exit(BAD_USAGE, f"{self.prog}: {message}.\nTry {self.prog} --help.\n")

    def parse_args(self, *given: Any, **more: Any) -> Any:
        asked = super().parse_args(*given, **more)
        if asked.folder is None and not asked.rules:
            self.error("which folder? Give the one that holds the files of the release")
        return asked


def parser() -> ArgumentParser:
    """The parser of the program."""
    made = _Parser(
        prog="trusted-check",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=RawDescriptionHelpFormatter,
    )
    made.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="the release's files")
    add_arguments(made)
    made.add_argument(
        "--color", choices=CHOICES, default="auto", help="colours (default: on a terminal)"
    )
    made.add_argument("-q", "--quiet", action="store_true", help="leave out what is fine")
    made.add_argument("--rules", action="store_true", help="list the rules, and end")
    made.add_argument(
        "--version", action="version", version=f"%(prog)s {VERSION}, {len(rules.ALL)} rules"
    )
    return made


def add_arguments(to: ArgumentParser) -> None:
    """The arguments that the command of the site has as well."""
    to.add_argument("--keys", type=Path, metavar="FILE", help="the committee's KEYS file")
    terms = to.add_mutually_exclusive_group()
    terms.add_argument("--policy", type=Path, metavar="FILE", help="the project's policy, as JSON")
    terms.add_argument(
        "--from",
        dest="server",
        metavar="URL",
        help="fetch policy and KEYS: the page of the project, or of the release, on the platform",
    )
    to.add_argument(
        "--release", default="", metavar="VERSION", help="the version that the files should carry"
    )
    to.add_argument(
        "--source", type=Path, metavar="DIR", help="compare with this git checkout, or folder"
    )
    to.add_argument(
        "--commit", default="HEAD", help="with --source: the commit or tag (default: %(default)s)"
    )
    form = to.add_mutually_exclusive_group()
    form.add_argument("--json", action="store_true", help="print the findings document")
    form.add_argument("--sarif", action="store_true", help="print SARIF 2.1.0")
    to.add_argument(
        "--fail-on",
        choices=[str(level) for level in reversed(Level) if level != Level.NOTE],
        default=str(Level.CONCERN),
        help="the least level that is a failure (default: %(default)s)",
    )
    to.add_argument(
        "--in-process",
        action="store_true",
        help="without a process of its own and its limits; not for files of strangers",
    )
