"""Statements on the keys that the servers of one database share."""

from __future__ import annotations

from sqlalchemy import Connection, select
from sqlalchemy.exc import IntegrityError

from ndscheduler.corescheduler.datastore.tables import Tables


class Keys:
    """The keys table: random texts that were made once."""

    def __init__(self, tables: Tables) -> None:
        self._table = tables.keys

    def find(self, connection: Connection, name: str) -> str | None:
        """The key of this name."""
        query = select(self._table.c.value).where(self._table.c.name == name)
        found: str | None = connection.execute(query).scalar()
        return found

    def replace(self, connection: Connection, name: str, value: str) -> None:
        """Keep `value` under a name that there is already."""
        statement = self._table.update().where(self._table.c.name == name)
        connection.execute(statement.values(value=value))

    def insert(self, connection: Connection, name: str, value: str) -> bool:
        """Keep a key; False if there is one of its name, which stays."""
        try:
            with connection.begin_nested():
                connection.execute(self._table.insert(), [{"name": name, "value": value}])
        except IntegrityError:
            return False
        return True
