"""Where settings come from, and which source counts."""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import ndscheduler
from ndscheduler import settings
from ndscheduler.config_sources import load_config, resolve
from ndscheduler.corescheduler.errors import ConfigError

WriteModule = Callable[[str], str]


@pytest.fixture
def write_module(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[WriteModule]:
    """A function that makes an importable settings module of a text, and returns its name."""
    monkeypatch.syspath_prepend(tmp_path)
    names = []

    def write(text: str) -> str:
        names.append(f"settings_under_test_{len(names)}")
        (tmp_path / f"{names[-1]}.py").write_text(text)
        return names[-1]

    yield write
    for name in names:
        sys.modules.pop(name, None)


@pytest.fixture
def yaml_file(tmp_path: Path) -> Path:
    return tmp_path / "settings.yaml"


def test_each_source_counts_more_than_the_one_before(
    write_module: WriteModule, yaml_file: Path
) -> None:
    five = [
        "TORNADO_MAX_WORKERS",
        "THREAD_POOL_SIZE",
        "JOB_MAX_INSTANCES",
        "WEBSITE_TITLE",
        "HTTP_PORT",
    ]
    yaml_file.write_text("".join(f"{name}: 11\n" for name in five))
    module = write_module("".join(f"{name} = 12\n" for name in five[1:]))
    environ = {f"NDSCHEDULER_{name}": "13" for name in five[2:]}
    settings.WEBSITE_TITLE = "14"
    settings.HTTP_PORT = 14

    config = load_config(["-y", str(yaml_file), "-s", module, "-p", "15"], environ=environ)

    assert [getattr(config, name) for name in five] == [11, 12, 13, "14", 15]


def test_resolve_tells_the_source_of_each_setting(
    write_module: WriteModule, yaml_file: Path
) -> None:
    yaml_file.write_text("TIMEZONE: Europe/Berlin\n")
    module = write_module("THREAD_POOL_SIZE = 2\n")

    environ = {"NDSCHEDULER_DEBUG": "yes", "NDSCHEDULER_SETTINGS_MODULE": module}
    sources = resolve(["-y", str(yaml_file), "-a", "::1"], environ=environ).sources

    assert sources["TIMEZONE"] == str(yaml_file)
    assert sources["THREAD_POOL_SIZE"] == f"settings module {module}"
    assert sources["DEBUG"] == "environment"
    assert sources["HTTP_ADDRESS"] == "command line"
    assert "HTTP_PORT" not in sources


def test_the_default_yaml_file_is_in_the_home_directory(tmp_path: Path) -> None:
    file = tmp_path / ".config" / "ndscheduler" / "config.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("HTTP_PORT: 9001\n")

    config = load_config(environ={"HOME": str(tmp_path)})

    assert (config.HTTP_PORT, config.YAML_CONFIG) == (9001, True)
    assert config.YAML_CONFIG_FILE == str(file)


def test_without_a_yaml_file_there_are_defaults(tmp_path: Path) -> None:
    config = load_config(environ={"HOME": str(tmp_path)})

    assert (config.HTTP_PORT, config.YAML_CONFIG, config.YAML_CONFIG_FILE) == (7777, False, None)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("HTTP_PROT: 1", "{file}: HTTP_PROT is no setting; did you mean HTTP_PORT?"),
        ("http_port: 1", "{file}: http_port is no setting; did you mean HTTP_PORT?"),
        ("extra: {}", "{file}: extra is no setting."),
        ("- a", "{file} must hold settings as `NAME: value` lines."),
        ("DEBUG: yes\nDEBUG: no", "{file} is not YAML: DEBUG is there twice in line 2."),
        ("DEBUG: [", "{file} is not YAML: expected the node content, but found '<stream end>'"),
        ("X: !!python/name:os.system x", "{file} is not YAML: could not determine a constructor"),
        ("HTTP_PORT: many", "HTTP_PORT must be a valid integer, unable to parse string as an"),
        ("\udcff", "{file} is not UTF-8 text."),
    ],
)
def test_a_bad_yaml_file_is_one_sentence(yaml_file: Path, text: str, sentence: str) -> None:
    yaml_file.write_text(text, errors="surrogateescape")

    with pytest.raises(ConfigError) as raised:
        load_config(["-y", str(yaml_file)], environ={})

    assert str(raised.value).startswith(sentence.format(file=yaml_file))
    assert "\n" not in str(raised.value)


def test_a_refused_value_names_its_source(yaml_file: Path) -> None:
    yaml_file.write_text("HTTP_PORT: 70000")

    with pytest.raises(ConfigError, match=rf"not 70000 \({yaml_file}\)\.$"):
        load_config(["-y", str(yaml_file)], environ={})


def test_a_yaml_file_that_is_named_must_exist(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"can not be read: No such file or directory\.$"):
        load_config(["--yaml-config", str(tmp_path / "none.yaml")], environ={})


def test_a_settings_module_keeps_users_own_names(write_module: WriteModule) -> None:
    module = write_module("BASIC_AUTH_CONFIG = {'a': 1}\n_PRIVATE = 1\nlower = 2\n")

    config = load_config(["-s", module], environ={})

    assert config.extra == {"BASIC_AUTH_CONFIG": {"a": 1}}


def test_the_option_names_the_settings_module_before_the_environment(
    write_module: WriteModule,
) -> None:
    first, second = write_module("HTTP_PORT = 1\n"), write_module("HTTP_PORT = 2\n")

    config = load_config(["-s", second], environ={"NDSCHEDULER_SETTINGS_MODULE": first})

    assert config.HTTP_PORT == 2


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("import no_such_module\n", "ModuleNotFoundError: No module named 'no_such_module'"),
        ("1 / 0\n", "ZeroDivisionError: division by zero"),
        ("def\n", "SyntaxError: invalid syntax"),
    ],
)
def test_a_settings_module_that_does_not_import_is_one_sentence(
    write_module: WriteModule, text: str, cause: str
) -> None:
    module = write_module(text)

    with pytest.raises(ConfigError) as raised:
        load_config(["-s", module], environ={})

    sentence = f"The settings module {module!r} does not import: {cause}"
    assert str(raised.value).startswith(sentence)


