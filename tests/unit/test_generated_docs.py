"""The files generated from the table of settings are current."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from ndscheduler.config import SETTING_NAMES, Config
from ndscheduler.config_example import example_yaml, generated_files, manual
from ndscheduler.config_sources import checked

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.parametrize("path", generated_files())
def test_a_generated_file_is_current(path: str) -> None:
    text = (ROOT / path).read_text(encoding="utf-8")

    assert text == generated_files()[path], "run `python -m ndscheduler.config_example`"


def test_the_example_says_the_defaults() -> None:
    values = yaml.safe_load(example_yaml())

    assert checked(values, {}) == Config()
    assert set(SETTING_NAMES) - set(values) == {"YAML_CONFIG", "YAML_CONFIG_FILE"}


def test_the_manual_has_a_row_for_every_setting() -> None:
    assert all(f"| `{name}` |" in manual() for name in SETTING_NAMES)
