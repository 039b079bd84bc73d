"""Three servers with jobs of every kind, watched while their database is away and comes back."""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

from ndscheduler.corescheduler.clock import uptime, utc_now
from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from tests.chaos.api_watch import HEALTH, READY, Answer, ApiWatch, slowest
from tests.chaos.checker import check
from tests.chaos.cluster import Cluster
from tests.chaos.history import History, settle
from tests.chaos.notes import Note, Notes
from tests.chaos.processes import wait_until
from tests.chaos.scale import report, scaled, within
from tests.chaos.schedules import noted_jobs

# What the promise says.
API_SECONDS = within(2.0)
FIRST_START_SECONDS = within(2.0)
# "Fast": what a load balancer waits for.
HEALTH_SECONDS = within(1.0)
# After so long /readyz knows that the database is away, and that it is back.
READY_SECONDS = within(2.0)
BURST = 30
# Fires of the strict jobs that are later than this are missed.
STRICT_GRACE_SECONDS = 2
LONG_RUN_SECONDS = 3.0
SETTLE_SECONDS = 30.0
# In full the default: after 30 s its instances have fenced themselves, as those of users would.
LEASE = scaled({}, {"LEASE_SEC": 6})


class OutageRun:
    """A cluster with jobs and clients; leaving the `with` block ends it."""

    def __init__(
        self,
        kind: str,
        datastore: DatastoreBase,
        folder: Path,
        settings: dict[str, Any] | None = None,
        size: int = 3,
    ) -> None:
        self.kind = kind
        self.datastore = datastore
        self.notes = Notes(folder / "notes")
        self.cluster = Cluster(kind, datastore, folder, size, {**LEASE, **(settings or {})})

    def __enter__(self) -> OutageRun:
        try:
            self.cluster.start()
            self._add_jobs()
            self.watch = ApiWatch(self.cluster.servers, self.by_hand[0].job_id)
            self.watch.__enter__()
        except BaseException:
            self.cluster.kill_all()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.watch.close()
        if error is not None:
            print(self.cluster.logs())
        self.cluster.kill_all()

    def _add_jobs(self) -> None:
        store, path = self.datastore, self.notes.path
        self.series = noted_jobs(store, path, 3, coalesce=False)
        self.coalesced = noted_jobs(store, path, 3, coalesce=True)
        self.strict = noted_jobs(store, path, 2, misfire_grace_seconds=STRICT_GRACE_SECONDS)
        # Some of them always run, so some end while the database is away.
        self.long = noted_jobs(store, path, 1, LONG_RUN_SECONDS)
        # It runs when a client says so, and only then.
        never = json.dumps({"type": "date", "run_date": "2000-01-01T00:00:00Z"})
        self.by_hand = noted_jobs(store, path, 1, trigger_json=never, next_fire=None)

    def let_fire(self, seconds: float) -> None:
        """Wait until code starts, then let it fire for `seconds`."""
        before = len(self.starts())
        wait_until(lambda: len(self.starts()) > before, 10, "a start")
        time.sleep(seconds)

    def stay_away(self, seconds: float) -> None:
        """Let `seconds` pass; halfway more clients come at once than there are threads."""
        time.sleep(seconds / 2)
        self.watch.burst(BURST)
        time.sleep(seconds / 2)

    def starts(self) -> list[Note]:
        """What the jobs noted when their code began."""
        return [note for note in self.notes.all() if note.letter == "S"]

    def end(self) -> History:
        """Stop the schedules and the clients, and wait until everything has ended."""
        self.watch.close()
        schedules = [*self.series, *self.coalesced, *self.strict, *self.long, *self.by_hand]
        return settle(self.datastore, self.notes, schedules, SETTLE_SECONDS)

    def seconds_to_first_start(self, returned: float) -> float:
        """How long after `returned` (uptime) code began."""
        return min(note.at for note in self.starts() if note.at >= returned) - returned


def judge(run: OutageRun, fault: str, gone: float, back: float) -> None:
    """Tell how the cluster stood an outage from `gone` to `back` (uptime), then assert it."""
    history = run.end()
    ended = ended_meanwhile(run, gone, back)
    first = run.seconds_to_first_start(back)
    figures = api_figures(run.watch.answers, gone, back)
    report(
        fault,
        run.kind,
        away=round(back - gone, 1),
        first_start=round(first, 3),
        ended_meanwhile=len(ended),
        rows=len(history.rows),
        **figures,
    )
    assert_nothing_lost(run, history)
    assert_missed_are_counted(run, history, back - gone)
    assert_ends_are_stored(history, ended)
    assert first <= FIRST_START_SECONDS
    assert_api(run.watch.answers, gone, back)


