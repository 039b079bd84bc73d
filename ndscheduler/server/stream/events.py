"""Server-Sent Events as they go out. Source: HTML Living Standard, section 9.2."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ndscheduler.server import json_out

CONTENT_TYPE = "text/event-stream"
# How long a browser waits before it connects again, in milliseconds.
RETRY = b"retry: 2000\n\n"
# A comment: it shows both sides that the connection lives.
BEAT = b": beat\n\n"

# What a client reads again when it does not know what has happened.
EVERYTHING = ("executions", "jobs", "logs", "instances", "stats")


@dataclass(frozen=True, slots=True)
class News:
    """An event that has no id yet. `data` is JSON."""

    name: str
    data: bytes

    @classmethod
    def of(cls, name: str, **values: Any) -> News:
        """An event whose data is the object of `values`."""
        return cls(name, json_out.dumps(values))

    def written(self, event_id: str) -> bytes:
        """The event as it goes out."""
        # JSON as we write it has no line breaks.
        lines = (b"id: %s" % event_id.encode(), b"event: %s" % self.name.encode())
        return b"\n".join((*lines, b"data: %s" % self.data, b"", b""))


def reload_of(what: Any) -> News:
    """The event that tells to read these kinds again, the others not."""
    return News.of("reload", what=[kind for kind in EVERYTHING if kind in what])
