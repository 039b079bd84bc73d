"""What came out of a server, and where in it a secret stands."""

from __future__ import annotations

import json
import os
from pathlib import Path


class Evidence:
    """Texts by where they were found."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def add(self, place: str, text: str) -> None:
        """Keep what stands at this place, with what was there before."""
        self.texts[place] = self.texts.get(place, "") + text

    def places_of(self, secret: str) -> list[str]:
        """Where `secret` stands, as it is or within JSON."""
        forms = {secret, json.dumps(secret)[1:-1], repr(secret)[1:-1]}
        return sorted(p for p, text in self.texts.items() if any(form in text for form in forms))


def command_lines() -> str:
    """The command lines of all processes."""
    lines = []
    for name in os.listdir("/proc"):
        if name.isdecimal() and int(name) != os.getpid():
            try:
                raw = Path("/proc", name, "cmdline").read_bytes()
            except OSError:
                continue
            lines.append(raw.replace(b"\0", b" ").decode(errors="replace"))
    return "\n".join(lines)


def contents_of(folder: Path) -> str:
    """All that the files in the folder hold."""
    return "\n".join(
        file.read_text(errors="replace") for file in folder.rglob("*") if file.is_file()
    )
