"""`ndscheduler.settings`: lazy, assignable, and importing it does nothing."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

import ndscheduler
from ndscheduler import default_settings, settings
from ndscheduler.config import SETTING_NAMES, Config
from ndscheduler.config_sources import load_config
from ndscheduler.corescheduler.errors import ConfigError


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", code, "--no-such-option"], capture_output=True, text=True, timeout=60
    )


def test_importing_ndscheduler_reads_nothing_and_loads_nothing_heavy(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("NDSCHEDULER_SETTINGS_MODULE", "no_such_module")
    code = """
import sys
opened = []
sys.addaudithook(lambda event, args: opened.append((event, args)) if event == 'open' else None)
import logging
import ndscheduler, ndscheduler.settings
assert not {'tornado', 'sqlalchemy', 'pydantic', 'yaml', 'argparse'} & set(sys.modules)
assert not logging.getLogger().handlers
files = [str(args[0]) for event, args in opened]
assert all(name.endswith(('.py', '.pyc')) or '.pyc.' in name for name in files), files
"""

    result = run_python(code)

    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")


def test_settings_is_an_attribute_of_the_package() -> None:
    assert ndscheduler.settings is settings
    assert settings.HTTP_PORT == 7777


def test_settings_are_loaded_once_at_the_first_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NDSCHEDULER_HTTP_PORT", "9003")
    first = settings.HTTP_PORT

    monkeypatch.setenv("NDSCHEDULER_HTTP_PORT", "9004")

    assert (first, settings.HTTP_PORT) == (9003, 9003)


def test_an_assignment_counts_and_is_checked() -> None:
    settings.DATABASE_CLASS = "mysql"

    assert settings.DATABASE_CLASS.endswith("mysql.DatastoreMySQL")
    assert load_config(environ={}).DATABASE_CLASS == settings.DATABASE_CLASS

    settings.HTTP_PORT = "many"
    with pytest.raises(ConfigError, match="assigned in code"):
        load_config(environ={})


def test_a_deleted_assignment_no_longer_counts() -> None:
    settings.HTTP_PORT = 1

    del settings.HTTP_PORT

    assert settings.HTTP_PORT == 7777
    with pytest.raises(AttributeError, match="was not assigned"):
        del settings.HTTP_PORT


def test_users_own_names_can_be_assigned_and_read() -> None:
    settings.MY_TASK_CLASS = object

    assert settings.MY_TASK_CLASS is object
    assert load_config(environ={}).extra == {"MY_TASK_CLASS": object}


def test_an_unknown_name_suggests_the_near_one() -> None:
    with pytest.raises(AttributeError, match=r"^There is no setting HTTP_PROT; did you mean HTTP_"):
        _ = settings.HTTP_PROT
    with pytest.raises(AttributeError, match="has no attribute 'lower'"):
        _ = settings.lower
    assert getattr(settings, "AUTORELOAD", None) is None


def test_dir_and_star_import_give_every_setting() -> None:
    settings.MINE = 1
    names: dict[str, object] = {}

    exec("from ndscheduler.settings import *", names)

    assert {*SETTING_NAMES, "MINE"} <= set(names)
    assert set(dir(settings)) == {*SETTING_NAMES, "MINE"}


def test_settings_show_what_the_server_started_with() -> None:
    settings.HTTP_PORT = 1

    settings.adopt(Config(HTTP_PORT=9005, extra={"MINE": 1}))

    assert (settings.HTTP_PORT, settings.MINE) == (9005, 1)


def test_an_assignment_after_the_start_is_a_warning(caplog: pytest.LogCaptureFixture) -> None:
    settings.adopt(Config())

    with caplog.at_level(logging.WARNING):
        settings.HTTP_PORT = 1
        settings.MINE = 2

    assert caplog.messages == [
        "settings.HTTP_PORT was assigned after the server started: that has no effect."
    ]
    assert (settings.HTTP_PORT, settings.MINE) == (7777, 2)


def test_default_settings_has_every_setting_with_its_default() -> None:
    defaults = {name: getattr(default_settings, name) for name in SETTING_NAMES}

    assert defaults == Config().model_dump(exclude={"extra"})
    assert {name for name in vars(default_settings) if name.isupper()} == set(SETTING_NAMES)


def test_the_names_of_old_are_there() -> None:
    assert ndscheduler.ENVIRONMENT_VARIABLE == "NDSCHEDULER_SETTINGS_MODULE"
    assert ndscheduler.__version__ == "1.0.0"
    ndscheduler.setup_package()
    ndscheduler.teardown_package()
