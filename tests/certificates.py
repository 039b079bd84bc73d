"""Pairs of certificate and key, made by the openssl line of the manual."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, blocks_of

NAME_IN_MANUAL = "scheduler.example.com"
EXPIRED = "2020-01-01 00:00:00"


def make_pair(directory: Path, name: str = "localhost", made_at: str | None = None) -> None:
    """cert.pem and key.pem in `directory`, for `name` and 127.0.0.1, good a year from `made_at`."""
    programs = ["openssl", *(["faketime"] if made_at else [])]
    for program in programs:
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    line = next(
        block.text
        for block in blocks_of(ROOT / "doc/howto/deploy.md")
        if block.text.startswith("openssl ")
    )
    line = line.replace(f"DNS:{NAME_IN_MANUAL}", f"DNS:{name},IP:127.0.0.1")
    script = line.replace(NAME_IN_MANUAL, name)
    command = [*(["faketime", made_at] if made_at else []), "sh", "-e", "-c", script]
    directory.mkdir(exist_ok=True)
    subprocess.run(command, cwd=directory, check=True, capture_output=True)
