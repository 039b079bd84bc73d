"""Reading YAML files of settings."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from pathlib import Path
from typing import Any

import yaml

from ndscheduler.corescheduler.errors import ConfigError

# What the parser quotes of a file may be a password that begins with * or !, and lacks quotes.
_QUOTED = re.compile(r"'(?!<)[^']{2,}'")


class _Loader(yaml.SafeLoader):
    """The safe loader, which refuses a key that is there twice instead of keeping the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        """The mapping of `node`; ConstructorError for a second equal key."""
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        for index, key in enumerate(keys):
            if key in keys[:index]:
                mark = node.value[index][0].start_mark
                raise yaml.constructor.ConstructorError(None, None, f"{key} is there twice", mark)
        return super().construct_mapping(node, deep)


def find_default_yaml(environ: Mapping[str, str], app_name: str = "ndscheduler") -> str | None:
    """~/.config/<app_name>/config.yaml (or under XDG_CONFIG_HOME) if there is one, else None."""
    home = Path(environ.get("HOME") or Path.home())
    folder = Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / app_name
    file = folder / "config.yaml"
    return str(file) if file.is_file() else None


def read_yaml(file_name: str) -> dict[str, Any]:
    """The mapping in the file; an empty file is an empty one. ConfigError in one sentence."""
    try:
        text = Path(file_name).expanduser().read_text(encoding="utf-8")
        # It is a SafeLoader.
        values = yaml.load(text, _Loader)  # nosec B506
    except OSError as error:
        raise ConfigError(f"{file_name} can not be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{file_name} is not UTF-8 text.") from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{file_name} is not YAML: {_problem(error)}.") from error
    if not isinstance(values or {}, dict):
        raise ConfigError(f"{file_name} must hold settings as `NAME: value` lines.")
    return {str(name): value for name, value in (values or {}).items()}


def _problem(error: yaml.YAMLError) -> str:
    """What is wrong and where, in one line, without what stands in the file."""
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem is None:
        return " ".join(str(error).split())
    mark = error.problem_mark
    return _QUOTED.sub("...", error.problem) + (f" in line {mark.line + 1}" if mark else "")
