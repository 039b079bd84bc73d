"""Accounts and API tokens that somebody could have made over the weeks."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from ndscheduler.corescheduler.account_models import Account, ApiToken
from ndscheduler.corescheduler.clock import new_id
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.password_hashes import hash_password
from ndscheduler.corescheduler.roles import Role

ADMIN = "ana"
PASSWORD = "correct horse battery"
# Name, role, made so many days ago, changed so many days ago, disabled.
ACCOUNTS = (
    (ADMIN, Role.ADMIN, 39.1, 12.4, False),
    ("ben", Role.EDITOR, 38.9, 38.9, False),
    ("carla", Role.EDITOR, 38.9, 20.2, False),
    ("dashboard", Role.VIEWER, 31.3, 31.3, False),
    ("emil", Role.OPERATOR, 25.6, 3.2, True),
    ("night shift", Role.OPERATOR, 25.6, 25.6, False),
)
# Name, role, made so many days ago, expires in so many days, last used so many days ago.
TOKENS = (
    ("deploy pipeline", Role.EDITOR, 20.3, 69.7, 0.02),
    ("ERP export", Role.OPERATOR, 31.0, None, 0.6),
    ("status board", Role.VIEWER, 36.5, 328.5, 0.0005),
    ("trial of ben", Role.VIEWER, 37.0, -7.0, 8.4),
)


def fill_accounts(datastore: DatastoreBase, now: datetime) -> None:
    """Put them into `datastore`; all have the same password."""
    hashed = hash_password(PASSWORD)

    def ago(days: float) -> datetime:
        return now - timedelta(days=days)

    def insert(connection: Any) -> None:
        for name, role, made, changed, is_disabled in ACCOUNTS:
            times = {"created_at": ago(made), "updated_at": ago(changed)}
            account = Account(name, role, hashed, is_disabled, id=new_id(), **times)
            datastore.users.insert(connection, account)
        for name, role, made, expires, used in TOKENS:
            end = None if expires is None else ago(-expires)
            token = ApiToken(new_id(), name, new_id(), ADMIN, role, ago(made), end, ago(used))
            datastore.api_tokens.insert(connection, token)

    datastore.write(insert)
