"""Rows by the hundred thousand: gathered table by table, and written at once.

`bulk_create` makes an object of each row first, which for millions takes most of the time. Here
values go in as they are: by COPY on PostgreSQL, by one prepared statement on SQLite. Constraints,
foreign keys and triggers judge them as ever.
"""

import json
from collections.abc import Callable, Iterable
from typing import Any

from django.core.management.color import no_style
from django.db import connection, models

Prepare = Callable[[Any], Any]


class Table:
    """Rows of one model on their way in. Columns that are not named get their defaults.

    Keys are given out here, so that rows can point at each other before any of them is written.
    Nothing else may write to the table meanwhile.
    """

    def __init__(self, model: type[models.Model], *names: str) -> None:
        self.model = model
        fields = {
            field.attname: field for field in model._meta.concrete_fields if not field.generated
        }
        rest = [name for name in fields if name not in names and name != "id"]
        self._columns = [str(fields[name].column) for name in ("id", *names, *rest)]
        self._prepare = [(at, _prepare(fields[name])) for at, name in enumerate(names, 1)]
        self._prepare = [(at, prepare) for at, prepare in self._prepare if prepare is not None]
        self._rest = tuple(_default(fields[name]) for name in rest)
        self._rows: list[tuple[Any, ...]] = []
        newest = model._base_manager.aggregate(newest=models.Max("pk"))["newest"]
        self._last: int = newest or 0
        self.written = 0

    def key(self) -> int:
        """The key of a row that is to come."""
        self._last += 1
        return self._last

    def put(self, key: int, *values: Any) -> None:
        """A row with a key from `key()`, its values in the order in which columns were named."""
        row = [key, *values]
        for at, prepare in self._prepare:
            row[at] = prepare(row[at])  # type: ignore[misc]
        self._rows.append((*row, *self._rest))

    def add(self, *values: Any) -> int:
        """A row with a new key, which is returned."""
        key = self.key()
        self.put(key, *values)
        return key

    def flush(self) -> None:
        """Write what was gathered. Call it in a transaction: rows may point at rows to come."""
        if self._rows:
            write(self.model._meta.db_table, self._columns, self._rows)
            self.written += len(self._rows)
            self._rows = []


def write(table: str, columns: list[str], rows: list[tuple[Any, ...]]) -> None:
    """Insert prepared rows in the fastest way that the database has."""
    names = ", ".join(connection.ops.quote_name(name) for name in columns)
    into = connection.ops.quote_name(table)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {into} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join(["%s"] * len(columns))
        sql = f"INSERT INTO {into} ({names}) VALUES ({marks})"  # noqa: S608 - names of our own
        cursor.executemany(sql, rows)


def settle(tables: Iterable[Table]) -> None:
    """Tell the database which keys were given out, so that it goes on after them."""
    written = [table.model for table in tables]
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), written):
            cursor.execute(sql)


def _prepare(field: "models.Field[Any, Any]") -> Prepare | None:
    """What makes a Python value the database's; None where it is one already."""
    if isinstance(field, models.JSONField):
        return json.dumps
    if isinstance(field, models.DateTimeField) and connection.vendor == "sqlite":
        return connection.ops.adapt_datetimefield_value
    if isinstance(field, models.CharField):
        return str if field.choices else None  # members of an enumeration are not plain text
    return None


def _default(field: "models.Field[Any, Any]") -> Any:
    return field.get_db_prep_save(field.get_default(), connection)
