"""A job class that runs a program. By hand: `python -m simple_scheduler.jobs.shell_job ls -l`."""

from __future__ import annotations

import contextlib
import json
import logging
import math
import os
import selectors
import signal
import subprocess
import sys
import time
from typing import Any

from ndscheduler import settings
from ndscheduler.corescheduler import job

logger = logging.getLogger(__name__)

OUTPUT_TAIL_BYTES = 64 * 1024
# How long a program may take to end after SIGTERM, before SIGKILL.
KILL_AFTER_SECONDS = 5.0
# The program gets these of our variables, those that SHELL_JOB_ENV names, and no other: what else
# is there may be secret.
INHERITED_VARIABLES = ("PATH", "HOME", "LANG", "TZ")


class ShellJob(job.JobBase):
    """Runs a program with arguments, without a shell; its exit status decides.

    For pipes, globs and variables name a shell: "bash", "-c", "gzip -c *.log > logs.gz".
    The program reads nothing from stdin and gets a session of its own, so that a timeout ends
    all that it started. What it leaves in the background goes on, with its output closed.
    """

    @classmethod
    def meta_info(cls) -> dict[str, Any]:
        """What the web page tells about this class."""
        return {
            "job_class_string": f"{cls.__module__}.{cls.__name__}",
            "notes": (
                "Runs a program, without a shell; an exit status other than 0 fails the "
                "execution. Keyword arguments: timeout (seconds), cwd, env (variables to add to "
                f"{', '.join(INHERITED_VARIABLES)} and those of SHELL_JOB_ENV)."
            ),
            "arguments": [
                {"type": "string", "description": "Program, by its name or its path"},
                {"type": "string", "description": "Its arguments, each one by itself"},
            ],
            # Where a program gets its secrets.
            "secret_kwargs": ["env"],
            "example_arguments": '["/usr/local/bin/backup", "--keep-days", "7"]',
        }

    def run(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Run the program `args[0]` with the arguments after it; see meta_info for `kwargs`.

        Returns {"returncode": n}, and "stdout" and "stderr" where it printed something: of each
        the last 64 KiB. A program ended by signal N has the returncode 128 + N, as in a shell.
        Raises FileNotFoundError when there is no such program, TimeoutError after `timeout`.
        """
        timeout_seconds = _timeout_seconds(kwargs.pop("timeout", None))
        command = {"args": _argv(args), "cwd": kwargs.pop("cwd", None)}
        variables = _environment(kwargs.pop("env", None))
        if kwargs:
            logger.warning("ShellJob ignores the keyword arguments %s.", ", ".join(sorted(kwargs)))
        # To run what a job says is what this class is for.
        process = subprocess.Popen(  # nosec B603
            **command,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        with process, _Output(process) as output:
            return _watch(process, output, timeout_seconds)


class _Output:
    """Reads both pipes of a process as it prints, and keeps the end of each."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._tails = {"stdout": _Tail(), "stderr": _Tail()}
        self._selector = selectors.DefaultSelector()
        for name, pipe in (("stdout", process.stdout), ("stderr", process.stderr)):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
            self._selector.register(pipe, selectors.EVENT_READ, self._tails[name])

    def __enter__(self) -> _Output:
        return self

    def __exit__(self, *exc_info: object) -> None:
        self._selector.close()

    @property
    def is_open(self) -> bool:
        """False once nobody can print any more."""
        return bool(self._selector.get_map())

    def read(self, wait_seconds: float) -> bool:
        """Wait for output and read it. False when none came in time."""
        ready = self._selector.select(wait_seconds)
        for key, _ in ready:
            chunk = os.read(key.fd, 65536)
            if not chunk:
                self._selector.unregister(key.fileobj)
            key.data.add(chunk)
        return bool(ready)

    def texts(self) -> dict[str, str]:
        """What was printed, by "stdout" and "stderr", where something was."""
        return {name: tail.text() for name, tail in self._tails.items() if tail.total}


class _Tail:
    """The last OUTPUT_TAIL_BYTES of what it is given."""

    def __init__(self) -> None:
        self.total = 0
        self._end = bytearray()

    def add(self, chunk: bytes) -> None:
        self.total += len(chunk)
        self._end += chunk
        del self._end[:-OUTPUT_TAIL_BYTES]

    def text(self) -> str:
        text = self._end.decode("utf-8", errors="replace")
        cut = self.total - len(self._end)
        return f"[{cut} bytes before this were not kept]\n{text}" if cut else text


def _watch(
    process: subprocess.Popen[bytes], output: _Output, timeout_seconds: float
) -> dict[str, Any]:
    """Read the output until the process has ended."""
    deadline = time.monotonic() + timeout_seconds
    try:
        while process.poll() is None:
            if time.monotonic() >= deadline:
                raise TimeoutError(_ended_by_timeout(process, output, timeout_seconds))
            _wait_a_little(process, output)
    finally:
        if process.poll() is None:
            _kill_group(process, signal.SIGKILL)
    _drain(output)
    code = process.returncode
    return {"returncode": code if code >= 0 else 128 - code, **output.texts()}


def _wait_a_little(process: subprocess.Popen[bytes], output: _Output) -> None:
    """Until it prints something, ends, or a moment has passed."""
    if output.is_open:
        output.read(wait_seconds=0.05)
    else:
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=0.05)