def assert_nothing_lost(run: OutageRun, history: History) -> None:
    """Every fire is there once, what could run ran, and no instance was thought dead."""
    check(history)
    states = {
        name: Counter(
            row.state.label
            for row in history.rows
            if row.job_id in {schedule.job_id for schedule in schedules}
        )
        for name, schedules in vars(run).items()
        if name in ("series", "coalesced", "long", "by_hand")
    }
    assert {label for counted in states.values() for label in counted} == {"succeeded"}, states
    promised = run.watch.executions()
    lost = [each for each in promised if each not in history.rows_by_id]
    assert not lost, f"promised by the API and never recorded: {lost}"
    alive = run.cluster.call("GET", "/instances")["instances"]
    assert len([i for i in alive if i["is_alive"]]) == len(run.cluster.servers), alive


def assert_missed_are_counted(run: OutageRun, history: History, outage_seconds: float) -> None:
    """The fires of the strict jobs in the outage are missed ones, in rows that count them."""
    for schedule in run.strict:
        missed = sum(
            row.count
            for row in history.rows
            if row.job_id == schedule.job_id and row.state is ExecutionState.MISSED
        )
        assert missed >= int(outage_seconds) - STRICT_GRACE_SECONDS - 2, schedule.job_id


def ended_meanwhile(run: OutageRun, gone: float, back: float) -> list[Note]:
    """The runs whose code ended while the database was away."""
    return [note for note in run.notes.all() if note.letter == "E" and gone < note.at < back]


def assert_ends_are_stored(history: History, ends: list[Note]) -> None:
    """There are such ends, and each is stored as it was, at the time at which it was."""
    assert ends
    offset = utc_now() - timedelta(seconds=uptime())
    for note in ends:
        row = history.rows_by_id[note.execution_id]
        assert row.state is ExecutionState.SUCCEEDED
        assert row.finished_time is not None
        late = row.finished_time - (offset + timedelta(seconds=note.at))
        assert abs(late) < timedelta(seconds=1), history.evidence(row.id)


def api_figures(answers: list[Answer], gone: float, back: float) -> dict[str, float]:
    """How fast the servers answered; the database was away from `gone` to `back` (uptime)."""
    away = [a for a in answers if gone < a.at < back]
    ready = [a.at + a.seconds for a in answers if READY in a.request and a.status != 200]
    return {
        "requests": len(answers),
        "requests_away": len(away),
        "slowest_api_away": round(slowest(away, lambda a: a.is_api), 3),
        "slowest_healthz": round(slowest(answers, lambda a: HEALTH in a.request), 3),
        "slowest_readyz": round(slowest(answers, lambda a: READY in a.request), 3),
        "ready_after_return": round(max(0.0, max(ready, default=0) - back), 3),
    }


def assert_api(answers: list[Answer], gone: float, back: float) -> None:
    """Every answer came in time and was what it had to be, from `gone` to `back` above all."""
    assert_answers_in_time(answers)
    wrong = [a for a in answers if not _is_right(a, gone, back)]
    assert not wrong, f"{len(wrong)} wrong answers: {[str(a) for a in wrong[:5]]}"


def assert_answers_in_time(answers: list[Answer]) -> None:
    """No request waited longer than is promised."""
    slow = [a for a in answers if a.seconds > (API_SECONDS if a.is_api else HEALTH_SECONDS)]
    assert not slow, f"{len(slow)} slow answers: {[str(a) for a in slow[:5]]}"


def _is_right(answer: Answer, gone: float, back: float) -> bool:
    if HEALTH in answer.request:
        return answer.status == 200
    if not (answer.status == 200 and answer.is_json) and not answer.is_refusal:
        return False
    if READY in answer.request:
        if answer.at > back + READY_SECONDS:
            return answer.status == 200
        is_known = gone + READY_SECONDS < answer.at and answer.at + answer.seconds < back
        return answer.status == 503 if is_known else True
    # Nothing but the database can know what was asked for.
    return answer.is_refusal if gone < answer.at < back - answer.seconds else True
