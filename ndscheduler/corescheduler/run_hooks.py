"""The class methods of a user's scheduler class that have a part in a run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ndscheduler.corescheduler.runner import Run

HOOK_NAMES = ("run_job", "run_scheduler_job", "pre_run", "post_run")


@dataclass(frozen=True, slots=True)
class Hooks:
    """The class methods of a user's scheduler class, and the names of those that it overrides."""

    scheduler_class: Any
    overridden: frozenset[str] = frozenset()

    @classmethod
    def of(cls, scheduler_class: Any, base: Any) -> Hooks:
        """The hooks in which `scheduler_class` differs from `base`."""
        changed = (
            name
            for name in HOOK_NAMES
            if function_of(scheduler_class, name) != function_of(base, name)
        )
        return cls(scheduler_class, frozenset(changed))

    def run_job(self, run: Run) -> None:
        """Call `run_job` of the scheduler class."""
        execution = run.execution
        # The place of the database's configuration is kept, its content is not given out.
        blanks = (None, None, None)
        self.scheduler_class.run_job(
            execution.job_class_string, execution.job_id, *blanks, *run.args, **run.kwargs
        )

    def run_scheduler_job(self, run: Run, *args: Any, **kwargs: Any) -> Any:
        """What `run_scheduler_job` of the scheduler class returns."""
        execution = run.execution
        return self.scheduler_class.run_scheduler_job(
            run.job_class, execution.job_id, execution.id, run.datastore, *args, **kwargs
        )


def function_of(owner: Any, name: str) -> Callable[..., Any] | None:
    """The function behind a method of `owner`, so that two can be told apart; None without one."""
    method = getattr(owner, name, None)
    return getattr(method, "__func__", method)
