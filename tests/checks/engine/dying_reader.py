"""A child whose archive reader dies, with no rule at work."""

import os
import signal
import sys

from checks.engine import __main__ as main
from checks.engine import plan, run
from tests.checks.engine.odd_child import RULES


def _die(*given: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    run.walk = _die  # type: ignore[assignment]
    plan.ALL = RULES
    sys.exit(main.main(sys.argv))
