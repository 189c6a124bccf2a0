"""A cluster's processes, from outside. (Watching and stopping real ones: test_supervisor.py.)"""

import pytest

from trusted_releases.ledger import processes
from trusted_releases.ledger.processes import ClusterProcess

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_cluster_that_dies_at_once_is_not_started_in_a_loop():
    cluster = ClusterProcess("default", ["default"], 10)
    cluster.start()
    cluster.kill()
    cluster.start()
    assert cluster.process is None, "it waits a second first"
    cluster._began -= 2
    cluster.start()
    assert cluster.is_alive()
    cluster.kill()
    cluster.kill()


def test_without_proc_nobody_is_called_idle(monkeypatch, tmp_path):
    monkeypatch.setattr(processes, "PROC", tmp_path / "none")
    assert ClusterProcess("default", ["default"], 10).is_busy()


def test_one_that_was_never_started_is_stopped_without_ado():
    cluster = ClusterProcess("default", ["default"], 10)
    cluster.terminate()
    cluster.kill()
    assert not cluster.is_alive()
