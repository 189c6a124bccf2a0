"""What a person with the database's password can do, for tests that catch it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection


@contextmanager
def unguarded() -> Iterator[None]:
    """Triggers and foreign keys are off to the end of the block. Outside of transactions only."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET session_replication_role = replica")
            yield
            cursor.execute("SET session_replication_role = origin")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        cursor.execute("PRAGMA foreign_keys = OFF")
        for name, _ in triggers:
            cursor.execute(f"DROP TRIGGER {name}")
        yield
        for _, sql in triggers:
            cursor.execute(sql)
        cursor.execute("PRAGMA foreign_keys = ON")


def sql(statement: str, *values: Any) -> None:
    """Change the database behind Django's back."""
    with unguarded(), connection.cursor() as cursor:
        cursor.execute(statement, values)
