"""What is told of refused logins, and what a flood of them costs."""

from __future__ import annotations

import pytest

from ndscheduler.corescheduler.errors import DatastoreUnavailable
from ndscheduler.server.auth.refusals import WINDOW_SECONDS
from tests.api.hashings import Hashings
from tests.api.logins import PASSWORD
from tests.api.password_checks import Made, Run, clock, hashings, run
from tests.unit.test_throttle import Clock

__all__ = ["clock", "hashings", "run"]


def test_a_flood_of_refused_logins_is_a_handful_of_audit_entries(
    run: Run, clock: Clock, hashings: Hashings
) -> None:
    async def test(made: Made) -> None:
        for i in range(10_000):
            name = "ann" if i % 2 else f"a name that is none {i}"
            await made.tries(name, f"wrong {i}", client="198.51.100.9")
        told = made.notes()
        clock.now += WINDOW_SECONDS
        await made.tries("ann", "wrong", client="203.0.113.1")
        await made.passwords.close()

        assert hashings.count == 21
        assert told == [
            ("", "198.51.100.9", "A login was refused: an unknown name."),
            ("ann", "198.51.100.9", "Logins were slowed down: account ann."),
        ]
        assert sorted(made.notes()[2:]) == [
            ("", "198.51.100.9", "19 more refused logins within 600 s."),
            ("", "198.51.100.9", "9979 more logins slowed down within 600 s."),
            ("ann", "203.0.113.1", "A login was refused: account ann."),
        ]

    run(test)


def test_a_flood_from_many_clients_is_a_handful_too(run: Run) -> None:
    async def test(made: Made) -> None:
        for i in range(2000):
            await made.tries("ann", f"wrong {i}", client=f"10.1.{i // 250}.{i % 250}")
        await made.passwords.close()

        assert 3 <= len(made.notes()) <= 50

    run(test)


def test_what_has_not_been_told_is_told_at_the_end(run: Run) -> None:
    async def test(made: Made) -> None:
        for i in range(3):
            await made.tries("ann", f"wrong {i}")
        await made.passwords.close()

        assert [sentence for _, _, sentence in made.notes()] == [
            "A login was refused: account ann.",
            "2 more refused logins within 0 s.",
        ]

    run(test)


def test_an_outage_neither_lets_anybody_in_nor_holds_up_the_end(
    run: Run, caplog: pytest.LogCaptureFixture
) -> None:
    async def test(made: Made) -> None:
        for i in range(3):
            await made.tries("ann", f"wrong {i}")
        made.outage.set()

        refused = [await made.tries(name, PASSWORD) for name in ("ann", "kim", "nobody")]
        await made.passwords.close()

        assert [type(error) for (error,) in refused] == [DatastoreUnavailable] * 3
        assert "The audit log was not told of refused logins" in caplog.text

    run(test)


def test_attempts_during_an_outage_are_not_counted(run: Run) -> None:
    async def test(made: Made) -> None:
        made.outage.set()
        for i in range(50):
            await made.tries("ann", f"wrong {i}")
        made.outage.clear()

        assert [account.name for account in await made.tries("ann", PASSWORD)] == ["ann"]

    run(test)
