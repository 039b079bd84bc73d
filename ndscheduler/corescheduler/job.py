"""JobBase: what every job class inherits from.

A job class needs `run()`; everything else here may stay as it is::

    class Backup(JobBase):
        def run(self, database, keep_days=7):
            ...
            return {"bytes": size}
"""

from __future__ import annotations

from typing import Any, TypeVar

from ndscheduler.corescheduler import utils

Self = TypeVar("Self", bound="JobBase")


class JobBase:
    """The work of a job. One instance is made for each execution."""

    def __init__(self, job_id: str | None, execution_id: str | None) -> None:
        self.job_id = job_id
        self.execution_id = execution_id

    def run(self, *args: Any, **kwargs: Any) -> Any:
        """The work; override it. What it returns is kept as JSON and shown as the result.

        It may be `async`. An exception makes the execution `failed`, as does a dict with a
        truthy `error` or an integer `returncode` above 0.
        """
        raise NotImplementedError(f"The job class {type(self).__name__} does not define run().")

    @classmethod
    def run_job(
        cls, job_id: str | None, execution_id: str | None, *args: Any, **kwargs: Any
    ) -> Any:
        """What `run()` of a new instance returns; of an `async` one the awaitable."""
        return cls(job_id, execution_id).run(*args, **kwargs)

    @classmethod
    def create_test_instance(cls: type[Self]) -> Self:
        """An instance that belongs to no job, to try `run()` by hand."""
        return cls(job_id=None, execution_id=None)

    @classmethod
    def meta_info(cls) -> dict[str, Any]:
        """What the web page tells about this class; override it.

        `job_class_string`, `notes` (text), `arguments` (a list of {"type", "description"}) and
        `example_arguments` (JSON text of a list). An argument with `"secret": True`, and keyword
        arguments named in a list `secret_kwargs`, are shown to editors and admins only.
        """
        return {
            "job_class_string": f"{cls.__module__}.{cls.__name__}",
            "notes": "",
            "arguments": [],
            "example_arguments": "",
        }

    @classmethod
    def get_scheduled_description(cls) -> str:
        """The description of an execution that waits to be started."""
        return cls._where()

    @classmethod
    def get_scheduled_error_description(cls) -> str:
        """The description of an execution that could not be started."""
        return cls._where()

    @classmethod
    def get_running_description(cls) -> str:
        """The description of an execution that runs."""
        return cls._where()

    @classmethod
    def get_failed_description(cls) -> str:
        """The description of a failed execution; `sys.exc_info()` is the failure."""
        return cls._where()

    @classmethod
    def get_succeeded_description(cls, result: Any = None) -> str:
        """The description of a succeeded execution; `result` is what `run()` returned."""
        return cls._where()

    @classmethod
    def get_scheduled_error_result(cls) -> str:
        """The result of an execution that could not be started: the traceback."""
        return utils.get_stacktrace()

    @classmethod
    def get_failed_result(cls) -> str:
        """The result of a failed execution: the traceback of `sys.exc_info()`."""
        return utils.get_stacktrace()

    @staticmethod
    def _where() -> str:
        return f"hostname: {utils.get_hostname()} | pid: {utils.get_pid()}"
