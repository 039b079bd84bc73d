"""The rules about the audit log find every breach that they are there to find."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from ndscheduler.corescheduler.constants import AuditEvent
from ndscheduler.corescheduler.models import AuditEntry
from tests.chaos.audit_rules import Change, Ledger, find_audit_problems
from tests.factories import NOON, a_job


def an_entry(number: int, event: AuditEvent, **fields: Any) -> AuditEntry:
    """The entry of this number about the job."""
    when = NOON + number * timedelta(seconds=1)
    entry = AuditEntry(f"entry-{number}", event, "job", "old", "ana", when)
    return replace(entry, **fields)


JOB = a_job(id="job", name="newest", rev=3)
ADDED = an_entry(0, AuditEvent.ADDED)
FIRST = an_entry(1, AuditEvent.MODIFIED, changes={"name": ["old", "new"]})
SECOND = an_entry(2, AuditEvent.MODIFIED, changes={"name": ["new", "newest"]})
RUN = an_entry(3, AuditEvent.CUSTOM_RUN, description="run")
CHANGES = [
    Change(AuditEvent.ADDED, "old", True),
    Change(AuditEvent.MODIFIED, "new", True),
    Change(AuditEvent.MODIFIED, "newest", False),
    Change(AuditEvent.CUSTOM_RUN, "run", True),
]
HEALTHY = Ledger([JOB], ["run"], [ADDED, FIRST, SECOND, RUN], CHANGES)


def kinds(**changes: Any) -> set[str]:
    """The kinds of problems in the healthy ledger with these changes."""
    return {problem.kind for problem in find_audit_problems(replace(HEALTHY, **changes))}


def test_a_healthy_ledger_has_no_problem() -> None:
    assert kinds() == set()


def test_an_unanswered_change_may_be_missing_as_a_whole() -> None:
    before = replace(JOB, name="new", rev=2)

    assert kinds(jobs=[before], entries=[ADDED, FIRST, RUN]) == set()


@pytest.mark.parametrize("job", [replace(JOB, name="new"), replace(JOB, rev=2)])
def test_an_entry_without_its_change_is_found(job: Any) -> None:
    assert kinds(jobs=[job]) == {"UNAUDITED"}


def test_a_change_without_its_entry_is_found() -> None:
    assert kinds(entries=[ADDED, FIRST, RUN]) == {"UNAUDITED"}


def test_a_change_without_its_entry_between_two_others_is_found() -> None:
    assert kinds(entries=[ADDED, SECOND, RUN]) == {"GAP", "UNAUDITED", "ANSWERED"}


def test_a_job_without_its_entry_is_found() -> None:
    stranger = a_job(id="stranger")

    assert kinds(jobs=[JOB, stranger]) == {"UNAUDITED"}


def test_a_deletion_without_its_entry_is_found() -> None:
    deleted = an_entry(4, AuditEvent.DELETED)
    asked = [*CHANGES, Change(AuditEvent.DELETED, "job", True)]

    assert kinds(jobs=[]) == {"UNAUDITED"}
    assert kinds(jobs=[], entries=[*HEALTHY.entries, deleted], changes=asked) == set()


def test_an_entry_of_a_deletion_that_did_not_happen_is_found() -> None:
    deleted = an_entry(4, AuditEvent.DELETED)
    asked = [*CHANGES, Change(AuditEvent.DELETED, "job", False)]

    assert kinds(entries=[*HEALTHY.entries, deleted], changes=asked) == {"UNDONE"}


def test_a_run_and_its_entry_come_together() -> None:
    without = [entry for entry in HEALTHY.entries if entry is not RUN]
    unanswered = [replace(c, is_answered=c.token != "run") for c in CHANGES]

    assert kinds(run_ids=[]) == {"RUN"}
    assert kinds(entries=without, changes=unanswered) == {"RUN"}
    assert kinds(entries=without, run_ids=[], changes=unanswered) == set()


def test_an_answered_change_that_is_not_there_is_found() -> None:
    asked = [*CHANGES, Change(AuditEvent.MODIFIED, "vanished", True)]

    assert kinds(changes=asked) == {"ANSWERED"}


def test_a_change_that_nobody_asked_for_is_found() -> None:
    assert kinds(changes=CHANGES[:-1]) == {"ANSWERED"}
