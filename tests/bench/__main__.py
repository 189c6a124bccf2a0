"""Runs benchmarks on each database, and prints a table or lines of JSON.

    python -m tests.bench [--only NAME] [--db sqlite] [--json]

Each benchmark runs in a process of its own, on data of its own, which is gone afterwards.
"""

import argparse
import json
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.catalogue import BENCHMARKS, DATABASES, Measure
from tests.postgres import Cluster

ROOT = Path(__file__).resolve().parents[2]
# As a real installation is set up, except that nothing here speaks HTTPS or sends mail.
SETTINGS = {
    "DJANGO_SETTINGS_MODULE": "trusted_releases.settings",
    "ENV_FILE": "",
    "DEBUG": "0",
    "DEMO": "0",
    "HTTPS": "0",
    "ADMIN_MFA": "0",
    "ALLOWED_HOSTS": "localhost",
    "SITE_URL": "http://localhost",
    "LOG_LEVEL": "WARNING",
    "EMAIL_BACKEND": "releases.mail.Mailbox",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--only", choices=[*BENCHMARKS], help="one benchmark")
    parser.add_argument("--db", choices=DATABASES, help="one database")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--quick", action="store_true", help="to see it run; no good figures")
    chosen = parser.parse_args()
    if chosen.quick:
        os.environ["BENCH_QUICK"] = "1"
    for name in [chosen.only] if chosen.only else BENCHMARKS:
        if not chosen.json:
            print(f"{name}: {BENCHMARKS[name][1]}", flush=True)
        for database in [chosen.db] if chosen.db else DATABASES:
            for measure in measured(name, database):
                if chosen.json:
                    print(json.dumps(measure._asdict()), flush=True)
                    continue
                print(f"  {measure.name:<42}{measure.value:>9.3f} {measure.unit}", flush=True)
    return 0


def measured(name: str, database: str) -> Iterator[Measure]:
    """What one benchmark measures on one database, as it comes. SystemExit when it fails."""
    with tempfile.TemporaryDirectory(prefix="tr-bench-") as data, served(database, data) as url:
        env = {**os.environ, **SETTINGS, "DATA_DIR": data, "DATABASE_URL": url}
        env["STATIC_ROOT"] = f"{data}/static"
        env["SECRET_KEY"] = secrets.token_urlsafe(60)
        command = [sys.executable, "-m", "tests.bench.one", name, database]
        with subprocess.Popen(
            command, cwd=ROOT, env=env, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            for line in process.stdout:
                yield Measure(**json.loads(line))
        if process.returncode:
            raise SystemExit(f"The benchmark {name} failed on {database}.")


@contextmanager
def served(database: str, data: str) -> Iterator[str]:
    """The URL of an empty database. PostgreSQL's waits for no disk, SQLite's is a file."""
    if database == "sqlite":
        yield f"sqlite:///{data}/db.sqlite3"
        return
    cluster = Cluster.start()
    try:
        yield cluster.url("postgres")
    finally:
        cluster.stop()


if __name__ == "__main__":
    sys.exit(main())
