"""How to verify a release on one's own machine: commands that anybody can copy and run."""

import shlex
from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse

from releases.models import Entry, Publication, Release, Revision, Vote
from releases.texts import absolute
from trusted_releases.lib.paths import RESERVED
from trusted_releases.lib.text import one_line

MOST = 12  # files that a page spells out; beyond that one takes the script as a file


@dataclass(frozen=True)
class Step:
    """A sentence that says what the command proves, and the command."""

    title: str
    command: str


@dataclass(frozen=True)
class Script:
    """A shell script that verifies one set of files, into a folder of its own, and says so.

    It trusts what stands in it: the digests of the files and of the manifest. Everything else it
    fetches and compares. The reader's own keyring is not touched.
    """

    title: str
    folder: str
    files: str  # the address below which the files lie
    query: str  # what follows a file's name in its address
    entries: Sequence[Entry]
    manifest: str  # the address of the manifest
    digest: str  # its SHA-256
    keys: str  # the address of the KEYS file

    @property
    def text(self) -> str:
        """The script as a file."""
        return "\n".join(
            [
                f"# Verifies {one_line(self.title)}",
                f"# into the folder {self.folder}. It needs curl and gpg, and touches no keyring.",
                _BEGIN.format(folder=shlex.quote(self.folder)),
                f"# 1. Get the {_count(len(self.entries), 'file')}.",
                f"from={shlex.quote(self.files)}",
                f'get() {{ curl -fsSL --create-dirs -o "$1" "$from/$1{self.query}"; }}',
                *(f"get {shlex.quote(entry.path)}" for entry in self.entries),
                "\n# 2. Compare them with the digests of the page that gave you this script.",
                "cat > _proof/SHA512SUMS <<'SUMS'",
                *(f"{entry.blob.sha512}  {entry.path}" for entry in self.entries),
                "SUMS",
                "sha 512 _proof/SHA512SUMS",
                "\n# 3. Compare the manifest: these files, no others, and the digest of the vote.",
                f"curl -fsSL -o _proof/manifest.json {shlex.quote(self.manifest)}",
                f"echo '{self.digest}  _proof/manifest.json' > _proof/manifest.sha256",
                "sha 256 _proof/manifest.sha256",
                _SAME_FILES.format(count=len(self.entries)),
                *self._signatures(),
                f'echo "VERIFIED: {_count(len(self.entries), "file")}, '
                f'{_count(len(self._signed), "good signature")}, manifest {self.digest[:12]}."',
                "",
            ]
        )

    @property
    def pasted(self) -> str:
        """The script as a command for a terminal, whatever shell is running there."""
        return f"bash <<'VERIFY'\n{self.text}VERIFY"

    @property
    def is_short(self) -> bool:
        """Whether a page can show it whole."""
        return len(self.entries) <= MOST

    @property
    def _signed(self) -> list[str]:
        return [entry.path for entry in self.entries if entry.path.endswith(".asc")]

    def _signatures(self) -> list[str]:
        if not self._signed:
            return ["\n# 4. There are no signatures to verify."]
        return [
            "\n# 4. Verify the signatures, with the keys of the committee and no others.",
            'export GNUPGHOME="$home"',
            f"curl -fsSL -o _proof/KEYS {shlex.quote(self.keys)}",
            "gpg --batch --quiet --import _proof/KEYS",
            *(f"gpg --batch --verify {_pair(path)}" for path in self._signed),
        ]


_BEGIN = """set -eu
home="$(mktemp -d)"
end() {{ code=$?; rm -rf "$home"; [ $code = 0 ] || echo "NOT VERIFIED: see above." >&2; }}
trap end EXIT
sha() {{
  if command -v "sha$1sum" > /dev/null; then "sha$1sum" -c "$2"; else shasum -a "$1" -c "$2"; fi
}}
mkdir -p {folder}/_proof
cd {folder}
"""
_SAME_FILES = """[ "$(grep -o '"path":' _proof/manifest.json | wc -l)" -eq {count} ] || {{
  echo "The manifest names other files than this script." >&2; exit 1; }}
while read -r sum path; do
  for each in "$sum" "$path"; do
    grep -qF "\\"$each\\"" _proof/manifest.json || {{
      echo "$path is not in the manifest with this digest." >&2; exit 1; }}
  done
done < _proof/SHA512SUMS"""


def fetched(name: str, *arguments: object) -> str:
    """The commands that fetch a script from the address of this name, and run it."""
    address = absolute(reverse(name, args=arguments))
    return f"curl -fsSL -o verify.sh {shlex.quote(address)}\nbash verify.sh"


def script_of_candidate(vote: Vote, entries: Sequence[Entry]) -> Script:
    """For voters: everything about the files under vote, in one go."""
    release, revision = vote.release, vote.revision
    return Script(
        title=f"{release.project.name} {release.version}, vote {vote.number}, "
        f"revision {revision.number},",
        folder=f"{release.project.slug}-{release.version}-vote-{vote.number}",
        files=_below(_file(release, "x")),
        query=f"?revision={revision.number}",
        entries=entries,
        manifest=_manifest(release, revision),
        digest=vote.manifest_digest.removeprefix("sha256:"),
        keys=_keys(release),
    )


def script_of_published(publication: Publication, entries: Sequence[Entry]) -> Script:
    """For downstream users: everything about what is published, in one go."""
    release, location = publication.release, publication.location
    return Script(
        title=f"{release.project.name} {release.version}, as published,",
        folder=f"{release.project.slug}-{release.version}",
        files=_below(published(f"{location}/x")),
        query="",
        entries=entries,
        manifest=published(f"{location}/{RESERVED}/manifest.json"),
        digest=publication.manifest_digest.removeprefix("sha256:"),
        keys=_keys(release),
    )


def of_candidate(release: Release, revision: Revision, entries: Sequence[Entry]) -> list[Step]:
    """For voters: get the files under vote, and hold them against manifest, sums and keys."""
    some = entries[:MOST]
    asked = f"?revision={revision.number}"
    fetch = [_curl(entry.path, _file(release, entry.path) + asked) for entry in some]
    sums = "\n".join(f"{entry.blob.sha512}  {entry.path}" for entry in some)
    return [
        Step("Get the files", "\n".join(fetch)),
        Step("Compare them with the digests on this page", f"sha512sum -c <<'END'\n{sums}\nEND"),
        *_signatures(release, some),
        Step(
            f"Compare the manifest: this prints {revision.manifest_digest.removeprefix('sha256:')}",
            f"curl -fsS {shlex.quote(_manifest(release, revision))} | sha256sum",
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
    verify = [f"gpg --verify {_pair(path)}" for path in signed]
    return [
        Step(
            "Import the committee's keys", f"curl -fsS {shlex.quote(_keys(release))} | gpg --import"
        ),
        Step("Verify the signatures: each says “Good signature”", "\n".join(verify)),
    ]


def _pair(path: str) -> str:
    """A signature and what it signs, as arguments."""
    return f"{shlex.quote(path)} {shlex.quote(path.removesuffix('.asc'))}"


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _below(address: str) -> str:
    return address.rpartition("/")[0]


def _keys(release: Release) -> str:
    return absolute(reverse("keys:document", args=[release.committee.slug]))


def _manifest(release: Release, revision: Revision) -> str:
    number = [*release.url_args, revision.number]
    return absolute(reverse("releases:manifest", args=number))


def _file(release: Release, path: str) -> str:
    return absolute(reverse("releases:file", args=[*release.url_args, path]))


def _curl(path: str, address: str) -> str:
    return f"curl -fL --create-dirs -o {shlex.quote(path)} {shlex.quote(address)}"