def _drain(output: _Output) -> None:
    """Read what is in the pipes still, but not for long: a program left behind may print on."""
    stop_at = time.monotonic() + 1.0
    while output.is_open and output.read(wait_seconds=0) and time.monotonic() < stop_at:
        pass


def _ended_by_timeout(
    process: subprocess.Popen[bytes], output: _Output, timeout_seconds: float
) -> str:
    """End the process and all that it started; returns the sentence that says so.

    The process is not reaped before SIGKILL: until then its id, which is the id of the group,
    can not become a stranger's.
    """
    _kill_group(process, signal.SIGTERM)
    kill_at = time.monotonic() + KILL_AFTER_SECONDS
    while time.monotonic() < kill_at and (output.is_open or not _has_ended(process)):
        output.read(wait_seconds=0.05)
    _kill_group(process, signal.SIGKILL)
    process.wait()
    printed = "".join(f"\n{name}:\n{text}" for name, text in output.texts().items())
    return f"The program did not end within {timeout_seconds:g} s and was killed.{printed}"


def _has_ended(process: subprocess.Popen[bytes]) -> bool:
    """True when the process is over, which leaves it unreaped."""
    how = os.WEXITED | os.WNOWAIT | os.WNOHANG
    return os.waitid(os.P_PID, process.pid, how) is not None


def _kill_group(process: subprocess.Popen[bytes], signal_number: int) -> None:
    os.killpg(process.pid, signal_number)


def _timeout_seconds(timeout: Any) -> float:
    """Infinite for None. Raises ValueError for what is not a positive number."""
    seconds = math.inf if timeout is None else float(timeout)
    if not seconds > 0:
        raise ValueError(f"timeout is {timeout!r}; it must be above 0 seconds.")
    return seconds


def _argv(args: tuple[Any, ...]) -> list[str]:
    """The command line as strings. Raises ValueError when there is no program."""
    if not args:
        raise ValueError('ShellJob needs a program to run, such as ["ls", "-l"].')
    for arg in args:
        if isinstance(arg, bool) or not isinstance(arg, (str, int, float)):
            raise TypeError(f"ShellJob takes strings and numbers, not {arg!r}.")
    return [str(arg) for arg in args]


def _environment(added: dict[str, Any] | None) -> dict[str, str]:
    names = (*INHERITED_VARIABLES, *settings.SHELL_JOB_ENV)
    kept = {name: os.environ[name] for name in names if name in os.environ}
    return {"PATH": os.defpath, **kept, **{k: str(v) for k, v in (added or {}).items()}}


if __name__ == "__main__":
    argv = sys.argv[1:] or ["ls", "-l"]
    print(json.dumps(ShellJob.create_test_instance().run(*argv), indent=4))
