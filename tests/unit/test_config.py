"""The table of settings: defaults, checks, and the sentence that refuses a bad value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from ndscheduler.config import SECTIONS, SETTING_NAMES, Config, refusal
from ndscheduler.config_sources import checked
from ndscheduler.config_types import STATIC_DIR
from ndscheduler.corescheduler.errors import ConfigError

# As the original has them, save for DEBUG.
DEFAULTS = {
    "DEBUG": False,
    "APP_INDEX_PAGE": "index.html",
    "HTTP_PORT": 7777,
    "HTTP_ADDRESS": "127.0.0.1",
    "TORNADO_MAX_WORKERS": 8,
    "THREAD_POOL_SIZE": 4,
    "JOB_MAX_INSTANCES": 3,
    "JOB_COALESCE": True,
    "TIMEZONE": "UTC",
    "JOB_MISFIRE_GRACE_SEC": 3600,
    "JOBS_TABLENAME": "scheduler_jobs",
    "EXECUTIONS_TABLENAME": "scheduler_execution",
    "AUDIT_LOGS_TABLENAME": "scheduler_jobauditlog",
    "DATABASE_CONFIG_DICT": {"file_path": "datastore.db"},
    "SCHEDULER_CLASS": "ndscheduler.corescheduler.core.base.BaseScheduler",
    "JOB_CLASS_PACKAGES": [],
    "WEBSITE_TITLE": "Scheduler",
    "COOKIE_NAME": "user",
    "COOKIE_MAX_AGE": 1,
    "LOGGING_LEVEL": "INFO",
    "RESULT_MAX_BYTES": 1024 * 1024,
}


@pytest.mark.parametrize(("name", "default"), DEFAULTS.items())
def test_the_defaults_are_those_that_users_know(name: str, default: Any) -> None:
    assert getattr(Config(), name) == default


def test_every_setting_has_an_upper_case_name_and_a_meaning() -> None:
    fields = [item for section in SECTIONS for item in section.model_fields.items()]

    assert all(name.isupper() for name, _ in fields)
    assert all((field.description or "").endswith(".") for _, field in fields)


def test_the_sections_hold_every_setting_once() -> None:
    assert sorted(SETTING_NAMES) == sorted(set(Config.model_fields) - {"extra"})


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("HTTP_PORT", 65536, "HTTP_PORT must be less than or equal to 65535, not 65536."),
        ("HTTP_PORT", -1, "HTTP_PORT must be greater than or equal to 0, not -1."),
        ("HTTP_PORT", True, "HTTP_PORT must be a number, not True."),
        ("THREAD_POOL_SIZE", 0, "THREAD_POOL_SIZE must be greater than or equal to 1, not 0."),
        ("DRAIN_TIMEOUT_SEC", -1, "DRAIN_TIMEOUT_SEC must be greater than or equal to 0, not -1."),
        (
            "CURL_JOB_ALLOW",
            ["10.0.0.0/8", "intranet"],
            "CURL_JOB_ALLOW must be addresses or networks such as 10.0.0.0/8, "
            "not ['10.0.0.0/8', 'intranet'].",
        ),
        (
            "SHELL_JOB_ENV",
            "A=B",
            "SHELL_JOB_ENV must be names of environment variables, not 'A=B'.",
        ),
        (
            "TIMEZONE",
            "Mars/Base",
            "TIMEZONE must be a time zone such as UTC or Europe/Berlin, not 'Mars/Base'.",
        ),
        (
            "TIMEZONE",
            "../../etc/passwd",
            "TIMEZONE must be a time zone such as UTC or Europe/Berlin, not '../../etc/passwd'.",
        ),
        (
            "LOGGING_LEVEL",
            "LOUD",
            "LOGGING_LEVEL must be one of DEBUG, INFO, WARNING, ERROR, CRITICAL, not 'LOUD'.",
        ),
        (
            "DATABASE_CLASS",
            "oracle",
            "DATABASE_CLASS must be one of sqlite, postgres, mysql, or the dotted path of a "
            "class, not 'oracle'.",
        ),
        (
            "SCHEDULER_CLASS",
            "mine",
            "SCHEDULER_CLASS must be the dotted path of a class, not 'mine'.",
        ),
        (
            "TRUSTED_PROXIES",
            ["10.0.0.0/8", "proxy.example"],
            "TRUSTED_PROXIES must be addresses or networks such as 10.0.0.0/8, "
            "not ['10.0.0.0/8', 'proxy.example'].",
        ),
        ("URL_PREFIX", "/a b", "URL_PREFIX must be a path such as /scheduler, not '/a b'."),
        ("URL_PREFIX", "/a/../b", "URL_PREFIX must be a path such as /scheduler, not '/a/../b'."),
        ("URL_PREFIX", "/a//b", "URL_PREFIX must be a path such as /scheduler, not '/a//b'."),
        ("URL_PREFIX", "http://x", "URL_PREFIX must be a path such as /scheduler, not 'http://x'."),
        (
            "URL_PREFIX",
            "/api/v1",
            "URL_PREFIX must be no path that the server uses itself, not '/api/v1'.",
        ),
        ("AUTH", "maybe", "AUTH must be 'login' or 'none', not 'maybe'."),
        ("JOB_CLASS_PACKAGES", 5, "JOB_CLASS_PACKAGES must be a valid list, not 5."),
    ],
)
def test_a_bad_value_is_refused_in_one_sentence_that_names_the_setting(
    name: str, value: Any, sentence: str
) -> None:
    with pytest.raises(ConfigError) as raised:
        checked({name: value}, {})

    assert str(raised.value) == sentence


def test_a_refused_secret_is_not_told() -> None:
    with pytest.raises(ConfigError) as raised:
        checked({"DATABASE_CONFIG_DICT": "postgres://user:hunter2@host/db"}, {})

    assert str(raised.value) == "DATABASE_CONFIG_DICT must be a valid dictionary."


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(ValidationError) as raised:
        Config(HTTP_PROT=1)  # type: ignore[call-arg]

    assert refusal(raised.value)[0] == "HTTP_PROT"


def test_a_config_can_not_be_changed() -> None:
    with pytest.raises(ValidationError):
        Config().HTTP_PORT = 1  # type: ignore[misc]


@pytest.mark.parametrize("name", ["JOB_CLASS_PACKAGES", "ADMIN_MAIL", "ADMIN_USER", "MAIL_SERVER"])
def test_a_single_string_becomes_a_list_of_one(name: str) -> None:
    assert getattr(Config(**{name: "one"}), name) == ["one"]


def test_null_is_an_empty_list_mapping_or_text() -> None:
    config = Config(JOB_CLASS_PACKAGES=None, AUTH_CREDENTIALS=None, WEBSITE_TITLE=None)

    assert (config.JOB_CLASS_PACKAGES, config.AUTH_CREDENTIALS, config.WEBSITE_TITLE) == (
        [],
        {},
        "",
    )


@pytest.mark.parametrize(
    ("short", "path"),
    [
        ("sqlite", "ndscheduler.corescheduler.datastore.providers.sqlite.DatastoreSqlite"),
        ("Postgres", "ndscheduler.corescheduler.datastore.providers.postgres.DatastorePostgres"),
        ("mysql", "ndscheduler.corescheduler.datastore.providers.mysql.DatastoreMySQL"),
        ("my.own.Datastore", "my.own.Datastore"),
    ],
)
def test_database_class_takes_short_names_and_paths(short: str, path: str) -> None:
    assert Config(DATABASE_CLASS=short).DATABASE_CLASS == path


@pytest.mark.parametrize(("given", "level"), [("debug", "DEBUG"), (10, "DEBUG"), ("warn", "WARN")])
def test_a_logging_level_is_a_name_in_any_case_or_a_number(given: Any, level: str) -> None:
    assert Config(LOGGING_LEVEL=given).LOGGING_LEVEL == level


def test_the_old_names_of_tables_are_taken_where_the_mapping_names_none() -> None:
    config = Config(JOBS_TABLENAME="j", DATABASE_TABLENAMES={"executions_tablename": "e"})

    assert config.DATABASE_TABLENAMES == {
        "jobs_tablename": "j",
        "executions_tablename": "e",
        "auditlogs_tablename": "scheduler_jobauditlog",
    }
    assert (config.JOBS_TABLENAME, config.EXECUTIONS_TABLENAME) == ("j", "e")


def test_the_mapping_of_table_names_wins_over_the_old_names() -> None:
    config = Config(JOBS_TABLENAME="old", DATABASE_TABLENAMES={"jobs_tablename": "new"})

    assert config.DATABASE_TABLENAMES["jobs_tablename"] == "new"


def test_a_default_in_the_mapping_of_table_names_yields_to_an_old_name() -> None:
    star_imported = Config().DATABASE_TABLENAMES

    config = Config(JOBS_TABLENAME="mine", DATABASE_TABLENAMES=star_imported)

    assert config.DATABASE_TABLENAMES["jobs_tablename"] == "mine"


def test_a_page_directory_may_be_a_path_and_null_is_the_page_that_comes_along() -> None:
    config = Config(STATIC_DIR_PATH=Path("/srv/page"), TEMPLATE_DIR_PATH=None)

    assert (config.STATIC_DIR_PATH, config.TEMPLATE_DIR_PATH) == ("/srv/page", STATIC_DIR)


@pytest.mark.parametrize(
    ("value", "prefix"),
    [
        ("", ""),
        (None, ""),
        ("/", ""),
        ("scheduler", "/scheduler"),
        ("/scheduler/", "/scheduler"),
        ("/ops/scheduler", "/ops/scheduler"),
        ("/api/scheduler", "/api/scheduler"),
    ],
)
def test_a_prefix_begins_with_a_slash_and_ends_without(value: str | None, prefix: str) -> None:
    assert checked({"URL_PREFIX": value}, {}).URL_PREFIX == prefix
