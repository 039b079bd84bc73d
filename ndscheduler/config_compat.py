"""[compat] What `ndscheduler.load_yaml_config` gives to settings modules of users."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ndscheduler.config import SETTING_NAMES
from ndscheduler.config_sources import Layer, merge, near
from ndscheduler.config_yaml import find_default_yaml, read_yaml
from ndscheduler.corescheduler.errors import ConfigError


def load_yaml(file_name: str | None, extras: Mapping[str, Any], app_name: str) -> dict[str, Any]:
    """Every setting by name, and the `extras`, from the YAML file over the defaults."""
    file_name = file_name or find_default_yaml(os.environ, app_name)
    values = read_yaml(file_name) if file_name else {}
    for name in values:
        if name not in SETTING_NAMES and name not in extras:
            raise ConfigError(f"{file_name}: {name} is no setting{near(name)}")
    where = {"YAML_CONFIG": bool(file_name), "YAML_CONFIG_FILE": file_name}
    layers = [Layer("", extras), Layer(str(file_name), values), Layer("", where)]
    config, _ = merge(layers)
    return {**config.model_dump(exclude={"extra"}), **config.extra}
