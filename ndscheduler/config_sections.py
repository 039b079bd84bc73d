"""The settings, section by section: name, type, default and meaning of each.

The titles of the sections are the first lines of their docstrings.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from ndscheduler.config_types import (
    DATABASE_CLASSES,
    STATIC_DIR,
    ClassPath,
    Count,
    DatabaseClass,
    Dictionary,
    Lease,
    Level,
    Networks,
    OptionalCount,
    OptionalDays,
    OptionalNetworks,
    OptionalPath,
    PageDir,
    Port,
    Seconds,
    Text,
    UrlPrefix,
    Variables,
    WholeSeconds,
    Words,
    Zone,
)
from ndscheduler.corescheduler import constants

OWN_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; "
    "connect-src 'self'; worker-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)

# Values of these settings are never printed, or not in whole.
SECRET: dict[str, Any] = {"secret": "all"}
HOLDS_SECRET: dict[str, Any] = {"secret": "part"}


class Section(BaseModel):
    """Settings of one subject."""

    model_config = ConfigDict(frozen=True, extra="forbid", coerce_numbers_to_str=True)


class WebServer(Section):
    """Web server"""

    HTTP_ADDRESS: Text = Field("127.0.0.1", description="Address to listen on; empty is all.")
    HTTP_PORT: Port = Field(7777, description="Port to listen on; 0 takes any free one.")
    SSL_CERT: OptionalPath = Field(
        None,
        description="Certificate file (PEM); with it, HTTPS. A new one is taken without a restart.",
    )
    SSL_KEY: OptionalPath = Field(None, description="Private key file (PEM) of SSL_CERT.")
    HSTS_MAX_AGE_SEC: WholeSeconds = Field(
        31536000,
        description="Seconds for which browsers that came by HTTPS will use nothing else for the "
        "name of this server; 0 says nothing of it.",
    )
    TRUSTED_PROXIES: Networks = Field(
        [],
        description="Addresses or networks of proxies before this server, whose X-Forwarded-For "
        "and X-Forwarded-Proto are believed; those of others are ignored.",
    )
    URL_PREFIX: UrlPrefix = Field(
        "", description="Path below which a proxy shows this server, such as `/scheduler`."
    )
    TORNADO_MAX_WORKERS: Count = Field(8, description="Threads that answer web requests.")
    DEBUG: bool = Field(
        False,
        description="Log at level DEBUG, and read templates anew each time; "
        "ignored where other machines reach the server.",
    )
    LOGGING_LEVEL: Level = Field(
        "INFO", description="Least level logged: DEBUG, INFO, WARNING, ERROR or CRITICAL."
    )


class Page(Section):
    """Web page"""

    WEBSITE_TITLE: Text = Field("Scheduler", description="Title of the page.")
    STATIC_DIR_PATH: PageDir = Field(
        STATIC_DIR,
        description="Directory of a page of your own; null is the page that comes along.",
    )
    TEMPLATE_DIR_PATH: PageDir = Field(
        STATIC_DIR, description="Directory of the template APP_INDEX_PAGE; null as above."
    )
    APP_INDEX_PAGE: str = Field("index.html", description="Template of the page at /.")
    CONTENT_SECURITY_POLICY: Text = Field(
        OWN_PAGE_POLICY, description="Content-Security-Policy header; empty sends none."
    )
    HELP_URL: Text = Field("", description="Link of the page's Help entry; empty hides it.")
    ISSUES_URL: Text = Field("", description="Link to report issues; empty hides it.")


class Jobs(Section):
    """Jobs"""

    JOB_CLASS_PACKAGES: Words = Field(
        [], description="Packages whose job classes REST and the page offer."
    )
    TIMEZONE: Zone = Field(
        constants.DEFAULT_TIMEZONE, description="Time zone of jobs that name none."
    )
    JOB_COALESCE: bool = Field(
        constants.DEFAULT_JOB_COALESCE,
        description="Several due fire times of a job become one execution that counts them.",
    )
    JOB_MISFIRE_GRACE_SEC: Count = Field(
        constants.DEFAULT_JOB_MISFIRE_GRACE_SEC,
        description="Seconds a fire time may be late and still run; later ones are `missed`.",
    )
    JOB_MAX_INSTANCES: Count = Field(
        constants.DEFAULT_JOB_MAX_INSTANCES,
        description="Executions of one job queued or running at once; more are `skipped`.",
    )
    THREAD_POOL_SIZE: Count = Field(
        constants.DEFAULT_THREAD_POOL_SIZE, description="Threads that run jobs."
    )
    RESULT_MAX_BYTES: Count = Field(
        constants.DEFAULT_RESULT_MAX_BYTES, description="Longest result kept, in bytes."
    )
    DRAIN_TIMEOUT_SEC: Seconds = Field(
        30.0, description="Seconds that running jobs get to finish when the scheduler stops."
    )
    LEASE_SEC: Lease = Field(
        constants.DEFAULT_LEASE_SECONDS,
        description="Seconds of silence after which a scheduler process counts as dead, and what "
        "it ran becomes `interrupted`; a sign of life is written six times as often.",
    )
    SPILL_DIR: OptionalPath = Field(
        None,
        description="Directory for results that the database does not take for some seconds; null "
        "is that of the SQLite file, else `~/.local/state/ndscheduler`.",
    )
    SECRETS_FILE: OptionalPath = Field(
        None,
        description='YAML or JSON file of `NAME: text`, which jobs get for `{"$secret": "NAME"}` '
        "in their arguments; only its owner may read it (mode 0600). A change needs no restart.",
    )
    SCHEDULER_CLASS: ClassPath = Field(
        "ndscheduler.corescheduler.core.base.BaseScheduler",
        description="Dotted path of the scheduler class; a subclass may override its hooks.",
    )


class SampleJobs(Section):
    """Sample jobs"""

    CURL_JOB_ALLOW: OptionalNetworks = Field(
        None,
        description="Addresses and networks that CurlJob may connect to, such as 10.0.0.0/8; null "
        "is all but link-local ones and cloud metadata services.",
    )
    SHELL_JOB_ENV: Variables = Field(
        [],
        description="Environment variables of the scheduler that programs of ShellJob get, beside "
        "PATH, HOME, LANG and TZ.",
    )


class Database(Section):
    """Database"""

    DATABASE_CLASS: DatabaseClass = Field(
        DATABASE_CLASSES["sqlite"],
        description="sqlite, postgres, mysql, or the dotted path of a class of your own.",
    )
    DATABASE_CONFIG_DICT: Dictionary = Field(
        {"file_path": "datastore.db"},
        description="SQLite: file_path. Others: user, password, hostname, port, database, sslmode.",
        json_schema_extra=HOLDS_SECRET,
    )
    DATABASE_TABLENAMES: Dictionary = Field(
        {
            "jobs_tablename": constants.DEFAULT_JOBS_TABLENAME,
            "executions_tablename": constants.DEFAULT_EXECUTIONS_TABLENAME,
            "auditlogs_tablename": constants.DEFAULT_AUDIT_LOGS_TABLENAME,
        },
        description="Names of the tables; all others derive theirs from executions_tablename.",
    )
    JOBS_TABLENAME: str = Field(
        constants.DEFAULT_JOBS_TABLENAME,
        description="jobs_tablename, where DATABASE_TABLENAMES names none.",
    )
    EXECUTIONS_TABLENAME: str = Field(
        constants.DEFAULT_EXECUTIONS_TABLENAME,
        description="executions_tablename, where DATABASE_TABLENAMES names none.",
    )
    AUDIT_LOGS_TABLENAME: str = Field(
        constants.DEFAULT_AUDIT_LOGS_TABLENAME,
        description="auditlogs_tablename, where DATABASE_TABLENAMES names none.",
    )


class History(Section):
    """History"""

    EXECUTIONS_KEEP_DAYS: OptionalDays = Field(
        None,
        description="Days that finished executions and statistics are kept; null keeps all.",
    )
    EXECUTIONS_KEEP_PER_JOB: OptionalCount = Field(
        None, description="Newest executions of each job that are kept; null keeps all."
    )
    AUDIT_KEEP_DAYS: OptionalDays = Field(
        None, description="Days that audit entries are kept; null keeps all."
    )


class Mail(Section):
    """Mail on failure"""

    ADMIN_MAIL: Words = Field(
        [], description="Addresses told when an execution fails; empty sends no mail."
    )
    SERVER_MAIL: Text = Field("", description="Address that the mail comes from.")
    MAIL_SERVER: Words = Field(
        [],
        description="Servers tried in turn: host, host:port, or a URL smtp://user:password@host "
        "(also smtps:// and smtp+starttls://).",
        json_schema_extra=HOLDS_SECRET,
    )


class Sources(Section):
    """Set by ndscheduler itself"""

    YAML_CONFIG: bool = Field(False, description="Whether a YAML file was read.")
    YAML_CONFIG_FILE: OptionalPath = Field(None, description="The YAML file that was read.")
