"""[compat] The helpers of `corescheduler.utils`, and those that read the settings."""

from __future__ import annotations

from typing import Any

from ndscheduler.corescheduler import utils
from ndscheduler.corescheduler.utils import (
    generate_uuid,
    get_cron_strings,
    get_current_datetime,
    get_hostname,
    get_job_args,
    get_job_kwargs,
    get_job_name,
    get_pid,
    get_stacktrace,
    import_from_path,
)

__all__ = [
    "generate_uuid",
    "get_all_available_jobs",
    "get_cron_strings",
    "get_current_datetime",
    "get_datastore_instance",
    "get_hostname",
    "get_job_args",
    "get_job_kwargs",
    "get_job_name",
    "get_pid",
    "get_stacktrace",
    "import_from_path",
]


def get_datastore_instance(
    datastore_class_path: str | None = None,
    db_config: dict[str, Any] | None = None,
    db_tablenames: dict[str, str] | None = None,
) -> Any:
    """The datastore that is open in this process; else one is opened, by default the settings'."""
    from ndscheduler import settings

    return utils.get_datastore_instance(
        datastore_class_path or settings.DATABASE_CLASS,
        settings.DATABASE_CONFIG_DICT if db_config is None else db_config,
        settings.DATABASE_TABLENAMES if db_tablenames is None else db_tablenames,
    )


def get_all_available_jobs() -> list[dict[str, Any]]:
    """The meta_info() of each job class in JOB_CLASS_PACKAGES, sorted by name.

    What does not import is left out here; `ndscheduler jobs` shows it.
    """
    from ndscheduler import settings
    from ndscheduler.corescheduler.registry import Registry

    found = Registry(settings.JOB_CLASS_PACKAGES).job_classes()
    return [info.as_meta_info() for info in found if info.error is None]
