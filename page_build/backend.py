"""The build backend (PEP 517, PEP 660): that of setuptools, after the page is built.

A page that is built already, as in an sdist, needs no Node.js; else that of the machine is used,
or the one of a PyPI package, which only then is a requirement of the build.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from setuptools import build_meta

from page_build import page
from page_build.errors import BuildError

ROOT = Path(__file__).resolve().parents[1]

prepare_metadata_for_build_wheel = build_meta.prepare_metadata_for_build_wheel
prepare_metadata_for_build_editable = build_meta.prepare_metadata_for_build_editable


def get_requires_for_build_wheel(config_settings: Any = None) -> list[str]:
    """What a wheel needs beside setuptools."""
    return [*build_meta.get_requires_for_build_wheel(config_settings), *page.requirements(ROOT)]


def get_requires_for_build_editable(config_settings: Any = None) -> list[str]:
    """What an editable install needs beside setuptools."""
    return [*build_meta.get_requires_for_build_editable(config_settings), *page.requirements(ROOT)]


def get_requires_for_build_sdist(config_settings: Any = None) -> list[str]:
    """What an sdist needs beside setuptools."""
    return [*build_meta.get_requires_for_build_sdist(config_settings), *page.requirements(ROOT)]


def build_wheel(directory: str, config_settings: Any = None, metadata: str | None = None) -> str:
    """The name of the wheel made in `directory`, with the page."""
    _build_page()
    return str(build_meta.build_wheel(directory, config_settings, metadata))


def build_editable(directory: str, config_settings: Any = None, metadata: str | None = None) -> str:
    """The name of the editable wheel made in `directory`; the page is built in the checkout."""
    _build_page()
    return str(build_meta.build_editable(directory, config_settings, metadata))


def build_sdist(directory: str, config_settings: Any = None) -> str:
    """The name of the sdist made in `directory`, with sources and page."""
    _build_page()
    return str(build_meta.build_sdist(directory, config_settings))


def _build_page() -> None:
    if not page.is_built(ROOT):
        try:
            page.build(ROOT)
        except BuildError as error:
            # pip shows the message alone, not where it was raised.
            raise SystemExit(str(error)) from error
