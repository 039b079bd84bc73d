"""What the jobs wrote down: the only witness of a start that is not the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from ndscheduler.corescheduler.clock import from_micros


@dataclass(frozen=True, slots=True)
class Note:
    """One line: `S id job fire pid uptime word`, or E for the end of the code."""

    letter: str
    execution_id: str
    job_id: str
    # None where no trigger named the run.
    fire: datetime | None
    pid: int
    # Seconds of this machine's uptime when it was written.
    at: float
    word: str = "-"

    @classmethod
    def parse(cls, line: str) -> Note:
        """The note that `line` holds."""
        letter, execution_id, job_id, fire, pid, at, word = line.split()
        when = None if fire == "-" else from_micros(int(fire))
        return cls(letter, execution_id, job_id, when, int(pid), float(at), word)

    def __str__(self) -> str:
        fire = "-" if self.fire is None else self.fire.isoformat()
        return (
            f"{self.letter} {self.execution_id} job={self.job_id} fire={fire} pid={self.pid} "
            f"uptime={self.at:.3f} {self.word}"
        )


@dataclass(frozen=True)
class Notes:
    """The file that the jobs append to."""

    path: Path

    def all(self) -> list[Note]:
        """Every note, in the order of writing."""
        if not self.path.exists():
            return []
        return [Note.parse(line) for line in self.path.read_text().splitlines()]

    def executions(self, letter: str) -> list[str]:
        """The execution ids of the lines that begin with `letter`, in order."""
        return [note.execution_id for note in self.all() if note.letter == letter]
