"""`manage.py check_files`: what the checks will say, before anything is uploaded."""

import json
import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from checks.engine.child import run_in_child
from checks.engine.document import document
from checks.engine.folder import candidate_from
from checks.engine.model import Candidate, Policy
from checks.engine.plan import plan
from checks.engine.run import run
from checks.engine.text import lines
from trusted_releases.lib.errors import BadInput

BAD_USAGE = 2
MAX_POLICY = 1 << 20  # bytes


class Command(BaseCommand):
    help = "Check the files in a folder as the platform will: no account and no database needed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, metavar="DIR")
        parser.add_argument("--json", action="store_true", help="print the findings document")
        parser.add_argument("--keys", type=Path, metavar="FILE", help="the committee's KEYS")
        parser.add_argument("--policy", type=Path, metavar="FILE", help="a project's policy, JSON")
        parser.add_argument(
            "--in-process", action="store_true", help="without a child process and its limits"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            policy = _policy(options["policy"]) if options["policy"] else Policy()
            candidate = candidate_from(options["folder"], policy, options["keys"])
        except BadInput as error:
            raise CommandError(str(error), returncode=BAD_USAGE) from error
        findings = _check(candidate, in_process=options["in_process"])
        if options["json"]:
            self.stdout.write(json.dumps(findings, indent=2, sort_keys=True))
        else:
            paint = self._paint if self.stdout.isatty() else None
            notes = options["verbosity"] > 0
            self.stdout.write("\n".join(lines(findings, notes=notes, paint=paint)))
        if findings["verdict"] != "passed":
            sys.exit(1)

    def _paint(self, level: str, text: str) -> str:
        styles = {
            "error": self.style.ERROR,
            "blocker": self.style.ERROR,
            "concern": self.style.WARNING,
            "note": self.style.SUCCESS,
        }
        return str(styles.get(level, str)(text))


def _check(candidate: Candidate, *, in_process: bool) -> dict[str, Any]:
    units = plan(candidate)
    results = run(candidate, units) if in_process else run_in_child(candidate, units)
    return document(candidate, results)


def _policy(path: Path) -> Policy:
    """A policy from a JSON file, or BadInput with what is wrong with it."""
    try:
        with path.open("rb") as stream:
            value = json.loads(stream.read(MAX_POLICY))
        return Policy.from_json(value)
    except OSError as error:
        raise BadInput(f"{path} cannot be read: {error.strerror}.") from error
    except (TypeError, ValueError, RecursionError) as error:
        raise BadInput(f"{path} is no policy: {error}.") from error
