"""A client of the stream of changes, as a page is one."""

from __future__ import annotations

import json
import os
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from types import TracebackType
from typing import Any

import requests

from tests.api.api_server import DEADLINE_SECONDS


@dataclass(frozen=True)
class SentEvent:
    """One event as the client has read it."""

    id: str
    name: str
    data: dict[str, Any]


class Listener:
    """Reads a stream in a thread of its own and keeps all of it."""

    def __init__(
        self,
        url: str,
        after: str | None = None,
        headers: dict[str, str] | None = None,
        **query: str,
    ) -> None:
        """`url` is the server's; with `after` the stream goes on behind that event.

        `headers` say who listens.
        """
        behind = {} if after is None else {"Last-Event-ID": after}
        self.answer = requests.get(
            f"{url}/api/v1/stream",
            headers={**behind, **(headers or {})},
            params=query,
            stream=True,
            timeout=DEADLINE_SECONDS,
        )
        assert self.answer.status_code == 200, self.answer.text
        self.events: list[SentEvent] = []
        self.lines: list[str] = []
        self.is_over = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._read)
        self._thread.start()

    def __enter__(self) -> Listener:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up."""
        if not self.is_over:
            with socket.socket(fileno=os.dup(self.answer.raw.fileno())) as line:
                line.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self.answer.close()

    def wait_for(self, question: Callable[[], Any]) -> Any:
        """The first truthy answer to `question`, asked again after every line that comes."""
        with self._changed:
            answer = self._changed.wait_for(question, DEADLINE_SECONDS)
        assert answer, f"did not come; {[(e.name, e.data) for e in self.events]}"
        return answer

    def event(self, name: str, which: Callable[[dict[str, Any]], Any] = lambda data: True) -> Any:
        """The data of the first event of this name that `which` is true of, once it has come."""
        found = self.wait_for(lambda: next(self.data_of(name, which), None))
        return found[0]

    def data_of(
        self, name: str, which: Callable[[dict[str, Any]], Any] = lambda data: True
    ) -> Iterator[tuple[dict[str, Any]]]:
        """The data of the events of this name that have come, oldest first."""
        return ((e.data,) for e in self.events if e.name == name and which(e.data))

    def rows(self, name: str, /, **values: Any) -> list[dict[str, Any]]:
        """The rows with these values in all events of this name that have come."""
        rows = [row for (data,) in self.data_of(name) for row in data[name]]
        return [row for row in rows if values.items() <= row.items()]

    def row(self, name: str, /, **values: Any) -> dict[str, Any]:
        """The first row with these values, once it has come."""
        row: dict[str, Any] = self.wait_for(lambda: self.rows(name, **values))[0]
        return row

    def wait_until_over(self) -> None:
        """Wait until the server has ended the stream."""
        self.wait_for(lambda: self.is_over)

    def _read(self) -> None:
        event: dict[str, str] = {}
        try:
            # Without a size: each part as it comes, and not when so much has come.
            for line in self.answer.iter_lines(chunk_size=None):
                with self._changed:
                    event = self._take(line.decode(), event)
                    self._changed.notify_all()
        except (requests.RequestException, OSError):
            # Cut by the server, or by our close().
            pass
        with self._changed:
            self.is_over = True
            self._changed.notify_all()

    def _take(self, line: str, event: dict[str, str]) -> dict[str, str]:
        self.lines.append(line)
        name, _, value = line.partition(": ")
        if line:
            return {**event, name: value}
        if "event" in event:
            self.events.append(SentEvent(event["id"], event["event"], json.loads(event["data"])))
        return {}
