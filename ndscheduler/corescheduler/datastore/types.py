"""Column types that read the same on SQLite, PostgreSQL and MySQL/MariaDB."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, Dialect, String, Text
from sqlalchemy.dialects import mysql
from sqlalchemy.types import TypeDecorator

from ndscheduler.corescheduler.clock import from_micros, to_micros

# MySQL indexes at most 767 bytes of an old-format row: 191 characters of four bytes.
Id = String(191)
ShortText = String(191)
LongText = Text().with_variant(mysql.LONGTEXT(), "mysql", "mariadb")


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as whole microseconds since 1970-01-01 UTC."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Microseconds of an aware `value`. Raises ValueError if it is naive."""
        return None if value is None else to_micros(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """The aware UTC datetime that the column holds."""
        return None if value is None else from_micros(value)
