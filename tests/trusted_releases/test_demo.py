"""The demo's accounts, project and release."""

import tarfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.utils.timezone import now

from keys.openpgp_verify import verify
from projects.models import Membership, User
from projects.roles import Role
from trusted_releases import demo
from trusted_releases.ledger.models import Event

pytestmark = pytest.mark.django_db


def test_the_password_is_random_kept_and_for_nobody_else_to_read() -> None:
    secret = demo.password()
    kept = Path(settings.DATA_DIR) / "demo-password"
    assert len(secret) >= 12
    assert demo.password() == secret
    assert kept.stat().st_mode & 0o077 == 0


def test_seeding_twice_makes_everything_once() -> None:
    first = demo.project("sample")
    events = Event.objects.count()
    assert demo.project("sample") == first
    assert User.objects.count() == len(demo.ACCOUNTS)
    assert Event.objects.count() == events


def test_three_members_can_decide_and_the_operator_is_none_of_them() -> None:
    committee = demo.project("sample").committee
    members = Membership.objects.filter(committee=committee, role=Role.MEMBER)
    assert sorted(m.user.username for m in members) == ["alice", "bob", "carol"]
    assert User.objects.get(username="admin").is_superuser


def test_everybody_who_is_promised_a_login_has_one() -> None:
    people = demo.people()
    said = demo.welcome()
    for name, person in people.items():
        assert person.check_password(demo.password())
        assert f"  {name}" in said


def test_a_known_account_keeps_its_password() -> None:
    person = demo.people()["alice"]
    person.set_password("changed by alice")
    person.save()
    assert demo.people()["alice"].check_password("changed by alice")


def test_its_own_release_is_signed_source(tmp_path: Path) -> None:
    keys = demo.own_release(tmp_path, "1.2.3")
    names = sorted(path.name for path in tmp_path.iterdir())
    archive = f"{demo.OWN}-1.2.3-source.tar.gz"
    assert names == [archive, f"{archive}.asc", f"{archive}.sha512"]
    with tarfile.open(tmp_path / archive) as tar:
        members = tar.getnames()
    assert f"{demo.OWN}-1.2.3/LICENSE" in members
    assert {name.split("/")[0] for name in members} == {f"{demo.OWN}-1.2.3"}
    found = verify(tmp_path / archive, tmp_path / f"{archive}.asc", keys, now=now())
    assert found.accepted, found


def test_without_git_it_packs_sources_and_neither_data_nor_secrets(
    tmp_path: Path, settings: Any
) -> None:
    for name in ("manage.py", "app/models.py", ".ci/run", ".env", "var/db.sqlite3", ".venv/x.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("content")
    settings.BASE_DIR = tmp_path
    archive = tmp_path / "var" / "a.tar.gz"
    demo._pack(archive, "root")
    with tarfile.open(archive) as tar:
        assert tar.getnames() == ["root/.ci/run", "root/app/models.py", "root/manage.py"]
