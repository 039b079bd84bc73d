"""From settings to a scheduler."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager

from ndscheduler.config import Config
from ndscheduler.corescheduler.core.guard import log_stuck
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.keep_rules import KeepRules
from ndscheduler.corescheduler.masking import MaskingFilter
from ndscheduler.corescheduler.runner import Observer
from ndscheduler.corescheduler.scheduler_manager import SchedulerManager, open_datastore
from ndscheduler.corescheduler.secrets_file import SecretsFile
from ndscheduler.tools.failure_mail import FailureMail

logger = logging.getLogger(__name__)

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


# EX_SOFTWARE of sysexits.h: an error within the program, which a supervisor starts again.
EXIT_STUCK = 70


@contextmanager
def configured_datastore(config: Config) -> Iterator[DatastoreBase]:
    """The database that `config` names, for a command; its tables are not looked at yet."""
    datastore = open_datastore(
        config.DATABASE_CLASS, config.DATABASE_CONFIG_DICT, config.DATABASE_TABLENAMES
    )
    with closing(datastore):
        yield datastore


def build_manager(config: Config, on_stuck: Callable[[str], None] = log_stuck) -> SchedulerManager:
    """The scheduler that `config` describes, not started. Raises NdschedulerError."""
    problem = SecretsFile(config.SECRETS_FILE).find_problem()
    if problem is not None:
        logger.warning("Jobs that name a secret can not start: %s", problem)
    return SchedulerManager(
        config.SCHEDULER_CLASS,
        config.DATABASE_CLASS,
        dict(config.DATABASE_CONFIG_DICT),
        dict(config.DATABASE_TABLENAMES),
        config.JOB_COALESCE,
        config.JOB_MISFIRE_GRACE_SEC,
        config.JOB_MAX_INSTANCES,
        config.THREAD_POOL_SIZE,
        config.TIMEZONE,
        job_class_packages=config.JOB_CLASS_PACKAGES,
        observers=observers(config),
        result_max_bytes=config.RESULT_MAX_BYTES,
        drain_timeout_seconds=config.DRAIN_TIMEOUT_SEC,
        lease_seconds=config.LEASE_SEC,
        spill_dir=config.SPILL_DIR,
        secrets_file=config.SECRETS_FILE,
        keep=keep_rules(config),
        on_stuck=on_stuck,
    )


def exit_stuck(problem: str) -> None:
    """End this process at once with status 70: a supervisor starts it again."""
    log_stuck(problem)
    # Nothing can be waited for: what is stuck may hold any lock.
    os._exit(EXIT_STUCK)


def keep_rules(config: Config) -> KeepRules:
    """Which history is kept."""
    return KeepRules.of_settings(
        config.EXECUTIONS_KEEP_DAYS,
        config.AUDIT_KEEP_DAYS,
        config.EXECUTIONS_KEEP_PER_JOB,
        config.JOB_MISFIRE_GRACE_SEC,
    )


def observers(config: Config) -> list[Observer]:
    """Who is told when an execution has ended: the administrators, where mail is set up."""
    if not (config.ADMIN_MAIL and config.MAIL_SERVER):
        return []
    mail = FailureMail(
        config.ADMIN_MAIL, config.SERVER_MAIL, config.MAIL_SERVER, config.WEBSITE_TITLE
    )
    return [mail]


def set_up_logging(config: Config) -> None:
    """Log to stderr, unless the user's program has set up logging already."""
    logging.basicConfig(format=LOG_FORMAT)
    for handler in logging.getLogger().handlers:
        handler.addFilter(MaskingFilter())
    logging.getLogger().setLevel("DEBUG" if config.DEBUG else config.LOGGING_LEVEL)
    # At INFO it tells at every start which database it looks at.
    logging.getLogger("alembic").setLevel("DEBUG" if config.DEBUG else "WARNING")
    # Below that it tells whole URLs, such as Slack's webhook, which is a secret.
    logging.getLogger("urllib3").setLevel("ERROR")
