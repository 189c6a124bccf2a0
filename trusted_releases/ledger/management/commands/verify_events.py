"""Prove the event log, or say row by row what is wrong with it."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.core.management import BaseCommand, CommandError

from trusted_releases.ledger import signing
from trusted_releases.ledger.verification import Verifier, inspect, own_keys

MAX_HEAD = 64 << 10  # bytes of a saved head


class Command(BaseCommand):
    help = (
        "Recomputes every leaf, root and signature of the event log. Prints what is wrong, row by "
        "row, and exits with 1 if anything is. Keep the head it prints (--json) somewhere else: "
        "with --head it proves later that nothing was cut off or rewritten since."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--head", metavar="FILE", help="a head saved earlier, as JSON")
        parser.add_argument("--json", action="store_true", help="one JSON object instead of text")
        parser.add_argument("--key", action="store_true", help="print the public key, and stop")
        parser.add_argument(
            "--trust",
            metavar="KEY",
            action="append",
            default=[],
            help="a public key (64 hexadecimal digits) that may have signed, beside the one in "
            "LOG_SIGNING_KEY_FILE: an earlier one, or the one to verify a copy with",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["key"]:
            self.stdout.write(signing.public_hex(signing.signing_key().public_key()))
            return
        verifier = Verifier(self._keys(options["trust"]), self._saved(options["head"]))
        found = []
        for problem in inspect(verifier):
            found.append(problem._asdict())
            if not options["json"]:
                self.stdout.write(f"{problem.where}: {problem.text} [{problem.code}]")
        head = verifier.head.as_json() if verifier.head else None
        if options["json"]:
            answer = {"entries": verifier.entries, "head": head, "problems": found}
            self.stdout.write(json.dumps(answer, indent=2))
        else:
            self._summary(verifier.entries, head, len(found))
        if found:
            raise SystemExit(1)

    def _summary(self, entries: int, head: dict[str, Any] | None, problems: int) -> None:
        if problems:
            self.stdout.write(f"{problems} problems in a log of {entries} entries.")
        elif head:
            self.stdout.write(f"The log is whole: {entries} entries, root {head['root']}.")
        else:
            self.stdout.write("The log is empty: no event has been sealed yet.")

    def _keys(self, trusted: list[str]) -> dict[str, Ed25519PublicKey]:
        """Those on the command line, and our own."""
        try:
            keys = [signing.public_key(text) for text in trusted]
        except ValueError:
            raise CommandError("--trust takes a public key: 64 hexadecimal digits.") from None
        return own_keys() | {signing.key_id(key): key for key in keys}

    def _saved(self, path: str | None) -> dict[str, Any] | None:
        """The saved head: the object itself, or what --json printed around it."""
        if path is None:
            return None
        try:
            with Path(path).open("rb") as stream:
                saved = json.loads(stream.read(MAX_HEAD))
            saved = saved.get("head", saved)
            kinds = {"size": int, "root": str, "at": str, "key_id": str, "signature": str}
            if all(type(saved[name]) is kind for name, kind in kinds.items()):
                return {name: saved[name] for name in kinds}
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            raise CommandError(f"{path} is not a saved head: {error}") from None
        raise CommandError(
            f"{path} is not a saved head: it lacks size, root, at, key or signature."
        )
