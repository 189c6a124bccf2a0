"""A server, a project and a member with a laptop."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from projects.models import Project
from tests import make
from tests.rsync import Client, laptop, serving


@pytest.fixture(scope="module")
def port(django_db_setup: None) -> Iterator[int]:
    with serving() as (_, port):
        yield port


@pytest.fixture
def project() -> Project:
    return make.project("tool")


@pytest.fixture
def alice(project: Project, port: int, tmp_path: Path) -> Client:
    return laptop(tmp_path / "alice", port, make.member(project, username="alice"))
