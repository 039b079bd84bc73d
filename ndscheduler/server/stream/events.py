"""Server-Sent Events as they go out. Source: HTML Living Standard, section 9.2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ndscheduler.server import json_out
from ndscheduler.server.json_out import Json

CONTENT_TYPE = "text/event-stream"
# How long a browser waits before it connects again, in milliseconds.
RETRY = b"retry: 2000\n\n"
# A comment: it shows both sides that the connection lives.
BEAT = b": beat\n\n"

# What a client reads again when it does not know what has happened.
EVERYTHING = ("executions", "jobs", "logs", "instances", "stats")


@dataclass(frozen=True, slots=True)
class News:
    """An event that has no id yet. `data` is JSON.

    `hiding` is what goes to those who are not shown secret arguments; None where it is the same.
    """

    name: str
    data: bytes
    hiding: bytes | None = None

    @classmethod
    def of(cls, name: str, **values: Any) -> News:
        """An event whose data is the object of `values`."""
        return cls(name, json_out.dumps(values))

    @classmethod
    def of_both(cls, name: str, values: Json, hiding: Json) -> News:
        """An event with the object of `values`, and of `hiding` for those who see no secrets."""
        data = json_out.dumps(values)
        return cls(name, data, None if hiding == values else json_out.dumps(hiding))

    def written(self, event_id: str, hides_secrets: bool = False) -> bytes:
        """The event as it goes out."""
        data = self.hiding if hides_secrets and self.hiding is not None else self.data
        # JSON as we write it has no line breaks.
        lines = (b"id: %s" % event_id.encode(), b"event: %s" % self.name.encode())
        return b"\n".join((*lines, b"data: %s" % data, b"", b""))


def reload_of(what: Any) -> News:
    """The event that tells to read these kinds again, the others not."""
    return News.of("reload", what=[kind for kind in EVERYTHING if kind in what])
