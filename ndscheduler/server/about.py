"""What the page says of the installation: its names, its versions, its links."""

from __future__ import annotations

import getpass
import os
import socket
import sys
from typing import Any

from ndscheduler.server.context import Context
from ndscheduler.version import __version__


def about(context: Context, username: str) -> dict[str, Any]:
    """The installation as `username` sees it; no secret is in it."""
    config = context.config
    return {
        "title": config.WEBSITE_TITLE,
        "version": __version__,
        "host": socket.gethostname(),
        "user": _process_user(),
        "job_packages": _versions(config.JOB_CLASS_PACKAGES),
        "help_url": config.HELP_URL,
        "issues_url": config.ISSUES_URL,
        "timezone": str(context.manager.timezone),
        "username": username,
    }


def _versions(packages: list[str]) -> dict[str, str]:
    loaded = {name: sys.modules.get(name) for name in packages}
    return {name: str(getattr(module, "__version__", "")) for name, module in loaded.items()}


def _process_user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        # In a container the user id need not have a name.
        return str(os.getuid())
