"""How to verify a release on one's own machine: commands that anybody can copy and run."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from releases.models import Entry, Release, Revision
from releases.texts import absolute
from trusted_releases.lib.paths import RESERVED

MOST = 40  # files that the commands name; beyond that nobody copies them by hand


@dataclass(frozen=True)
class Step:
    """A sentence that says what the command proves, and the command."""

    title: str
    command: str


def of_candidate(release: Release, revision: Revision, entries: Sequence[Entry]) -> list[Step]:
    """For voters: get the files under vote, and hold them against manifest, sums and keys."""
    some = entries[:MOST]
    fetch = [_curl(entry.path, _file(release, entry)) for entry in some]
    sums = "\n".join(f"{entry.blob.sha512}  {entry.path}" for entry in some)
    number = [*release.url_args, revision.number]
    manifest = absolute(reverse("releases:manifest", args=number))
    return [
        Step("Get the files", "\n".join(fetch)),
        Step("Compare them with the digests on this page", f"sha512sum -c <<'END'\n{sums}\nEND"),
        *_signatures(release, some),
        Step(
            f"Compare the manifest: this prints {revision.manifest_digest.removeprefix('sha256:')}",
            f"curl -fsS {shlex.quote(manifest)} | sha256sum",
        ),
    ]


def of_published(release: Release, location: str, entries: Sequence[Entry]) -> list[Step]:
    """For downstream users: get what is published, and hold it against sums and keys."""
    some = entries[:MOST]
    fetch = [_curl(entry.path, published(f"{location}/{entry.path}")) for entry in some]
    sums = published(f"{location}/{RESERVED}/SHA512SUMS")
    return [
        Step("Get the files", "\n".join(fetch)),
        Step(
            "Check them against the published checksums",
            f"curl -fsS {shlex.quote(sums)} | sha512sum -c --ignore-missing",
        ),
        *_signatures(release, some),
    ]


def published(path: str) -> str:
    """The address of a path in the download area."""
    return absolute(reverse("releases:published-file", args=[path]))


def _signatures(release: Release, entries: Sequence[Entry]) -> list[Step]:
    signed = [entry.path for entry in entries if entry.path.endswith(".asc")]
    if not signed:
        return []
    keys = absolute(reverse("keys:document", args=[release.committee.slug]))
    verify = [
        f"gpg --verify {shlex.quote(path)} {shlex.quote(path.removesuffix('.asc'))}"
        for path in signed
    ]
    return [
        Step("Import the committee's keys", f"curl -fsS {shlex.quote(keys)} | gpg --import"),
        Step("Verify the signatures: each says “Good signature”", "\n".join(verify)),
    ]


def _file(release: Release, entry: Entry) -> str:
    return absolute(reverse("releases:file", args=[*release.url_args, entry.path]))


def _curl(path: str, address: str) -> str:
    return f"curl -fL --create-dirs -o {shlex.quote(path)} {shlex.quote(address)}"
