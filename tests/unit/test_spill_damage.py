"""Files of results that are torn, full, foreign or out of reach cost no other result."""

from __future__ import annotations

import json
import logging
import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.unit.spilling import a_finish, a_spill, adopted, left_behind


def test_a_torn_last_line_is_skipped_told_and_kept(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    whole = a_finish()
    path = left_behind(tmp_path, whole, a_finish(result="x" * 1_000_000))
    os.truncate(path, path.stat().st_size - 500_000)
    spill = a_spill(tmp_path)

    entries = spill.adopt()
    found = [spill.load(place) for _, place in entries]
    spill.done([place for _, place in entries])

    assert found == [whole]
    assert "the process died while it wrote this line" in caplog.text
    (kept,) = tmp_path.iterdir()
    assert kept.name == f"{path.name}.damaged"
    assert a_spill(tmp_path).adopt() == []


@pytest.mark.parametrize("length", [1, 20])
def test_a_file_torn_in_its_head_is_kept_aside(tmp_path: Path, length: int) -> None:
    path = left_behind(tmp_path, a_finish())
    os.truncate(path, length)

    assert a_spill(tmp_path).adopt() == []
    assert [file.name for file in tmp_path.iterdir()] == [f"{path.name}.damaged"]


def test_an_empty_file_is_removed(tmp_path: Path) -> None:
    path = left_behind(tmp_path, a_finish())
    os.truncate(path, 0)

    assert a_spill(tmp_path).adopt() == []
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_result_does_not_hide_the_others(tmp_path: Path) -> None:
    whole = a_finish()
    path = left_behind(tmp_path, whole)
    with path.open("ab") as file:
        file.write(b"\x00\x00\x00\n{}\n[1]\n" + b'{"execution": {"id": 1}}\n')
    spill = a_spill(tmp_path)

    entries = spill.adopt()

    assert [spill.load(place) for _, place in entries] == [whole]


def test_a_file_of_a_later_format_is_left_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = left_behind(tmp_path, a_finish())
    head, rest = path.read_bytes().split(b"\n", 1)
    path.write_bytes(json.dumps({**json.loads(head), "format": 99}).encode() + b"\n" + rest)
    spill = a_spill(tmp_path)

    found = [spill.adopt(), spill.adopt()]

    assert found == [[], []]
    assert path.exists()
    assert len([r for r in caplog.records if r.levelno == logging.ERROR]) == 1


@contextmanager
def files_no_larger_than(size: int) -> Iterator[None]:
    """As on a disk that is full: a write goes in half, the next one fails."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


def test_a_write_that_fails_in_the_middle_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    first, third = a_finish(), a_finish()
    spill = a_spill(tmp_path)
    spill.keep([first])
    size = spill.path.stat().st_size

    with files_no_larger_than(size + 1000), pytest.raises(OSError, match="too large"):
        spill.keep([a_finish(result="x" * 100_000)])
    torn = spill.path.stat().st_size
    spill.keep([third])
    spill.close()

    assert torn == size
    assert adopted(a_spill(tmp_path)) == [first, third]


def test_where_the_first_write_fails_nothing_is_left_behind(tmp_path: Path) -> None:
    spill = a_spill(tmp_path)

    with files_no_larger_than(100), pytest.raises(OSError, match="too large"):
        spill.keep([a_finish()])
    spill.close()

    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_can_not_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    spill = a_spill(tmp_path / "file" / "below")

    with pytest.raises(NotADirectoryError):
        spill.keep([a_finish()])


def test_a_file_that_can_not_be_opened_is_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = left_behind(tmp_path, a_finish())
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    spill = a_spill(tmp_path)

    found = [spill.adopt() for _ in range(3)]

    assert found == [[], [], []]
    assert len([r for r in caplog.records if path.name in r.getMessage()]) == 1


def test_a_file_of_another_user_is_told_and_left_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    path = left_behind(tmp_path, a_finish())
    monkeypatch.setattr(os, "geteuid", lambda: path.stat().st_uid + 1)

    assert a_spill(tmp_path).adopt() == []
    assert "belongs to another user" in caplog.text
    assert path.exists()
