"""No cluster without a supervisor. (That it dies with it: test_supervisor.py.)"""

import signal
import subprocess
import sys

from tests.processes import ROOT


def test_a_cluster_whose_supervisor_is_gone_does_not_start():
    command = [sys.executable, "-m", "trusted_releases.ledger.cluster", "1"]
    done = subprocess.run(command, cwd=ROOT, timeout=30, check=False)
    assert done.returncode == -signal.SIGKILL
