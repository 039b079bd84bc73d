"""Two databases that programs of old have written: REST shows what they showed."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.api.api_server import Api, serving
from tests.compat.old_databases import DATA, SAMPLES, old_database, sample_file, shown_by_0x
from tests.database_fixtures import KINDS
from tests.databases import PROVIDER_PATHS, db_config, missing_reason, table_names

RANGE = "time_range_start=2026-01-01T00:00:00&time_range_end=2036-01-01T00:00:00"
CLOSED = "tests.compat.closed_gate.ClosedScheduler"
UNFINISHED = (
    "It was running when the database was upgraded from ndscheduler 0.x: "
    "no scheduler that is known runs it."
)

Row = dict[str, Any]


CASES = [
    pytest.param(
        (sample, kind),
        marks=[] if kind == "sqlite" else getattr(pytest.mark, kind),
        id=f"{sample}-{kind}",
    )
    for sample in SAMPLES
    for kind in KINDS
]


@pytest.fixture(scope="module")
def extra_jobs_are_importable() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(DATA))
        yield


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest) -> tuple[str, str]:
    """The sample, and the kind of database that it is upgraded on."""
    sample, kind = request.param
    reason = missing_reason(kind)
    if reason is not None:
        pytest.skip(reason)
    return sample, kind


@pytest.fixture(scope="module")
def sample(case: tuple[str, str]) -> str:
    return case[0]


@pytest.fixture(scope="module")
def api(
    extra_jobs_are_importable: None,
    case: tuple[str, str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Api]:
    """A server on the upgraded database; it claims nothing, so the rows stay as they are."""
    folder = tmp_path_factory.mktemp("upgraded")
    sample, kind = case
    if kind == "sqlite":
        # As users have it: the server itself upgrades the file.
        sample_file(sample, folder)
        with serving(folder, SCHEDULER_CLASS=CLOSED) as running:
            yield running
        return
    prefix = f"t{uuid.uuid4().hex[:10]}"
    with old_database(kind, prefix, folder, with_fractions=True) as old:
        old.make().load(sample)
        old.store.migrate()
        changes = {
            "SCHEDULER_CLASS": CLOSED,
            "DATABASE_CLASS": PROVIDER_PATHS[kind],
            "DATABASE_CONFIG_DICT": db_config(kind, folder),
            "DATABASE_TABLENAMES": table_names(prefix),
        }
        with serving(folder, **changes) as running:
            yield running


def test_jobs_are_shown_as_before(api: Api, sample: str) -> None:
    # 0.x had no order among jobs that fire next at the same instant; here it is that of the ids.
    before = sorted(
        shown_by_0x(sample)["jobs"],
        key=lambda job: (job["next_run_time"] == "", job["next_run_time"], job["job_id"]),
    )

    after = api.get("/api/v1/jobs").json()["jobs"]

    assert [_only(job, before[0]) for job in after] == before
    assert {job["job_id"] for job in after if job["paused"]} == {
        job["job_id"] for job in before if job["next_run_time"] == ""
    }


def test_options_and_keyword_arguments_are_kept(api: Api) -> None:
    jobs = {job["name"]: job for job in api.get("/api/v1/jobs").json()["jobs"]}

    assert jobs["kwargs job"]["kwargs"] == {"colour": "red", "n": 3}
    for job in jobs.values():
        options = ("misfire_grace_time", "coalesce", "max_instances", "timezone")
        assert [job[name] for name in options] == [3600, True, 3, "UTC"]


def test_executions_are_shown_as_before_but_for_unfinished_ones(api: Api, sample: str) -> None:
    before = {row["execution_id"]: row for row in shown_by_0x(sample)["executions"]}

    after = {
        row["execution_id"]: row
        for row in api.get(f"/api/v1/executions?{RANGE}").json()["executions"]
    }

    assert list(after) == list(before)
    for execution_id, row in before.items():
        seen = after[execution_id]
        expected = {**row, "state": "interrupted"} if row["state"] == "running" else row
        assert _only(seen, row) == expected
        assert seen["reason"] == (UNFINISHED if row["state"] == "running" else None)
        assert ("job" in seen) == ("job" in row)


def test_one_execution_is_found_by_its_id(api: Api, sample: str) -> None:
    row = next(row for row in shown_by_0x(sample)["executions"] if row["state"] == "failed")

    seen = api.get(f"/api/v1/executions/{row['execution_id']}").json()

    assert _only(seen, row) == row
    assert seen["error_summary"] == "ValueError: boom <b>bold</b>"


def test_executions_know_the_job_also_of_a_deleted_one(api: Api, sample: str) -> None:
    rows = api.get(f"/api/v1/executions?{RANGE}").json()["executions"]

    deleted = next(row for row in rows if "job" not in row)
    gone = next(row for row in rows if row["state"] == "scheduled error")

    names = ("job_name", "job_class_string", "pub_args")
    assert [deleted[name] for name in names] == [
        "to be deleted",
        "simple_scheduler.jobs.sample_job.AwesomeJob",
        ["bye", "bye"],
    ]
    assert [gone[name] for name in names] == ["class is gone", "gone.module.GoneJob", []]


def test_runs_by_hand_are_told_from_scheduled_ones(api: Api, sample: str) -> None:
    by_hand = {
        row["description"] for row in shown_by_0x(sample)["logs"] if row["event"] == "custom_run"
    }

    rows = api.get(f"/api/v1/executions?{RANGE}").json()["executions"]

    kinds = {row["execution_id"]: row["trigger_kind"] for row in rows}
    assert {eid for eid, kind in kinds.items() if kind == "manual"} == by_hand - {None}


def test_the_audit_log_is_shown_as_before_and_changes_are_data(api: Api, sample: str) -> None:
    before = shown_by_0x(sample)["logs"]

    after = api.get(f"/api/v1/logs?{RANGE}").json()["logs"]

    assert [_only(entry, before[0]) for entry in after] == before
    (modified,) = [entry for entry in after if entry["event"] == "modified"]
    nested = {"nested": {"k": [1, 2, None, True]}}
    assert modified["changes"] == {
        "name": ["nightly report", "nightly report v2"],
        "pub_args": [["a", nested, 3.5], ["a", nested, 3.5, "new"]],
        "minute": ["30", "45"],
    }


def test_statistics_count_the_executions_of_old(api: Api) -> None:
    ended = api.get("/api/v1/stats?time_range_start=2026-01-01T00:00:00Z").json()["ended"]

    assert ended == {"failed": 1, "succeeded": 8, "scheduled error": 1, "interrupted": 1}


@pytest.mark.parametrize("sample_name", SAMPLES)
def test_a_job_of_old_runs_with_its_arguments(
    extra_jobs_are_importable: None, sample_name: str, tmp_path: Path
) -> None:
    sample_file(sample_name, tmp_path)

    with serving(tmp_path) as api:
        jobs = {job["name"]: job["job_id"] for job in api.get("/api/v1/jobs").json()["jobs"]}
        run = api.run_job(jobs["kwargs job"])

    assert run["state"] == "succeeded"
    result = json.loads(run["result"])
    assert (result["args"], result["kwargs"]) == (["x"], {"colour": "red", "n": 3})


def _only(row: Row, like: Row) -> Row:
    """The fields of `row` that `like` has, in nested objects as well."""
    return {
        name: _only(row[name], value) if isinstance(value, dict) else row.get(name)
        for name, value in like.items()
        if name in row
    }
