"""[compat] `settings.HTTP_PORT` and friends.

Nothing is read at import: the first read of a setting loads them all, without the command line.
`settings.NAME = value` counts more than files and environment, until the server starts; the
command line counts more still. UPPER_CASE names of a user's own are kept.
"""

from __future__ import annotations

import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ndscheduler.config import Config


@dataclass
class _State:
    """What this module knows; `config` is None until the first read."""

    assigned: dict[str, Any] = field(default_factory=dict)
    config: Config | None = None
    is_adopted: bool = False
    is_loading: bool = False
    lock: threading.RLock = field(default_factory=threading.RLock)


_state = _State()


def assigned() -> dict[str, Any]:
    """The values that code assigned, by name."""
    return dict(_state.assigned)


def adopt(config: Config) -> None:
    """Show `config` from now on: the settings that the server has started with."""
    with _state.lock:
        _state.config = config
        _state.is_adopted = True


def reset() -> None:
    """Forget everything that was loaded, adopted and assigned."""
    with _state.lock:
        _state.assigned.clear()
        _state.config = None
        _state.is_adopted = False


@contextmanager
def loading() -> Iterator[None]:
    """While a settings module is imported: what it reads here are defaults and assignments.

    So a settings module that reads a setting is not loaded from within its own loading.
    """
    with _state.lock:
        was_loading, _state.is_loading = _state.is_loading, True
        try:
            yield
        finally:
            _state.is_loading = was_loading


def _is_setting_name(name: str) -> bool:
    return name.isupper() and not name.startswith("_")


def current() -> Config:
    """The settings as one object, loaded if they are not yet. Raises ConfigError."""
    from ndscheduler.config_sources import Layer, load_config, merge

    with _state.lock:
        if _state.is_loading:
            return merge([Layer("assigned in code", _state.assigned)])[0]
        if _state.config is None:
            _state.config = load_config()
        return _state.config


def _set(name: str, value: Any) -> None:
    from ndscheduler.config import SETTING_NAMES

    with _state.lock:
        _state.assigned[name] = value
        if not _state.is_adopted:
            _state.config = None
        elif name in SETTING_NAMES:
            logging.getLogger(__name__).warning(
                "settings.%s was assigned after the server started: that has no effect.", name
            )


def _unset(name: str) -> None:
    with _state.lock:
        if name not in _state.assigned:
            raise AttributeError(f"settings.{name} was not assigned, so it can not be deleted.")
        del _state.assigned[name]
        if not _state.is_adopted:
            _state.config = None


def __getattr__(name: str) -> Any:
    if not (_is_setting_name(name) or name == "__all__"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from ndscheduler.config import SETTING_NAMES
    from ndscheduler.config_sources import near

    config = current()
    if name == "__all__":
        return [*SETTING_NAMES, *config.extra]
    if name in SETTING_NAMES:
        return getattr(config, name)
    own = {**config.extra, **_state.assigned}
    if name not in own:
        raise AttributeError(f"There is no setting {name}{near(name)}")
    return own[name]


def __dir__() -> list[str]:
    return sorted(__getattr__("__all__"))


class _SettingsModule(ModuleType):
    """A module whose UPPER_CASE names can be assigned and deleted."""

    def __setattr__(self, name: str, value: Any) -> None:
        if _is_setting_name(name):
            _set(name, value)
        else:
            super().__setattr__(name, value)

    def __delattr__(self, name: str) -> None:
        if _is_setting_name(name):
            _unset(name)
        else:
            super().__delattr__(name)


sys.modules[__name__].__class__ = _SettingsModule
