"""What tests of clients find: made once, and only in test mode."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from keys.models import AccessToken
from projects.models import Committee, Project, User
from projects.roles import Role, may
from tests import make
from tests.api import Api

pytestmark = pytest.mark.django_db


@pytest.fixture
def file(settings: Any, tmp_path: Path) -> Path:
    settings.TEST_MODE = settings.DEBUG = True
    settings.ADMIN_MFA = False
    return tmp_path / "pat"


def seed(file: Path, user: str = "tester") -> None:
    call_command("seed_test_client", user=user, pat_file=file, verbosity=0)


def come_in(secret: str, user: str = "tester") -> Any:
    return Api().post("/jwt/create", {"asfuid": user, "pat": secret})


@pytest.mark.parametrize(("mode", "debug"), [(False, False), (True, False), (False, True)])
def test_elsewhere_it_makes_nothing(file: Path, settings: Any, mode: bool, debug: bool) -> None:
    settings.TEST_MODE, settings.DEBUG = mode, debug
    with pytest.raises(CommandError, match="TEST_MODE=1"):
        seed(file)
    assert not file.exists()
    assert not User.objects.exists()
    assert not Committee.objects.exists()


def test_the_account_comes_in_with_the_token_of_the_file(file: Path) -> None:
    seed(file)
    seed(file)
    assert file.stat().st_mode & 0o777 == 0o600
    secret = file.read_text().removesuffix("\n")
    assert come_in(secret).status_code == 200
    assert AccessToken.objects.count() == 1
    person = User.objects.get(username="tester")
    assert may(person, "releases.announce", Project.objects.get(slug="test-client"))
    assert person.is_superuser


def test_a_token_that_stands_there_already_is_made_good(file: Path) -> None:
    file.write_text("any-text-at-all\n")
    seed(file)
    assert come_in("any-text-at-all").status_code == 200
    AccessToken.objects.get().revoke(by=User.objects.get())
    assert come_in("any-text-at-all").status_code == 401
    seed(file)
    assert come_in("any-text-at-all").status_code == 200
    assert file.read_text() == "any-text-at-all\n"


def test_an_empty_file_is_no_token(file: Path) -> None:
    file.write_text("\n")
    with pytest.raises(CommandError, match="is empty"):
        seed(file)
    assert not User.objects.exists()


def test_the_projects_lack_nothing(file: Path) -> None:
    call_command("seed_test_client", verbosity=0)
    assert set(Project.objects.values_list("slug", flat=True)) == {"test", "test-client"}
    for project in Project.objects.all():
        assert not list(project.start_obstacles())
    assert not User.objects.exists()


def test_who_is_there_already_keeps_their_roles(file: Path) -> None:
    person = make.member(make.project("tool"), Role.PARTICIPANT, username="tester")
    seed(file)
    assert set(person.memberships.values_list("role", flat=True)) == {"participant", "member"}


def test_half_a_request_is_refused(file: Path) -> None:
    with pytest.raises(CommandError, match="both"):
        call_command("seed_test_client", user="tester")
