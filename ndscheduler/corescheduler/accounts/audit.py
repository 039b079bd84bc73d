"""Audit entries on accounts, logins and API tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ndscheduler.corescheduler.account_models import Account, ApiToken
from ndscheduler.corescheduler.clock import new_id
from ndscheduler.corescheduler.constants import AuditEvent
from ndscheduler.corescheduler.models import Actor, AuditEntry
from ndscheduler.corescheduler.roles import Role


def account_entry(
    event: AuditEvent,
    actor: Actor,
    now: datetime,
    description: str,
    changes: dict[str, Any] | None = None,
) -> AuditEntry:
    """An entry that is of no job."""
    return AuditEntry(
        id=new_id(),
        event=event,
        job_id="",
        job_name="",
        user=actor.user,
        created_time=now,
        remote=actor.remote,
        description=description,
        changes=changes,
    )


def account_changes(old: Account | None, new: Account) -> dict[str, Any]:
    """What differs in the fields that are no secret, as {"field": [old value, new value]}."""
    before = {} if old is None else _shown(old)
    after = _shown(new)
    return {
        name: [before.get(name), after[name]] for name in after if before.get(name) != after[name]
    }


def token_fields(token: ApiToken) -> dict[str, Any]:
    """The fields of a token that are no secret."""
    expires = None if token.expires_at is None else token.expires_at.isoformat()
    return {
        "name": token.name,
        "role": _word(token.role),
        "made_by": token.user_name,
        "expires_at": expires,
    }


def _shown(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "role": _word(account.role),
        "is_disabled": account.is_disabled,
    }


def _word(role: Role | None) -> str | None:
    return None if role is None else role.value
