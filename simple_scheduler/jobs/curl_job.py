"""A job class that calls a URL. By hand: `python -m simple_scheduler.jobs.curl_job URL`."""

from __future__ import annotations

import contextlib
import json
import socket
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import MaxRetryError

from ndscheduler import settings
from ndscheduler.corescheduler import job
from ndscheduler.tools.http_session import CheckedSession
from ndscheduler.tools.peers import Peers

DEFAULT_TIMEOUT_SECONDS = 10.0
DEFAULT_MAX_BYTES = 1024 * 1024


class CurlJob(job.JobBase):
    """Sends one HTTP request; an answer with a status of 400 or more fails the execution.

    Only the addresses of the setting CURL_JOB_ALLOW are asked. Redirects are followed, and proxies
    of the environment are not used.
    """

    @classmethod
    def meta_info(cls) -> dict[str, Any]:
        """What the web page tells about this class."""
        return {
            "job_class_string": f"{cls.__module__}.{cls.__name__}",
            "notes": (
                "Calls a URL; a status of 400 or more fails the execution. Keyword arguments: "
                "body (text, or an object that is sent as JSON), headers, timeout (seconds for "
                "the whole call, 10), max_bytes (how much of the answer to keep, 1 MiB)."
            ),
            "arguments": [
                {"type": "string", "description": "What URL to call, http:// or https://"},
                {"type": "string", "description": "Method: GET, POST, PUT, DELETE ..."},
            ],
            # Where credentials stand.
            "secret_kwargs": ["headers"],
            "example_arguments": '["http://localhost:8888/api/v1/jobs", "GET"]',
        }

    def run(self, url: str, request_type: str = "GET", *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Call `url`; see meta_info for `kwargs`.

        Returns {"status_code", "body"}, with "truncated": true when the answer is longer than
        `max_bytes`. Raises ValueError for another scheme than http and https, TimeoutError when
        the answer is not complete after `timeout`, PeerRefused for an address that must not be
        asked, requests.RequestException when the call fails otherwise.
        """
        method = str(request_type).upper()
        _check_url(url)
        timeout_seconds = float(kwargs.get("timeout") or DEFAULT_TIMEOUT_SECONDS)
        max_bytes = int(kwargs.get("max_bytes") or DEFAULT_MAX_BYTES)
        payload = _payload(kwargs.get("body"), kwargs.get("headers"))
        peers = Peers(settings.CURL_JOB_ALLOW)
        with _within(timeout_seconds) as guard, CheckedSession(peers, guard) as session:
            # `timeout` bounds each wait, such as for a connection; the guard bounds the sum.
            with session.request(
                method, url, stream=True, timeout=timeout_seconds, **payload
            ) as answer:
                content, is_truncated = _read(answer, max_bytes)
        body = content.decode(answer.encoding or "utf-8", errors="replace")
        if answer.status_code >= 400:
            raise requests.HTTPError(_failure(method, answer, body))
        result = {"status_code": answer.status_code, "body": body}
        return {**result, "truncated": True} if is_truncated else result


class _Guard:
    """Ends the connections that it was given when the time is over.

    The timeout of a socket starts anew with each byte, so a server that sends slowly enough
    could hold a job for ever.
    """

    def __init__(self, seconds: float) -> None:
        self.is_expired = False
        self._ends = time.monotonic() + seconds
        self._connections: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self._expire)
        self._timer.daemon = True
        self._timer.start()

    def seconds_left(self) -> float:
        return self._ends - time.monotonic()

    def watch(self, connection: socket.socket) -> None:
        """Keep a handle of our own: TLS takes the socket away from the object it had."""
        with self._lock:
            self._connections.append(connection.dup())
        if self.is_expired:
            self._expire()

    def close(self) -> None:
        self._timer.cancel()
        with self._lock:
            for connection in self._connections:
                connection.close()
            self._connections.clear()

    def _expire(self) -> None:
        with self._lock:
            self.is_expired = True
            for connection in self._connections:
                # The other side may have closed it already.
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)


@contextlib.contextmanager
def _within(seconds: float) -> Iterator[_Guard]:
    """A guard for the block; what it cuts off becomes a TimeoutError."""
    if not 0 < seconds < threading.TIMEOUT_MAX:
        raise ValueError(f"timeout is {seconds:g}; it must be above 0 seconds.")
    started = time.monotonic()
    guard = _Guard(seconds)
    try:
        yield guard
    except requests.RequestException as error:
        if guard.is_expired or isinstance(error, requests.Timeout):
            waited = time.monotonic() - started
            raise TimeoutError(f"There was no complete answer after {waited:.1f} s.") from None
        # `from None`, and a text of our own: those of requests hold the URL.
        raise type(error)(_reason(error)) from None
    finally:
        guard.close()
    # An answer without a length ends where the connection ends, and so looks complete.
    if guard.is_expired:
        raise TimeoutError(f"There was no complete answer after {seconds:g} s.")


def _check_url(url: str) -> None:
    scheme = urlsplit(str(url)).scheme
    if scheme not in ("http", "https"):
        raise ValueError(f"CurlJob calls http and https only, not {scheme or 'no scheme'!r}.")


def _payload(body: Any, headers: Any) -> dict[str, Any]:
    """The arguments of requests that send `body`: text as it is, anything else as JSON."""
    given = {"headers": {str(name): str(value) for name, value in (headers or {}).items()}}
    # What is below refuses this too, but some releases do so with the value in their words.
    for name, value in given["headers"].items():
        if "\n" in value or "\r" in value:
            raise ValueError(f"The value of the header {name!r} has a line break.")
    if body is None:
        return given
    return {**given, "data": body.encode()} if isinstance(body, str) else {**given, "json": body}


def _read(answer: requests.Response, max_bytes: int) -> tuple[bytes, bool]:
    """(the first `max_bytes` of the answer, whether there is more)."""
    content = bytearray()
    for chunk in answer.iter_content(16384):
        content += chunk
        if len(content) > max_bytes:
            return bytes(content[:max_bytes]), True
    return bytes(content), False


def _reason(error: requests.RequestException) -> str:
    """What went wrong, without the URL's path and query, which may hold a secret."""
    cause = error.args[0] if error.args else None
    if isinstance(cause, MaxRetryError):
        return str(cause.reason)
    if isinstance(error, requests.exceptions.InvalidHeader):
        return "The name or the value of a header is not valid."
    if isinstance(error, ValueError):
        return "The URL, or one that it redirects to, is no valid URL of http or https."
    return str(error)


def _failure(method: str, answer: requests.Response, body: str) -> str:
    """A sentence without the URL's path and query, which may hold a secret."""
    host = urlsplit(answer.url).hostname
    begin = f": {body[:1000]}" if body else "."
    return f"{method} to {host} was answered with {answer.status_code} {answer.reason}{begin}"


if __name__ == "__main__":
    called = CurlJob.create_test_instance().run(*sys.argv[1:] or ["http://localhost:8888/"])
    print(json.dumps(called, indent=4))
