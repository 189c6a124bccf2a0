"""deploy/: what the units and the compose file start exists, and stops as workers need it."""

import re
import runpy
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import get_commands

from tests.house import ROOT
from trusted_releases.ledger.registry import QUEUES

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))


def compose() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    return services


def queues_of(command: list[str]) -> set[str]:
    return set(command[command.index("--queues") + 1].split(","))


def test_the_compose_file_has_every_role() -> None:
    assert set(compose()) == {"web", "ssh", "worker", "worker-heavy", "migrate", "postgres"}


def test_together_the_workers_serve_every_queue_once() -> None:
    workers = [compose()[name]["command"] for name in ("worker", "worker-heavy")]
    served = [queue for command in workers for queue in queues_of(command)]
    assert sorted(served) == sorted(QUEUES)


def test_workers_wait_for_the_migration_and_may_finish_their_jobs() -> None:
    for name in ("worker", "worker-heavy"):
        service = compose()[name]
        condition = service["depends_on"]["migrate"]["condition"]
        assert condition == "service_completed_successfully"
        assert service["stop_grace_period"] == "30m"
        assert service["init"] is True


def test_the_signal_to_stop_reaches_the_supervisor_alone() -> None:
    """A signal to the whole group kills running jobs and leaves the cluster hanging."""
    unit = (DEPLOY / "systemd" / "trusted-releases-worker@.service").read_text()
    assert "KillMode=mixed" in unit
    assert int(re.findall(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)[0]) > 1800


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_runs_commands_that_exist(unit: Path) -> None:
    started = re.findall(r"^ExecStart(?:Pre)?=(.+)$", unit.read_text(), re.MULTILINE)
    assert started
    commands = [words for words in re.findall(r"manage\.py (\w+)", " ".join(started))]
    assert set(commands) <= set(get_commands())
    assert commands or "gunicorn" in started[-1]


def test_gunicorn_serves_with_threads_from_the_checked_door() -> None:
    settings = runpy.run_path(str(DEPLOY / "gunicorn.conf.py"))
    assert settings["wsgi_app"] == "trusted_releases.wsgi:application"
    assert settings["worker_class"] == "gthread"


def test_nginx_takes_what_the_product_takes_and_hides_what_is_on_its_way() -> None:
    text = (DEPLOY / "nginx.conf").read_text()
    megabytes = int(re.findall(r"client_max_body_size (\d+)m;", text)[0])
    assert megabytes << 20 > 4 << 30  # MAX_UPLOAD_SIZE's default
    assert "proxy_request_buffering off;" in text
    assert r"location ~ /\. { deny all; }" in text
