"""[compat] The path of release 0.3.0 for the datastore that providers derive from."""

from __future__ import annotations

from ndscheduler.corescheduler.datastore.base import DatastoreBase

__all__ = ["DatastoreBase"]
