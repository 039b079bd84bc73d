"""What the audit log is told of refused logins; the clock is the test's own."""

from __future__ import annotations

import pytest

from ndscheduler.corescheduler.constants import AuditEvent
from ndscheduler.server.auth.refusals import (
    MAX_CLIENTS,
    OTHERS,
    WINDOW_SECONDS,
    Refusals,
    first_note,
)
from tests.unit.test_throttle import Clock, client

REFUSED, THROTTLED = AuditEvent.LOGIN_REFUSED, AuditEvent.LOGIN_THROTTLED


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def refusals(clock: Clock) -> Refusals:
    return Refusals(clock)


def test_the_first_of_a_client_is_told_at_once(refusals: Refusals) -> None:
    assert refusals.count(REFUSED, "192.0.2.1")
    assert not refusals.count(REFUSED, "192.0.2.1")
    assert refusals.count(THROTTLED, "192.0.2.1")
    assert refusals.count(REFUSED, "192.0.2.2")


def test_those_that_follow_are_told_as_one_number(refusals: Refusals, clock: Clock) -> None:
    for _ in range(10_000):
        refusals.count(REFUSED, "192.0.2.1")
    assert refusals.closed() == []
    clock.now += WINDOW_SECONDS

    notes = refusals.closed()

    assert [(note.client, note.sentence) for note in notes] == [
        ("192.0.2.1", "9999 more refused logins within 600 s.")
    ]
    assert refusals.closed(at_once=True) == []


def test_a_flood_from_many_clients_is_a_handful(refusals: Refusals) -> None:
    told = sum(refusals.count(REFUSED, client(i)) for i in range(10_000))
    notes = refusals.closed(at_once=True)

    assert told == MAX_CLIENTS + 1
    assert [note.client for note in notes] == [OTHERS]
    assert f"{10_000 - told} more" in notes[0].sentence


def test_nothing_is_told_where_nothing_was_refused(refusals: Refusals) -> None:
    assert refusals.closed(at_once=True) == []


def test_an_account_is_named_and_a_name_that_is_none_is_not() -> None:
    known = first_note(REFUSED, "ann", "192.0.2.1")
    unknown = first_note(THROTTLED, None, "192.0.2.1")

    assert (known.user, known.sentence) == ("ann", "A login was refused: account ann.")
    assert unknown.user == ""
    assert unknown.sentence == "Logins were slowed down: an unknown name."
