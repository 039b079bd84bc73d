"""A client of the REST API that keeps its connection, and tells how long answers took."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlencode

from benchmarks.bursts import spread
from benchmarks.harness import Figures

API = "/api/v1"


class Client:
    """One connection to a server on this machine."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self._connection.connect()

    def close(self) -> None:
        """End the connection."""
        self._connection.close()

    def get(self, path: str, **parameters: Any) -> bytes:
        """The body of the answer to GET, all of it."""
        query = f"?{urlencode(parameters)}" if parameters else ""
        return self._ask("GET", f"{API}{path}{query}", None)

    def post(self, path: str, body: Any) -> bytes:
        """The body of the answer to POST."""
        return self._ask("POST", f"{API}{path}", json.dumps(body).encode())

    def _ask(self, method: str, url: str, body: bytes | None) -> bytes:
        headers = {"Content-Type": "application/json"} if body else {}
        self._connection.request(method, url, body, headers)
        answer = self._connection.getresponse()
        content = answer.read()
        if answer.status >= 300:
            raise SystemExit(f"{method} {url}: {answer.status} {content[:500]!r}")
        return content


def timed_get(client: Client, path: str, queries: Iterable[dict[str, Any]]) -> Figures:
    """How long each of these requests took, and how long the longest body was."""
    waits, longest = [], 0
    for query in queries:
        began = time.perf_counter()
        body = client.get(path, **query)
        waits.append(1000 * (time.perf_counter() - began))
        longest = max(longest, len(body))
    return {**spread("answer", waits), "body_kb": longest / 1000}
