"""Who can reach the server at all: this machine alone, or others too."""

from __future__ import annotations

import logging
from typing import Any

from ndscheduler.config import Config
from ndscheduler.server.listener import is_loopback

logger = logging.getLogger(__name__)

# What shows the inside of the server to whoever asks, or starts it again when a file changes.
DEBUG_SETTINGS = ("debug", "autoreload", "serve_traceback")


def serves_this_machine_alone(config: Config) -> bool:
    """True when no other machine reaches the server, by itself or through a proxy on this one.

    Raises ConfigError if HTTP_ADDRESS is no address.
    """
    return not is_behind_proxy(config) and is_loopback(config.HTTP_ADDRESS)


def is_behind_proxy(config: Config) -> bool:
    """True where the settings speak of a proxy before the server."""
    return bool(config.TRUSTED_PROXIES or config.ALLOWED_HOSTS or config.URL_PREFIX)


def without_debug_for_others(config: Config) -> Config:
    """`config`, with DEBUG off where other machines reach the server. Raises ConfigError."""
    if not config.DEBUG or serves_this_machine_alone(config):
        return config
    return config.model_copy(update={"DEBUG": False})


def close_debug(tornado_settings: dict[str, Any], config: Config) -> None:
    """Switch off in `tornado_settings`, in place, what only this machine may see."""
    asked = [name for name in DEBUG_SETTINGS if tornado_settings.get(name)]
    if asked and not serves_this_machine_alone(config):
        tornado_settings.update(dict.fromkeys(DEBUG_SETTINGS, False))
        logger.warning("Other machines reach this server: %s is ignored.", ", ".join(asked))
