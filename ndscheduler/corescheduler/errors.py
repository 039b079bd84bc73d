"""Every exception that ndscheduler raises on purpose.

::

    NdschedulerError
    ├── NotFound
    │   ├── JobNotFound
    │   ├── ExecutionNotFound
    │   ├── AccountNotFound
    │   └── TokenNotFound
    ├── InvalidInput                 names the field
    │   ├── InvalidTrigger
    │   ├── InvalidArgument
    │   ├── MissingParameter
    │   └── UnknownJobClass
    ├── StaleJob
    ├── ConfigError
    ├── DatastoreError
    │   ├── DatastoreUnavailable
    │   │   ├── ConnectionLost
    │   │   ├── DatastoreBusy
    │   │   ├── DatastoreTimeout
    │   │   └── OutcomeUnknown
    │   └── SchemaMismatch
    ├── BackupError
    ├── SchedulerStateError
    ├── SecretNotAvailable
    ├── PeerRefused
    └── MailNotSent

Each is one sentence that a user may read. The server turns them into statuses in one place.
"""

from __future__ import annotations


class NdschedulerError(Exception):
    """Base of all errors of ndscheduler."""


class NotFound(NdschedulerError):
    """What was asked for does not exist."""


class JobNotFound(NotFound):
    """No job has this id."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"Job not found: {job_id}")
        self.job_id = job_id


class ExecutionNotFound(NotFound):
    """No execution has this id."""

    def __init__(self, execution_id: str) -> None:
        super().__init__(f"Execution not found: {execution_id}")
        self.execution_id = execution_id


class AccountNotFound(NotFound):
    """The database has no account of this name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Account not found: {name}")
        self.name = name


class TokenNotFound(NotFound):
    """No API token has this id."""

    def __init__(self, token_id: str) -> None:
        super().__init__(f"API token not found: {token_id}")
        self.token_id = token_id


class InvalidInput(NdschedulerError):
    """A value that a user gave can not be used; `field` is its name as the user wrote it."""

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field
        self.reason = reason


class InvalidTrigger(InvalidInput):
    """A trigger that names no schedule: a bad cron field, interval, date or time zone."""


class InvalidArgument(InvalidInput):
    """An argument of a job that can not be kept as JSON."""


class MissingParameter(InvalidInput):
    """A request without a field that it must have; the sentence is that of 0.x."""

    def __init__(self, field: str) -> None:
        super().__init__("", f"Require this parameter: {field}")
        self.field = field


class UnknownJobClass(InvalidInput):
    """A job class that is not in the registry, or does not import."""

    def __init__(self, job_class_string: str, reason: str) -> None:
        super().__init__("job_class_string", reason)
        self.job_class_string = job_class_string


class StaleJob(NdschedulerError):
    """The job was changed since the caller read it."""

    def __init__(self, job_id: str, expected_rev: int, rev: int) -> None:
        super().__init__(
            f"Job {job_id} was changed meanwhile: its rev is {rev}, not {expected_rev}. "
            "Read it again, then repeat the change."
        )
        self.job_id = job_id
        self.rev = rev


class ConfigError(NdschedulerError):
    """A setting, a settings file or a command line that can not be used."""


class DatastoreError(NdschedulerError):
    """The database can not be used."""


class DatastoreUnavailable(DatastoreError):
    """The database does not answer now; it may later."""


class ConnectionLost(DatastoreUnavailable):
    """The connection broke while it was used, for whatever reason."""


class DatastoreBusy(DatastoreUnavailable):
    """The database answers, but others kept it busy for too long."""


class DatastoreTimeout(DatastoreUnavailable):
    """The database has not answered in time, and is not waited for any longer."""


class OutcomeUnknown(DatastoreUnavailable):
    """The answer to a change was lost: whether it took effect is not known."""


class SchemaMismatch(DatastoreError):
    """The tables in the database are not those of this release."""


class BackupError(NdschedulerError):
    """A backup can not be written or read, or not be restored into this database."""


class SchedulerStateError(NdschedulerError):
    """The scheduler is not in the state that the call needs, such as started twice."""


class SecretNotAvailable(NdschedulerError):
    """A secret that an argument names can not be had; never says anything of its text."""

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"The secret {name!r} can not be used: {reason}.")
        self.name = name


class PeerRefused(NdschedulerError):
    """A job must not connect to this address."""

    def __init__(self, address: str, host: str, why: str) -> None:
        asked = "" if host == address else f", which is {host[:255]!r},"
        super().__init__(f"No connection is made to {address}{asked} {why}.")
        self.address = address


class MailNotSent(NdschedulerError):
    """No mail server took the mail."""
