"""The helpers of ndscheduler.utils and ndscheduler.corescheduler.utils."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any

import pytest
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from ndscheduler import settings
from ndscheduler import utils as all_utils
from ndscheduler.corescheduler import utils

JOB = SimpleNamespace(
    args=("shop.Report", "j1", None, None, None, "a", 2),
    kwargs={"colour": "red"},
    trigger=CronTrigger(minute="*/5", hour="3", timezone="UTC"),
)


class Recorder:
    """A datastore class that keeps what get_instance was given."""

    @classmethod
    def get_instance(cls, *args: Any) -> tuple[Any, ...]:
        return args


def test_import_from_path_gives_the_attribute() -> None:
    assert utils.import_from_path("os.path.join") is os.path.join


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("os", ValueError),
        ("", ValueError),
        ("os.no_such", AttributeError),
        ("no_such_module.X", ModuleNotFoundError),
    ],
)
def test_import_from_path_raises_what_the_import_raises(path: str, error: type) -> None:
    with pytest.raises(error):
        utils.import_from_path(path)


def test_the_present_is_aware_and_utc() -> None:
    now = utils.get_current_datetime()

    assert now.utcoffset() == timedelta(0)
    assert abs(now - datetime.now(timezone.utc)) < timedelta(seconds=5)


def test_ids_are_32_hex_digits_and_differ() -> None:
    ids = {utils.generate_uuid() for _ in range(100)}

    assert len(ids) == 100
    assert all(len(new_id) == 32 and int(new_id, 16) for new_id in ids)


def test_host_and_process_are_ours() -> None:
    assert (utils.get_hostname(), utils.get_pid()) == (socket.gethostname(), os.getpid())


def test_the_stacktrace_is_that_of_the_handled_exception() -> None:
    try:
        raise KeyError("boom")
    except KeyError:
        assert utils.get_stacktrace().endswith("KeyError: 'boom'\n")


def test_a_job_tells_its_class_and_the_arguments_of_its_user() -> None:
    assert utils.get_job_name(JOB) == "shop.Report"
    assert utils.get_job_args(JOB) == ["a", 2]
    assert utils.get_job_kwargs(JOB) == {"colour": "red"}


def test_the_cron_strings_are_the_six_that_rest_shows() -> None:
    assert utils.get_cron_strings(JOB) == {
        "month": "*",
        "day": "*",
        "week": "*",
        "day_of_week": "*",
        "hour": "3",
        "minute": "*/5",
    }


def test_the_cron_strings_of_another_trigger_are_empty() -> None:
    job = SimpleNamespace(trigger=IntervalTrigger(seconds=5, timezone="UTC"))

    assert set(utils.get_cron_strings(job).values()) == {""}


def test_a_datastore_is_asked_of_its_class() -> None:
    found = utils.get_datastore_instance(f"{__name__}.Recorder", {"file_path": "x"}, {"a": "b"})

    assert found == ({"file_path": "x"}, {"a": "b"})


def test_the_available_jobs_are_those_of_the_settings() -> None:
    settings.JOB_CLASS_PACKAGES = ["simple_scheduler.jobs", "no_such_package"]

    names = [info["job_class_string"] for info in all_utils.get_all_available_jobs()]

    assert "simple_scheduler.jobs.shell_job.ShellJob" in names
    assert "no_such_package" not in names


def test_every_helper_is_in_both_modules() -> None:
    shared = set(all_utils.__all__) - {"get_all_available_jobs", "get_datastore_instance"}

    assert all(getattr(utils, name) is getattr(all_utils, name) for name in shared)


def test_the_helpers_of_the_core_read_no_settings() -> None:
    code = (
        "import sys, ndscheduler.corescheduler.utils, ndscheduler.corescheduler.registry;"
        "print(sorted(m for m in sys.modules if m in "
        "('sqlalchemy', 'tornado', 'apscheduler', 'ndscheduler.config')))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"
