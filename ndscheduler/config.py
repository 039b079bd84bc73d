"""The one table of settings, made of the sections in `config_sections`, `config_login_sections`.

Everything that lists settings is generated from here: config_example.yaml,
doc/reference/settings.md, check-config.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field, ValidationError, model_validator

from ndscheduler.config_login_sections import Ldap, Login
from ndscheduler.config_sections import (
    SECRET,
    Database,
    History,
    Jobs,
    Mail,
    Page,
    SampleJobs,
    Section,
    Sources,
    WebServer,
)

_TABLENAMES = {
    "jobs_tablename": "JOBS_TABLENAME",
    "executions_tablename": "EXECUTIONS_TABLENAME",
    "auditlogs_tablename": "AUDIT_LOGS_TABLENAME",
}

SECTIONS: tuple[type[Section], ...] = (
    WebServer,
    Page,
    Jobs,
    SampleJobs,
    Database,
    History,
    Mail,
    Login,
    Ldap,
    Sources,
)


class Config(WebServer, Page, Jobs, SampleJobs, Database, History, Mail, Login, Ldap, Sources):
    """Every setting, checked. `extra` holds the UPPER_CASE names of users' own."""

    extra: dict[str, Any] = Field({}, description="Names that are no settings of ndscheduler.")

    @model_validator(mode="before")
    @classmethod
    def name_tables(cls, values: Any) -> Any:
        """DATABASE_TABLENAMES and the three *_TABLENAME say the same; the dictionary wins.

        A name in the dictionary that is just the default yields to a *_TABLENAME: a settings file
        that begins with `from ndscheduler.default_settings import *` has both.
        """
        if not isinstance(values, dict):
            return values
        given = values.get("DATABASE_TABLENAMES") or {}
        if not isinstance(given, dict):
            return values
        names = dict(given)
        single = {}
        for key, setting in _TABLENAMES.items():
            default = cls.model_fields[setting].default
            if names.get(key) in (None, default):
                names[key] = values.get(setting) or default
            single[setting] = names[key]
        return {**values, **single, "DATABASE_TABLENAMES": names}


SETTING_NAMES: tuple[str, ...] = tuple(
    name for section in SECTIONS for name in section.model_fields
)


def is_secret(name: str) -> bool:
    """True where nothing of the value of setting `name` may be shown."""
    field = Config.model_fields.get(name)
    return field is not None and field.json_schema_extra == SECRET


def refusal(error: ValidationError) -> tuple[str, str]:
    """Name of the first setting that `error` refuses, and the reason, ready to follow the name.

    The refused value is told unless the setting may hold a secret.
    """
    first = error.errors(include_url=False)[0]
    name = str(first["loc"][0]) if first["loc"] else ""
    cause = first.get("ctx", {}).get("error")
    reason = str(cause) if cause else first["msg"].replace("Input should be", "must be")
    field = Config.model_fields.get(name)
    if field is None or field.json_schema_extra is not None:
        return name, reason
    return name, f"{reason}, not {first['input']!r}"