def test_a_settings_module_may_begin_with_the_defaults(write_module: WriteModule) -> None:
    module = write_module("from ndscheduler.default_settings import *\nHTTP_PORT = 8888\n")

    config = load_config(["-s", module], environ={})

    assert (config.HTTP_PORT, config.TIMEZONE, config.extra) == (8888, "UTC", {})


def test_a_settings_module_that_reads_settings_gets_defaults(write_module: WriteModule) -> None:
    module = write_module(
        "from ndscheduler import settings\n"
        "HTTP_PORT = settings.HTTP_PORT + 1\n"
        "JOB_CLASS_PACKAGES = [*settings.JOB_CLASS_PACKAGES, 'mine']\n"
    )

    config = load_config(["-s", module], environ={})

    assert (config.HTTP_PORT, config.JOB_CLASS_PACKAGES) == (7778, ["mine"])


def test_environment_values_are_yaml() -> None:
    environ = {
        "NDSCHEDULER_JOB_CLASS_PACKAGES": "[a.jobs, b.jobs]",
        "NDSCHEDULER_DATABASE_CONFIG_DICT": "{user: me, port: 5432}",
        "NDSCHEDULER_JOB_COALESCE": "no",
        "NDSCHEDULER_SSL_CERT": "null",
    }

    config = load_config(environ=environ)

    assert config.JOB_CLASS_PACKAGES == ["a.jobs", "b.jobs"]
    assert config.DATABASE_CONFIG_DICT == {"user": "me", "port": 5432}
    assert (config.JOB_COALESCE, config.SSL_CERT) == (False, None)


@pytest.mark.parametrize("text", ["007", "%a", "2026-01-01", "a: b: c", "yes", "[x"])
def test_text_in_the_environment_needs_no_quotes(text: str) -> None:
    assert load_config(environ={"NDSCHEDULER_WEBSITE_TITLE": text}).WEBSITE_TITLE == text


def test_an_empty_variable_is_not_set() -> None:
    assert load_config(environ={"NDSCHEDULER_HTTP_PORT": ""}).HTTP_PORT == 7777


def test_a_variable_that_is_not_yaml_is_one_sentence() -> None:
    with pytest.raises(ConfigError, match=r"^NDSCHEDULER_HTTP_PORT is not YAML: '\[1'\.$"):
        load_config(environ={"NDSCHEDULER_HTTP_PORT": "[1"})


def test_an_unknown_variable_is_a_warning_with_the_near_name(
    caplog: pytest.LogCaptureFixture,
) -> None:
    environ = {"NDSCHEDULER_HTTP_PROT": "1", "NDSCHEDULER_TEST_X": "1", "NDSCHEDULER_DEBUG": "1"}

    with caplog.at_level(logging.WARNING):
        load_config(environ=environ)

    assert caplog.messages == [
        "The environment variable NDSCHEDULER_HTTP_PROT names no setting; "
        "did you mean NDSCHEDULER_HTTP_PORT?"
    ]


def test_the_command_line_has_long_and_short_options() -> None:
    short = load_config(["-p", "1", "-a", "h", "-l", "error", "--debug"], environ={})
    long = load_config(
        ["--http-port=1", "--http-address=h", "--logging-level=error", "--debug"], environ={}
    )

    assert short == long
    assert (short.HTTP_PORT, short.HTTP_ADDRESS) == (1, "h")
    assert (short.LOGGING_LEVEL, short.DEBUG) == ("ERROR", True)


def test_an_unknown_option_exits_with_two(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        load_config(["--no-such"], environ={})

    assert raised.value.code == 2
    assert "unrecognized arguments: --no-such" in capsys.readouterr().err


def test_version_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as raised:
        load_config(["-V"], environ={})

    assert (raised.value.code, capsys.readouterr().out) == (0, "ndscheduler 1.0.0\n")


def test_a_settings_module_may_add_options(write_module: WriteModule) -> None:
    module = write_module(
        "import argparse\n"
        "extra_parser = argparse.ArgumentParser(add_help=False)\n"
        "extra_parser.add_argument('--data-dir', default='/tmp')\n"
    )

    config = load_config(["-s", module, "--data-dir", "/srv"], environ={})

    assert config.extra == {"DATA_DIR": "/srv"}


def test_without_a_command_line_none_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["program", "-p", "1", "--no-such"])

    assert load_config(environ={}).HTTP_PORT == 7777


def test_get_cli_args_passes_over_options_that_are_not_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "argv", ["program", "-p", "1", "--no-such"])

    assert ndscheduler.get_cli_args() == argparse.Namespace(http_port="1")


def test_load_yaml_config_gives_a_mapping_of_settings(yaml_file: Path) -> None:
    yaml_file.write_text("HTTP_PORT: 9002\nMY_NAME: x\n")
    args = argparse.Namespace(yaml_config=str(yaml_file))

    values = ndscheduler.load_yaml_config(args=args, yaml_extras={"MY_NAME": "", "OTHER": 3})

    assert (values["HTTP_PORT"], values["TIMEZONE"]) == (9002, "UTC")
    assert (values["MY_NAME"], values["OTHER"]) == ("x", 3)
    with pytest.raises(ConfigError, match="MY_NAME is no setting"):
        ndscheduler.load_yaml_config(str(yaml_file))
