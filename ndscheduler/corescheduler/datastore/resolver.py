"""Addresses of hosts, asked for with a deadline: a resolver may hang for minutes."""

from __future__ import annotations

import ipaddress
import logging
import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeGuard

from ndscheduler.corescheduler.datastore.deadlines import Call

logger = logging.getLogger(__name__)


class _AnswerLine:
    """What a call waits on until the resolver has answered."""

    def __init__(self) -> None:
        self._over = threading.Event()

    def cut(self) -> None:
        self._over.set()

    def close(self) -> None:
        return

    def wait(self) -> None:
        self._over.wait()


def is_name(host: object) -> TypeGuard[str]:
    """True for the name of one host; False for an address, a path of a socket, a list, nothing."""
    if not isinstance(host, str) or not host or host[0] in "/@" or "," in host:
        return False
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return True
    return False


def addresses_of(host: str) -> list[str]:
    """The addresses of `host` in the order in which to try them. Raises OSError. May hang."""
    found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


class Resolver:
    """Asks in a thread that can be left alone, since nothing ends what the system's resolver does.

    Of each host one question is under way at a time; all who want to know wait for its answer.
    """

    def __init__(self, ask: Callable[[str], list[str]] = addresses_of) -> None:
        self._ask = ask
        self._lock = threading.Lock()
        self._asked: dict[str, Future[list[str]]] = {}

    def addresses(self, host: str, attempt: Call) -> list[str]:
        """The addresses of `host`. Raises OSError, also when `attempt` is cut before the answer."""
        answer = self._question(host)
        line = _AnswerLine()
        answer.add_done_callback(lambda _: line.cut())
        attempt.attach(line)
        try:
            line.wait()
        finally:
            attempt.detach(line)
        if not answer.done():
            raise TimeoutError(f"the question for the address of {host!r} timed out")
        return answer.result()

    def _question(self, host: str) -> Future[list[str]]:
        with self._lock:
            answer = self._asked.get(host)
            if answer is None:
                answer = self._asked[host] = Future()
                threading.Thread(
                    target=self._find, args=(host, answer), name="ndscheduler-resolve", daemon=True
                ).start()
            return answer

    def _find(self, host: str, answer: Future[list[str]]) -> None:
        try:
            found = self._ask(host)
        except Exception as error:  # noqa: BLE001 - told to those who wait
            self._forget(host)
            answer.set_exception(error)
        else:
            self._forget(host)
            answer.set_result(found)

    def _forget(self, host: str) -> None:
        """Who comes now asks anew."""
        with self._lock:
            del self._asked[host]
