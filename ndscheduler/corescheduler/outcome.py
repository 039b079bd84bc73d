"""How an execution ended, as far as the job's code decides it: state, result, description."""

from __future__ import annotations

import inspect
import logging
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from ndscheduler.corescheduler import codec, masking
from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.masking import NO_MASK, Mask

logger = logging.getLogger(__name__)
logger.addFilter(masking.MaskingFilter())

MAX_SUMMARY = 500


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one run. `result` is text: JSON, or a traceback. Nothing is cut yet."""

    state: ExecutionState
    result: str | None = None
    description: str | None = None
    error_summary: str | None = None
    exit_code: int | None = None

    def masked(self, mask: Mask) -> Outcome:
        """The same without the secrets that `mask` knows."""
        if mask is NO_MASK:
            return self
        return replace(
            self,
            result=None if self.result is None else mask.json_text(self.result),
            description=None if self.description is None else mask.text(self.description),
            error_summary=None if self.error_summary is None else mask.text(self.error_summary),
        )


def returned(subject: Any, result: Any) -> Outcome:
    """The outcome of a run that returned `result`. Raises TypeError if it is no JSON.

    `subject`, here and below, is the job that ran, or its class, or None.
    A dict with a truthy `error`, or with an integer `returncode` above 0, is a failure.
    """
    text = codec.encode_result(result)
    summary = _failure_in(result)
    hook = "get_succeeded_description" if summary is None else "get_failed_description"
    arguments = (result,) if summary is None else ()
    return Outcome(
        state=ExecutionState.SUCCEEDED if summary is None else ExecutionState.FAILED,
        result=text,
        description=described(subject, hook, *arguments),
        error_summary=summary,
        exit_code=_exit_code(result),
    )


def failed(subject: Any) -> Outcome:
    """The outcome of a run that raised; called where `sys.exc_info()` is set."""
    return _raised(subject, ExecutionState.FAILED, "get_failed")


def not_started(subject: Any) -> Outcome:
    """The outcome of a run whose code could not be started; `sys.exc_info()` is set."""
    return _raised(subject, ExecutionState.SCHEDULED_ERROR, "get_scheduled_error")


def refused(sentence: str) -> Outcome:
    """The outcome of a run whose code may not be started, for the reason in `sentence`."""
    return Outcome(ExecutionState.SCHEDULED_ERROR, sentence, error_summary=sentence)


def described(subject: Any, hook: str, *arguments: Any) -> str | None:
    """What a describing method of `subject`, a job or its class, says.

    None where there is none, and, with a log line, where it fails. It is called where
    `sys.exc_info()` is set, if the execution failed.
    """
    try:
        method = _method(subject, hook)
        if method is None:
            return None
        # Some classes of old take no `result`.
        text = method(*arguments) if _fits(method, len(arguments)) else method()
    except BaseException:
        logger.exception("%s() of %s failed.", hook, subject)
        return None
    return None if text is None else str(text)


def _method(subject: Any, hook: str) -> Any:
    """The method of `subject`; some classes of old have methods of the job in its place."""
    method = getattr(subject, hook, None)
    if isinstance(subject, type) and inspect.isfunction(method):
        method = getattr(subject.create_test_instance(), hook)  # type: ignore[attr-defined]
    return method


def _fits(method: Any, count: int) -> bool:
    """True if `method` can be called with `count` arguments."""
    function = getattr(method, "__func__", None)
    return _takes(method, count) if function is None else _takes(function, count + 1)


@lru_cache(1024)
def _takes(function: Callable[..., Any], count: int) -> bool:
    try:
        inspect.signature(function).bind(*range(count))
    except TypeError:
        return False
    return True


def _raised(subject: Any, state: ExecutionState, prefix: str) -> Outcome:
    trace = _trace()
    result = described(subject, f"{prefix}_result")
    return Outcome(
        state=state,
        result=trace if result is None else result,
        description=described(subject, f"{prefix}_description"),
        error_summary=_summary_of(sys.exc_info()[1]),
    )


def _trace() -> str:
    """The traceback of the exception that is handled; an exception may not even be printable."""
    error = sys.exc_info()[1]
    try:
        return traceback.format_exc()
    except Exception:  # noqa: BLE001 - whatever its parts raise when they are asked for text
        return f"{type(error).__name__} (which can not be printed)"


def _summary_of(error: BaseException | None) -> str:
    try:
        lines = traceback.format_exception_only(type(error), error)
    except Exception:  # noqa: BLE001 - whatever its parts raise when they are asked for text
        return f"{type(error).__name__} (which can not be printed)"
    return "".join(lines).strip()


def _failure_in(result: Any) -> str | None:
    if not isinstance(result, dict):
        return None
    if result.get("error"):
        return str(result["error"])
    code = _exit_code(result)
    if code is not None and code > 0:
        return f"The program ended with exit status {code}."
    return None


def _exit_code(result: Any) -> int | None:
    code = result.get("returncode") if isinstance(result, dict) else None
    fits = isinstance(code, int) and not isinstance(code, bool) and -(2**31) <= code < 2**31
    return code if fits else None
