"""ndscheduler: the scheduler that Python teams replace cron with.

Importing it reads no command line, opens nothing and sets up no logging.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from ndscheduler import settings
from ndscheduler.version import __version__

if TYPE_CHECKING:
    import argparse

__all__ = [
    "ENVIRONMENT_VARIABLE",
    "__version__",
    "get_cli_args",
    "load_yaml_config",
    "settings",
    "setup_package",
    "teardown_package",
]

ENVIRONMENT_VARIABLE = "NDSCHEDULER_SETTINGS_MODULE"


def setup_package() -> None:
    """[compat] Nothing to set up."""


def teardown_package() -> None:
    """[compat] Nothing to tear down."""


def get_cli_args() -> argparse.Namespace:
    """[compat] The options of this process's command line; those not known are passed over."""
    import sys

    from ndscheduler.config_args import parse_known_options

    return parse_known_options(sys.argv[1:])


def load_yaml_config(
    config_file: str | None = None,
    args: argparse.Namespace | None = None,
    yaml_extras: Mapping[str, Any] = MappingProxyType({}),
    app_name: str = "ndscheduler",
    default_config: str = "ndscheduler",
) -> dict[str, Any]:
    """[compat] The settings of a YAML file over the defaults, by UPPER_CASE name.

    The file is `config_file`, or the one that `args` names, or ~/.config/<app_name>/config.yaml.
    `yaml_extras` holds further names that the file may have, with their defaults.
    `default_config` is taken and not used: defaults are in the table of settings.
    Raises ConfigError as the settings of the server do.
    """
    from ndscheduler.config_compat import load_yaml

    return load_yaml(config_file or getattr(args, "yaml_config", None), yaml_extras, app_name)
