"""Where the settings come from, in rising order, and the one Config that they make.

defaults < YAML file < settings module < environment < assignments in code < command line.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from types import ModuleType
from typing import Any

import yaml
from pydantic import ValidationError

from ndscheduler import settings
from ndscheduler.config import SETTING_NAMES, Config, refusal
from ndscheduler.config_args import SETTING_OF_OPTION, parse_known_options, parse_options
from ndscheduler.config_yaml import find_default_yaml, read_yaml
from ndscheduler.corescheduler.errors import ConfigError

logger = logging.getLogger(__name__)

ENVIRONMENT_PREFIX = "NDSCHEDULER_"
SETTINGS_MODULE_VARIABLE = "NDSCHEDULER_SETTINGS_MODULE"
# Variables with this prefix are for the tests of ndscheduler, not settings.
TEST_PREFIX = "NDSCHEDULER_TEST_"


@dataclass(frozen=True)
class Layer:
    """What one source says: `values` by UPPER_CASE name, `source` as a user would call it."""

    source: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Resolved:
    """The settings, and by name the source of each that is not a default."""

    config: Config
    sources: Mapping[str, str]


def load_config(
    argv: Sequence[str] | None = None, *, environ: Mapping[str, str] | None = None
) -> Config:
    """The settings of this process. `argv` is the command line without the program's name.

    Assignments to `ndscheduler.settings` count. Raises ConfigError with one sentence that names
    the setting or the file; a command line that can not be read exits as argparse does.
    """
    return resolve(argv, environ=environ).config


def resolve(
    argv: Sequence[str] | None = None, *, environ: Mapping[str, str] | None = None
) -> Resolved:
    """As load_config, with the source of each setting.

    A settings module may have an `extra_parser`, an ArgumentParser without --help: its options
    are taken too, and are settings with UPPER_CASE names.
    """
    environ = os.environ if environ is None else environ
    if argv is None:
        return resolve_options(argparse.Namespace(), environ)
    module = settings_module(parse_known_options(argv), environ)
    options = parse_options(argv, getattr(module, "extra_parser", None))
    return resolve_options(options, environ)


def resolve_options(options: argparse.Namespace, environ: Mapping[str, str]) -> Resolved:
    """As resolve, for a command line that is parsed already."""
    yaml_file = yaml_file_name(options, environ)
    layers = [
        yaml_layer(yaml_file),
        module_layer(settings_module(options, environ)),
        environment_layer(environ),
        assigned_layer(),
        option_layer(options),
        Layer("", {"YAML_CONFIG": yaml_file is not None, "YAML_CONFIG_FILE": yaml_file}),
    ]
    return Resolved(*merge(layers))


def merge(layers: Iterable[Layer]) -> tuple[Config, dict[str, str]]:
    """The Config of `layers`, later ones winning, and the source of each value."""
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for layer in layers:
        values.update(layer.values)
        sources.update({name: layer.source for name in layer.values if layer.source})
    return checked(values, sources), sources


def checked(values: Mapping[str, Any], sources: Mapping[str, str]) -> Config:
    """The Config of `values`; ConfigError names the setting, the reason and the source."""
    known = {name: value for name, value in values.items() if name in SETTING_NAMES}
    extra = {name: value for name, value in values.items() if name not in SETTING_NAMES}
    try:
        return Config(**known, extra=extra)
    except ValidationError as error:
        name, reason = refusal(error)
        source = sources.get(name)
        raise ConfigError(f"{name} {reason}" + (f" ({source})." if source else ".")) from error


def yaml_file_name(options: argparse.Namespace, environ: Mapping[str, str]) -> str | None:
    """The YAML file to read: the option's, the environment's, or the default one if it exists."""
    named = getattr(options, "yaml_config", None) or environ.get("NDSCHEDULER_YAML_CONFIG_FILE")
    return named or find_default_yaml(environ)


def yaml_layer(file_name: str | None) -> Layer:
    """The settings in the YAML file; ConfigError for a name that is no setting."""
    if file_name is None:
        return Layer("", {})
    values = read_yaml(file_name)
    for name in values:
        if name not in SETTING_NAMES:
            raise ConfigError(f"{file_name}: {name} is no setting{near(name)}")
    return Layer(file_name, values)


def settings_module(options: argparse.Namespace, environ: Mapping[str, str]) -> ModuleType | None:
    """The user's settings module, imported; None when none is named."""
    name = getattr(options, "nd_settings", None) or environ.get(SETTINGS_MODULE_VARIABLE)
    if not name:
        return None
    try:
        with settings.loading():
            return importlib.import_module(name)
    except (Exception, SystemExit) as error:
        reason = f"{type(error).__name__}: {error}"
        raise ConfigError(f"The settings module {name!r} does not import: {reason}") from error


def module_layer(module: ModuleType | None) -> Layer:
    """The UPPER_CASE names of the settings module, users' own among them."""
    if module is None:
        return Layer("", {})
    names = {name: value for name, value in vars(module).items() if is_setting_name(name)}
    return Layer(f"settings module {module.__name__}", names)


def environment_layer(environ: Mapping[str, str]) -> Layer:
    """The settings in NDSCHEDULER_<NAME>. An unknown one is a warning, an empty one not set."""
    values = {}
    for variable, text in environ.items():
        name = variable.removeprefix(ENVIRONMENT_PREFIX)
        if name == variable or variable == SETTINGS_MODULE_VARIABLE or not text:
            continue
        if name in SETTING_NAMES:
            values[name] = environment_value(name, text)
        elif not variable.startswith(TEST_PREFIX):
            hint = near(name, ENVIRONMENT_PREFIX)
            logger.warning("The environment variable %s names no setting%s", variable, hint)
    return Layer("environment", values)


def environment_value(name: str, text: str) -> Any:
    """`text` read as YAML. A setting that is text takes what is no YAML text as it stands.

    So a password of digits or one that begins with % needs no quotes.
    """
    field = Config.model_fields[name]
    is_text = isinstance(field.default, str)
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        if is_text:
            return text
        shown = f": {text!r}" if field.json_schema_extra is None else ""
        raise ConfigError(f"{ENVIRONMENT_PREFIX}{name} is not YAML{shown}.") from error
    return text if is_text and value is not None and not isinstance(value, str) else value


def assigned_layer() -> Layer:
    """What code assigned to `ndscheduler.settings`."""
    return Layer("assigned in code", settings.assigned())


def option_layer(options: argparse.Namespace) -> Layer:
    """The settings given as options, and options of a user's extra_parser in UPPER_CASE."""
    own = {"nd_settings", "yaml_config", "command"}
    given = {name: value for name, value in vars(options).items() if name not in own}
    values = {SETTING_OF_OPTION.get(name, name.upper()): value for name, value in given.items()}
    return Layer("command line", values)


def is_setting_name(name: str) -> bool:
    """True for UPPER_CASE names, which are settings or users' own."""
    return name.isupper() and not name.startswith("_")


def near(name: str, prefix: str = "") -> str:
    """The end of a sentence: '; did you mean X?' where a setting is spelled nearly so, else '.'."""
    matches = get_close_matches(name.upper(), SETTING_NAMES, n=1)
    return f"; did you mean {prefix}{matches[0]}?" if matches else "."
