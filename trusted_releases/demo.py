"""Ready accounts, a project and a signed release to try the platform with.

Only for a demo (`DEMO=1`, refused without `DEBUG`), and for tests that want the same.
"""

import io
import os
import re
import secrets
import shutil
import subprocess
import tarfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings

from checks.models import Ignore
from keys.openpgp_signing import ThrowawaySigner
from projects.models import Committee, LicenseMode, Membership, Policy, Project, User
from projects.roles import Role
from trusted_releases.ledger.models import Event
from trusted_releases.ledger.tags import Tag
from trusted_releases.lib.digests import digest_of


@dataclass(frozen=True)
class Account:
    username: str
    full_name: str
    what: str
    role: str = ""
    committer: bool = False
    operator: bool = False


ACCOUNTS = (
    Account("alice", "Alice Adler", "committee member; starts releases", Role.MEMBER, True),
    Account("bob", "Bob Brandt", "committee member; votes", Role.MEMBER, True),
    Account("carol", "Carol Chen", "committee member; votes", Role.MEMBER, True),
    Account("dave", "Dave Dorn", "committer of the project", Role.PARTICIPANT, True),
    Account("erin", "Erin Eliot", "visitor with an account"),
    Account("admin", "Ada Operator", "operator: the admin console", operator=True),
)
HIDDEN_SOURCES = {".ci", ".dockerignore", ".env.example", ".gitignore"}
MADE = {"var", "staticfiles", "__pycache__", "htmlcov", "node_modules"}
OWN = "trusted-releases"  # the project that the demo releases when it is given no files
SAMPLE = "sample"  # the one whose releases are there from the beginning


def password() -> str:
    """The demo accounts' password: random for each installation, kept beside its data."""
    kept = Path(settings.DATA_DIR) / "demo-password"
    kept.parent.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return kept.read_text().strip()
    with os.fdopen(descriptor, "w") as stream:
        stream.write(secrets.token_urlsafe(9))
    return kept.read_text().strip()


def people() -> dict[str, User]:
    """The demo accounts, made where they are missing."""
    secret = password()
    return {account.username: _person(account, secret) for account in ACCOUNTS}


def _person(account: Account, secret: str) -> User:
    person, new = User.objects.get_or_create(
        username=account.username,
        defaults={
            "full_name": account.full_name,
            "email": f"{account.username}@{settings.MAIL_DOMAIN}",
            "is_committer": account.committer,
            "is_staff": account.operator,
            "is_superuser": account.operator,
        },
    )
    if new:
        person.set_password(secret)
        person.save()
    return person


def signers(addresses: Iterable[str]) -> None:
    """Accounts for mail addresses that no account has yet: whose keys real files are signed with.

    A key counts when it is known whose it is; here, as at a foundation, the directory knows.
    """
    for address in {each for each in addresses if each}:
        if not User.objects.filter(email=address).exists():
            name = re.sub(r"[^a-z0-9.]+", "-", address.replace("@", ".at."))
            User.objects.get_or_create(username=name[:150], defaults={"email": address})


def project(slug: str, name: str = "") -> Project:
    """A project with a committee of its own: three members, and a vote that ends when the rule
    is met (minimum hours 0)."""
    accounts = people()
    title = name or slug.replace("-", " ").title()
    committee, new = Committee.objects.get_or_create(slug=slug, defaults={"name": title})
    if new:
        Event.objects.record(Tag.COMMITTEE_CREATED, by=accounts["admin"], subject=committee)
    for account in ACCOUNTS:
        if account.role:
            Membership.objects.get_or_create(
                committee=committee, user=accounts[account.username], role=account.role
            )
    made, new = Project.objects.get_or_create(
        slug=slug,
        defaults={"name": title, "committee": committee, "description": "A project to try with."},
    )
    if new:
        Policy.objects.create(project=made, min_hours=0, license_mode=_licence_checks(slug))
        Event.objects.record(Tag.PROJECT_CREATED, by=accounts["admin"], subject=made)
    return made


def _licence_checks(slug: str) -> str:
    """This project's own source files have no header of the foundation, for it is not of it."""
    return LicenseMode.FILES if slug in (OWN, SAMPLE) else LicenseMode.LIGHTWEIGHT


def ignore_own_notice(made: Project) -> None:
    """What a committee does about a finding that is right by the rule and beside the point."""
    reason = "This demo is no product of the foundation: its authors hold the copyright."
    known = {"rule": "license.files", "member": "/NOTICE"}
    if not Ignore.objects.in_force().filter(project=made, **known).exists():
        Ignore(project=made, reason=reason, **known).set(by=people()["alice"])


def own_release(folder: Path, version: str) -> bytes:
    """Make and sign a source release of this project in `folder`; returns its KEYS."""
    name = f"{OWN}-{version}-source"
    archive = folder / f"{name}.tar.gz"
    _pack(archive, f"{OWN}-{version}")
    with archive.open("rb") as stream:
        digest = digest_of(stream)
    archive.with_name(f"{archive.name}.sha512").write_text(f"{digest.sha512}  {archive.name}\n")
    with ThrowawaySigner() as signer:
        key = signer.generate(f"Alice Adler <alice@{settings.MAIL_DOMAIN}>")
        signer.sign(archive, keys=[key])
        return signer.public(key)


def _pack(archive: Path, root: str) -> None:
    """The project's own files as a source archive: what git tracks, else what lies here."""
    base = Path(settings.BASE_DIR)
    with tarfile.open(archive, "w:gz", format=tarfile.PAX_FORMAT) as tar:
        for path in _sources(base):
            info = tar.gettarinfo(base / path, f"{root}/{path}")
            info.uid = info.gid = 0
            info.uname = info.gname = ""
            info.mode = 0o755 if info.mode & 0o100 else 0o644
            if info.isfile():
                tar.addfile(info, io.BytesIO((base / path).read_bytes()))


def _sources(base: Path) -> list[str]:
    if (base / ".git").exists() and shutil.which("git"):
        listed = subprocess.run(
            ["git", "ls-files", "-z"],  # noqa: S607 - whichever git the person uses
            cwd=base,
            capture_output=True,
            check=False,
        )
        names = listed.stdout.decode().split("\0")
        if found := sorted(name for name in names if name and (base / name).is_file()):
            return found
    return sorted(
        str(path.relative_to(base))
        for path in base.rglob("*")
        if path.is_file() and _is_source(path.relative_to(base))
    )


def _is_source(path: Path) -> bool:
    """Without git's list: not data, not what can be made again, and no hidden file but ours. A
    `.env` holds secrets."""
    hidden = path.parts[0].startswith(".") and path.parts[0] not in HIDDEN_SOURCES
    return not hidden and MADE.isdisjoint(path.parts)


def samples_made() -> Path:
    """The file that says that this demo has had its sample releases."""
    return Path(settings.DATA_DIR) / "demo-releases"


def welcome() -> str:
    """Who can log in, and with what."""
    rows = [f"  {each.username:<6} {each.what}" for each in ACCOUNTS]
    return "\n".join(["Log in as one of these; the password is " + password(), *rows])
