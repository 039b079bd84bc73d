"""Statements on an execution that ends, which change only a row that is still that run's."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, Update, bindparam, or_

from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.models import Finish


def _where_still_run(table: Table) -> Update:
    """A change of the row that runs as `_which` says, and of none where it does not any more."""
    return table.update().where(
        table.c.id == bindparam("the_id"),
        table.c.owner == bindparam("the_owner"),
        table.c.attempt == bindparam("the_attempt"),
        # IN is not for many rows at once.
        or_(
            table.c.state == int(ExecutionState.RUNNING),
            table.c.state == int(ExecutionState.STOPPING),
        ),
    )


def finishing(table: Table) -> Update:
    """Stores how an execution ended; for rows as `finishing_row` makes them."""
    return _where_still_run(table).values(
        state=bindparam("new_state"),
        live=None,
        finished_time=bindparam("at"),
        updated_time=bindparam("at"),
        result=bindparam("new_result"),
        description=bindparam("new_description"),
        error_summary=bindparam("new_error_summary"),
        exit_code=bindparam("new_exit_code"),
    )


def touching(table: Table) -> Update:
    """Changes as little as can be; for rows as `touching_row` makes them."""
    return _where_still_run(table).values(updated_time=bindparam("at"))


def _which(finish: Finish) -> dict[str, Any]:
    return {
        "the_id": finish.execution.id,
        "the_owner": finish.execution.owner,
        "the_attempt": finish.execution.attempt,
    }


def finishing_row(finish: Finish) -> dict[str, Any]:
    """What `finishing` needs of `finish`."""
    return _which(finish) | {
        "new_state": int(finish.state),
        "at": finish.finished_time,
        "new_result": finish.result,
        "new_description": finish.description,
        "new_error_summary": finish.error_summary,
        "new_exit_code": finish.exit_code,
    }


def touching_row(finish: Finish) -> dict[str, Any]:
    """What `touching` needs of `finish`."""
    return _which(finish) | {"at": finish.finished_time}
