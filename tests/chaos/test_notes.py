"""What a job writes down is read whole, whoever reads it when."""

from __future__ import annotations

import mmap
from pathlib import Path

from ndscheduler.corescheduler.clock import from_micros
from tests.chaos.notes import Note, Notes
from tests.chaos.probe_jobs import note


def test_no_line_lies_on_two_pages_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "notes"

    for word in ("-", "w1", "a-longer-word"):
        note(str(path), f"S {'e' * 32} {'j' * 32} 1700000000000000 4194304 123456.123456 {word}")

    sizes = {len(line) for line in path.read_bytes().splitlines(keepends=True)}
    assert [mmap.PAGESIZE % size for size in sizes] == [0]


def test_a_note_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "notes"

    note(str(path), "S execution job 1700000000000000 42 12.5 word")

    fire = from_micros(1_700_000_000_000_000)
    assert Notes(path).all() == [Note("S", "execution", "job", fire, 42, 12.5, "word")]
