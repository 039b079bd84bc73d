"""AwesomeJob, the job class that users copy first."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from simple_scheduler.jobs.sample_job import AwesomeJob


def test_it_prints_its_arguments_and_gives_them_back(capsys: pytest.CaptureFixture[str]) -> None:
    result = AwesomeJob.create_test_instance().run("first", {"second": "a dict"})

    assert result == ["first", {"second": "a dict"}]
    assert "first" in capsys.readouterr().out


def test_a_missing_argument_is_a_type_error() -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'argument2'"):
        AwesomeJob.create_test_instance().run("only one")


def test_it_runs_by_hand() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "simple_scheduler.jobs.sample_job"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert "Argument1: 123, Argument2: 456" in done.stdout


def test_meta_info_names_the_class() -> None:
    info = AwesomeJob.meta_info()

    assert info["job_class_string"] == "simple_scheduler.jobs.sample_job.AwesomeJob"
    assert len(json.loads(info["example_arguments"])) == len(info["arguments"])
