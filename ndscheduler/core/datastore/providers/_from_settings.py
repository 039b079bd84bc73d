"""What the providers of release 0.3.0 have in common: the settings are their configuration."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

from ndscheduler import settings
from ndscheduler.corescheduler.datastore.base import DatastoreBase


class DbUrl:
    """`get_db_url` of a provider, callable on the class too, as in release 0.3.0.

    On a datastore it reads the configuration that this was made with, on the class the settings.
    """

    def __init__(self, url_of: Callable[[Any], str]) -> None:
        self._url_of = url_of

    def __get__(self, datastore: DatastoreBase | None, owner: type) -> Callable[[], str]:
        if datastore is not None:
            return functools.partial(self._url_of, datastore)
        configured = SimpleNamespace(db_config=settings.DATABASE_CONFIG_DICT)
        return functools.partial(self._url_of, configured)


class DatastoreFromSettings(DatastoreBase):
    """A datastore that takes from the settings what it is not given."""

    def __init__(
        self,
        db_config: Mapping[str, Any] | None = None,
        table_names: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(
            settings.DATABASE_CONFIG_DICT if db_config is None else db_config,
            settings.DATABASE_TABLENAMES if table_names is None else table_names,
        )
