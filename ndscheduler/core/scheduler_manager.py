"""[compat] The path of release 0.3.0 for the scheduler's manager."""

from __future__ import annotations

from ndscheduler import settings
from ndscheduler.corescheduler import scheduler_manager
from ndscheduler.server.build import build_manager


class SchedulerManager(scheduler_manager.SchedulerManager):
    """The manager, which in release 0.3.0 was made by asking for it."""

    @classmethod
    def get_instance(cls) -> scheduler_manager.SchedulerManager:
        """The manager of this process; where there is none yet, one of the settings.

        Raises ConfigError, SchemaMismatch or DatastoreUnavailable, one sentence each.
        """
        if scheduler_manager.SchedulerManager._instance is None:
            return build_manager(settings.current())
        return scheduler_manager.SchedulerManager._instance
