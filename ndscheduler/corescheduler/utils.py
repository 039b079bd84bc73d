"""Small helpers that job classes and users' own code call. They read no settings."""

from __future__ import annotations

import importlib
import os
import socket
import traceback
import uuid
from datetime import datetime
from functools import lru_cache
from typing import Any

from ndscheduler.corescheduler import clock
from ndscheduler.corescheduler.constants import JOB_ARGS
from ndscheduler.corescheduler.errors import ConfigError

_DATASTORE_BASE = "ndscheduler.corescheduler.datastore.base.DatastoreBase"
_SHOWN_FIELDS = ("month", "day", "week", "day_of_week", "hour", "minute")


def import_from_path(path: str) -> Any:
    """What the dotted `path` names: an attribute of a module, such as "package.module.Class".

    Raises ValueError if `path` has no dot, and what importing the module raises.
    """
    module_name, dot, attribute = path.rpartition(".")
    if not dot:
        raise ValueError(f"{path!r} is not a dotted path such as 'package.module.Class'.")
    return getattr(importlib.import_module(module_name), attribute)


def get_current_datetime() -> datetime:
    """The present instant, aware, UTC."""
    return clock.utc_now()


def generate_uuid() -> str:
    """A new random id, 32 hex digits."""
    return uuid.uuid4().hex


@lru_cache(1)
def get_hostname() -> str:
    """The name of this machine."""
    return socket.gethostname()


def get_pid() -> int:
    """The id of this process."""
    return os.getpid()


def get_stacktrace() -> str:
    """The traceback of the exception that is being handled, as text."""
    return traceback.format_exc()


def get_job_name(job: Any) -> str:
    """The dotted path of the job class of `job`, which is its first argument."""
    name: str = job.args[0]
    return name


def get_job_args(job: Any) -> list[Any]:
    """The arguments that the user gave: `job.args` without the leading ones.

    Those are JOB_ARGS, unless the scheduler class whose `run_job` is `job.func` has fewer.
    """
    scheduler_class = getattr(getattr(job, "func", None), "__self__", None)
    leading: int = getattr(scheduler_class, "LEADING_ARGUMENTS", JOB_ARGS)
    return list(job.args[leading:])


def get_job_kwargs(job: Any) -> dict[str, Any]:
    """The keyword arguments that the user gave."""
    kwargs: dict[str, Any] = job.kwargs
    return kwargs


def get_cron_strings(job: Any) -> dict[str, str]:
    """The six cron fields that REST shows, as strings; "" for each when there are none."""
    fields = {field.name: str(field) for field in getattr(job.trigger, "fields", ())}
    return {name: fields.get(name, "") for name in _SHOWN_FIELDS}


def get_datastore_instance(
    datastore_class_path: str | None = None,
    db_config: dict[str, Any] | None = None,
    db_tablenames: dict[str, str] | None = None,
) -> Any:
    """The datastore of the class `datastore_class_path`; without one, that which is in use.

    The class is looked up by its name, since datastores are a layer above this module.
    """
    datastore_class = import_from_path(datastore_class_path or _DATASTORE_BASE)
    return datastore_class.get_instance(db_config, db_tablenames)


def import_class(path: str, setting: str) -> type[Any]:
    """The class at a dotted path, which `setting` names. Raises ConfigError."""
    try:
        found = import_from_path(path)
    except (ImportError, AttributeError, ValueError) as error:
        raise ConfigError(f"{setting} {path!r} can not be imported: {error}") from error
    if not isinstance(found, type):
        raise ConfigError(f"{setting} {path!r} is no class.")
    return found
