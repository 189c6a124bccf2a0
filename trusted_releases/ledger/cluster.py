"""One django-q2 cluster as a child of the supervisor: `python -m trusted_releases.ledger.cluster`.

What `manage.py qcluster` does, and one thing more: no process of it outlives its parent. Without
that, workers go on taking jobs for ever when somebody kills the process above them.
"""

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # linux/prctl.h


class _Family:
    """Ties each forked process to the one that forked it."""

    def __init__(self) -> None:
        self._parent = os.getpid()
        self._libc = ctypes.CDLL(None) if sys.platform == "linux" else None

    def before_fork(self) -> None:
        self._parent = os.getpid()

    def in_child(self) -> None:
        self.tie(self._parent)

    def tie(self, parent: int) -> None:
        """Die with `parent`; at once, if it is dead already."""
        if self._libc is not None:
            self._libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:
            os.kill(os.getpid(), signal.SIGKILL)


def main(supervisor: int) -> None:
    """Run the cluster that Q_CLUSTER_NAME says until SIGTERM; running jobs finish then."""
    family = _Family()
    family.tie(supervisor)
    os.register_at_fork(before=family.before_fork, after_in_child=family.in_child)

    import django

    django.setup()

    from django_q.cluster import Cluster

    Cluster().start()


if __name__ == "__main__":
    main(int(sys.argv[1]))
