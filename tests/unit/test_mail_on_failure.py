"""FailureMail against real SMTP servers on loopback."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest

from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.models import Execution, Finish
from ndscheduler.tools.failure_mail import FailureMail
from tests.unit.loopback_smtp import Mailbox, odd_server, refusing, smtp_server, text_of

SENDER = "Scheduler <scheduler@example.com>"
NOON = datetime(2026, 1, 31, 12, tzinfo=timezone.utc)
EXECUTION = Execution(
    id="e1",
    job_id="j1",
    job_name="Nightly\nreport",
    job_class_string="shop.jobs.Report",
    args_json="[]",
    kwargs_json="{}",
    scheduled_time=NOON,
    updated_time=NOON,
    started_time=NOON,
    hostname="host-7",
)
FAILED = Finish(EXECUTION, ExecutionState.FAILED, NOON, result="Traceback\nValueError: boom")


def observer(server: str, **options: Any) -> FailureMail:
    return FailureMail(["ops@example.com"], SENDER, [server], "Shop", **options)


def test_a_failure_is_mailed_with_all_that_is_known() -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox) as server:
        observer(server).execution_finished(FAILED)

    (message,) = mailbox.messages
    text = text_of(message)
    assert message["Subject"] == "[Shop] Job Nightly report failed"
    assert message["To"] == "ops@example.com"
    assert message["Auto-Submitted"] == "auto-generated"
    for known in (
        "Nightly report",
        "j1",
        "e1",
        "shop.jobs.Report",
        "2026-01-31 12:00:00+00:00",
        "host-7",
    ):
        assert known in text
    assert text.endswith("Traceback\nValueError: boom\n")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (ExecutionState.SCHEDULED_ERROR, "could not be started"),
        (ExecutionState.TIMEOUT, "timed out"),
        (ExecutionState.INTERRUPTED, "was interrupted"),
    ],
)
def test_the_subject_says_what_happened(state: ExecutionState, words: str) -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox) as server:
        observer(server).execution_finished(replace(FAILED, state=state))

    assert mailbox.messages[0]["Subject"] == f"[Shop] Job Nightly report {words}"


@pytest.mark.parametrize(
    "state",
    [
        ExecutionState.SUCCEEDED,
        ExecutionState.STOPPED,
        ExecutionState.MISSED,
        ExecutionState.SKIPPED,
    ],
)
def test_what_is_no_failure_is_not_mailed(state: ExecutionState) -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox) as server:
        observer(server).execution_finished(replace(FAILED, state=state))

    assert mailbox.envelopes == []


def test_a_long_result_is_mailed_from_its_end() -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox) as server:
        result = "\u00e9" * 500_000 + "\nValueError: boom"
        observer(server).execution_finished(replace(FAILED, result=result))

    text = text_of(mailbox.messages[0])
    assert text.endswith("ValueError: boom\n")
    assert "bytes before this are left out" in text
    assert 100_000 < len(text.encode()) < 110_000


@pytest.mark.parametrize("result", ["\x00\udc80\x1b[31m", "x" * 5000, "", None])
def test_any_result_can_be_mailed(result: str | None) -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox) as server:
        observer(server).execution_finished(replace(FAILED, result=result))

    assert len(mailbox.envelopes) == 1


@pytest.mark.parametrize(
    "server",
    [refusing, lambda: "no such host.invalid", lambda: "ftp://u:SECRET@host", lambda: "a..b"],
)
def test_a_broken_mail_server_is_a_warning_and_nothing_else(
    server: Callable[[], str], caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        observer(server(), timeout_seconds=1).execution_finished(FAILED)

    (record,) = caplog.records
    assert record.getMessage().startswith("The failure of execution e1 was not mailed: ")
    assert record.exc_info is None
    assert "SECRET" not in record.getMessage()


def test_a_mail_server_that_hangs_is_a_warning_too(caplog: pytest.LogCaptureFixture) -> None:
    with odd_server(b"") as server, caplog.at_level(logging.WARNING):
        observer(server, timeout_seconds=0.3).execution_finished(FAILED)

    assert "was not mailed" in caplog.text


def test_recipients_that_were_refused_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    with smtp_server(Mailbox(refused=("b@example.com",))) as server:
        two = FailureMail(["a@example.com", "b@example.com"], SENDER, [server])
        with caplog.at_level(logging.WARNING):
            two.execution_finished(FAILED)

    assert "was refused for b@example.com" in caplog.text


def test_without_recipients_nothing_is_tried(caplog: pytest.LogCaptureFixture) -> None:
    FailureMail([], SENDER, [refusing()]).execution_finished(FAILED)

    assert caplog.records == []
