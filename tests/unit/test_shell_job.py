"""ShellJob with real programs."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from simple_scheduler.jobs import shell_job
from simple_scheduler.jobs.shell_job import ShellJob


def shell(*args: object, **kwargs: object) -> dict[str, object]:
    return ShellJob.create_test_instance().run(*args, **kwargs)


def python(code: str, **kwargs: object) -> dict[str, object]:
    return shell(sys.executable, "-c", code, **kwargs)


def is_alive(pid: int) -> bool:
    """False for a zombie too: its code has ended."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state not in "ZX"


def wait_until_dead(pid: int) -> bool:
    deadline = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not is_alive(pid)


@pytest.mark.parametrize(("program", "code"), [("true", 0), ("false", 1)])
def test_the_exit_status_alone_is_the_result_of_a_silent_program(program: str, code: int) -> None:
    assert shell(program) == {"returncode": code}


def test_what_the_program_printed_is_in_the_result() -> None:
    result = shell("sh", "-c", "echo out; echo err >&2; exit 7")

    assert result == {"returncode": 7, "stdout": "out\n", "stderr": "err\n"}


def test_arguments_reach_the_program_without_a_shell() -> None:
    assert shell("echo", "$HOME", "*", "a;b", 5, 1.5)["stdout"] == "$HOME * a;b 5 1.5\n"


def test_a_missing_program_is_a_file_not_found_error() -> None:
    with pytest.raises(FileNotFoundError) as failure:
        shell("/nonexistent/prog")

    assert str(failure.value) == "[Errno 2] No such file or directory: '/nonexistent/prog'"


def test_a_program_ended_by_a_signal_has_failed() -> None:
    assert shell("sh", "-c", "kill -9 $$") == {"returncode": 137}


def test_no_program_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a program"):
        shell()


@pytest.mark.parametrize("argument", [["ls", "-l"], None, True, {"a": 1}])
def test_an_argument_that_is_no_text_is_refused(argument: object) -> None:
    with pytest.raises(TypeError, match="strings and numbers"):
        shell("echo", argument)


def test_the_environment_is_clean(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_PASSWORD", "secret")
    monkeypatch.setenv("TZ", "Europe/Berlin")
    code = "import json, os; print(json.dumps(dict(os.environ)))"

    seen = json.loads(str(python(code, env={"COLOUR": "red", "N": 3})["stdout"]))

    assert set(seen) <= {"PATH", "HOME", "LANG", "TZ", "COLOUR", "N", "LC_CTYPE"}
    assert (seen["TZ"], seen["COLOUR"], seen["N"]) == ("Europe/Berlin", "red", "3")


def test_no_descriptor_but_the_three_is_inherited(tmp_path: Path) -> None:
    with open(tmp_path / "secret", "w") as secret:
        os.set_inheritable(secret.fileno(), True)

        listed = shell("sh", "-c", "ls /proc/$$/fd; readlink /proc/$$/fd/0")

    assert listed["stdout"] == "0\n1\n2\n/dev/null\n"


def test_the_program_runs_in_cwd(tmp_path: Path) -> None:
    assert shell("pwd", "-P", cwd=str(tmp_path))["stdout"] == f"{tmp_path.resolve()}\n"


def test_output_without_end_is_kept_to_its_end() -> None:
    code = "import sys\nfor i in range(300000): print(i); print(-i, file=sys.stderr)"

    result = python(code)

    stdout = str(result["stdout"])
    assert result["returncode"] == 0
    assert stdout.endswith("299998\n299999\n")
    assert str(result["stderr"]).endswith("-299998\n-299999\n")
    assert len(stdout) < 64 * 1024 + 100
    assert re.fullmatch(r"\[\d+ bytes before this were not kept\]", stdout.splitlines()[0])


def test_output_that_is_no_text_is_kept_with_replacements() -> None:
    assert shell("printf", "a\\377b")["stdout"] == "a\ufffdb"


@pytest.mark.parametrize("redirect", ["", ">/dev/null 2>&1"])
def test_a_timeout_ends_the_program_and_all_that_it_started(redirect: str, tmp_path: Path) -> None:
    script = f"(sleep 60 & echo $! > pid; sleep 60) {redirect} & echo started; sleep 60"
    started = time.monotonic()

    with pytest.raises(TimeoutError, match=r"did not end within 0.5 s(.|\n)*started"):
        shell("sh", "-c", script, timeout=0.5, cwd=str(tmp_path))

    assert time.monotonic() - started < 4
    assert wait_until_dead(int((tmp_path / "pid").read_text()))


def test_a_timeout_ends_what_ignores_sigterm(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(shell_job, "KILL_AFTER_SECONDS", 0.3)
    script = "trap '' TERM; (echo $$ > pid; sleep 60) & sleep 60; sleep 60"

    with pytest.raises(TimeoutError):
        shell("sh", "-c", script, timeout=0.5, cwd=str(tmp_path))

    assert wait_until_dead(int((tmp_path / "pid").read_text()))


def test_a_program_may_clean_up_after_sigterm(tmp_path: Path) -> None:
    script = "exec >/dev/null 2>&1; trap 'sleep 0.3; echo done > mark; exit' TERM; sleep 60 & wait"

    with pytest.raises(TimeoutError):
        shell("sh", "-c", script, timeout=0.5, cwd=str(tmp_path))

    assert (tmp_path / "mark").read_text() == "done\n"


def test_a_program_left_in_the_background_holds_up_nothing(tmp_path: Path) -> None:
    started = time.monotonic()

    result = shell("sh", "-c", "sleep 60 & echo $! > pid; echo bye", cwd=str(tmp_path))

    pid = int((tmp_path / "pid").read_text())
    assert time.monotonic() - started < 5
    assert result == {"returncode": 0, "stdout": "bye\n"}
    assert is_alive(pid)
    os.kill(pid, 9)


@pytest.mark.parametrize("timeout", [0, -1, "soon", float("nan")])
def test_a_timeout_that_is_none_is_refused_before_anything_runs(
    timeout: object, tmp_path: Path
) -> None:
    with pytest.raises(ValueError, match=r"timeout is|could not convert"):
        shell("touch", "mark", timeout=timeout, cwd=str(tmp_path))

    assert not (tmp_path / "mark").exists()


def test_unknown_keyword_arguments_are_ignored_with_a_warning(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        result = shell("true", colour="red", timout=5)

    assert result == {"returncode": 0}
    assert "ignores the keyword arguments colour, timout" in caplog.text


def test_it_runs_by_hand() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "simple_scheduler.jobs.shell_job", "echo", "hello"],
        capture_output=True,
        text=True,
        check=True,
    )

    assert json.loads(done.stdout) == {"returncode": 0, "stdout": "hello\n"}


def test_meta_info_names_the_class() -> None:
    info = ShellJob.meta_info()

    assert info["job_class_string"] == "simple_scheduler.jobs.shell_job.ShellJob"
    assert isinstance(json.loads(info["example_arguments"]), list)
    assert info["secret_kwargs"] == ["env"]
