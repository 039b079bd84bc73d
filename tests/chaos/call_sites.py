"""Datastores that raise where a test says: at any one of the calls that a scheduler makes of them.

The sites are worked out from the code: every public method of every part of a datastore. A server
is given one of these classes as DATABASE_CLASS, and in DATABASE_CONFIG_DICT under "faults" a
folder, through which the test and the server speak to each other:

    armed/SITE   what is to happen at SITE, as JSON; taken away by the call that obeys
    called       SITE THREAD, once for every thread that has called
    hits         SITE, once for every call that raised
"""

from __future__ import annotations

import functools
import inspect
import json
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.exc import OperationalError

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.legacy_api import LegacyDatastoreApi
from ndscheduler.corescheduler.datastore.providers.mysql import DatastoreMySQL
from ndscheduler.corescheduler.datastore.providers.postgres import DatastorePostgres
from ndscheduler.corescheduler.datastore.providers.sqlite import DatastoreSqlite
from tests.chaos.probe_jobs import note

PACKAGE = "ndscheduler.corescheduler.datastore."


@dataclass(frozen=True, slots=True)
class Fault:
    """What is to happen at a site."""

    # In place of the call, or after it: then it has taken effect, and nobody is told.
    after: bool = False
    # What a driver raises, which the datastore expects, or what nobody expects.
    is_driver_error: bool = False
    # Once, or until the test takes it away.
    is_lasting: bool = False

    def raise_at(self, site: str) -> None:
        """Raise the error."""
        if self.is_driver_error:
            raise OperationalError("SELECT", None, Exception(f"connection lost at {site}"))
        raise RuntimeError(f"raised at {site}")


class Control:
    """The folder through which a test and a server speak to each other."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "armed").mkdir(parents=True, exist_ok=True)
        self._known: set[tuple[str, str]] = set()

    def arm(self, site: str, fault: Fault) -> None:
        """Let `fault` happen at the next call of `site`."""
        fresh = self.folder / "fresh"
        fresh.write_text(json.dumps(asdict(fault)))
        fresh.replace(self.folder / "armed" / site)

    def disarm(self, site: str) -> None:
        """Let no more happen at `site`."""
        (self.folder / "armed" / site).unlink(missing_ok=True)

    def hits(self, site: str) -> int:
        """How many calls of `site` have raised."""
        return self._lines("hits").count(site)

    def called(self) -> dict[str, set[str]]:
        """The sites that were called, each with the threads that did."""
        found: dict[str, set[str]] = {}
        for line in self._lines("called"):
            site, _, thread = line.partition(" ")
            found.setdefault(site, set()).add(thread)
        return found

    def call(self, site: str, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """What `function` returns, unless something else is to happen at `site`."""
        self._remember(site)
        fault = self._take(site)
        if fault is None:
            return function(*args, **kwargs)
        if fault.after:
            function(*args, **kwargs)
        note(str(self.folder / "hits"), site)
        return fault.raise_at(site)

    def _take(self, site: str) -> Fault | None:
        path = self.folder / "armed" / site
        try:
            fault = Fault(**json.loads(path.read_text()))
            if not fault.is_lasting:
                # Of several threads that come at once one takes it away.
                path.unlink()
        except FileNotFoundError:
            return None
        return fault

    def _remember(self, site: str) -> None:
        thread = re.sub(r"[-_]\d+$", "", threading.current_thread().name)
        if (site, thread) not in self._known:
            self._known.add((site, thread))
            note(str(self.folder / "called"), f"{site} {thread}")

    def _lines(self, name: str) -> list[str]:
        path = self.folder / name
        lines = path.read_text().splitlines() if path.exists() else []
        return [line.rstrip() for line in lines]


def sites_of(datastore: DatastoreBase) -> dict[str, tuple[object, str]]:
    """Every site: its name, and the object and method that it is."""
    parts = {"datastore": datastore, **vars(datastore)}
    return {
        f"{name.lstrip('_')}.{method}": (part, method)
        for name, part in parts.items()
        if type(part).__module__.startswith((PACKAGE, __name__))
        for method in _methods(type(part))
    }


def _methods(kind: type) -> list[str]:
    """The public methods of `kind` that are written in the datastore's package.

    Those of old are for users' code: no scheduler calls them.
    """
    return [
        name
        for name, function in inspect.getmembers(kind, inspect.isfunction)
        if not name.startswith("_")
        and function.__module__.startswith(PACKAGE)
        and name not in vars(LegacyDatastoreApi)
    ]


class Raising(DatastoreBase):
    """A datastore that raises where it is told to."""

    def __init__(
        self, db_config: Mapping[str, Any] | None, table_names: Mapping[str, str] | None
    ) -> None:
        config = dict(db_config or {})
        control = Control(Path(config.pop("faults")))
        super().__init__(config, table_names)
        for site, (part, method) in sites_of(self).items():
            function = getattr(part, method)
            setattr(part, method, functools.partial(control.call, site, function))


class RaisingSqlite(Raising, DatastoreSqlite):
    """SQLite."""


class RaisingPostgres(Raising, DatastorePostgres):
    """PostgreSQL."""


class RaisingMySQL(Raising, DatastoreMySQL):
    """MariaDB."""


PATHS = {
    "sqlite": f"{__name__}.{RaisingSqlite.__name__}",
    "postgres": f"{__name__}.{RaisingPostgres.__name__}",
    "mysql": f"{__name__}.{RaisingMySQL.__name__}",
}
