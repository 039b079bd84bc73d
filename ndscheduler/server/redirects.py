"""Where a browser may be sent: only to paths of this server."""

from __future__ import annotations

import re
from urllib.parse import unquote

# What browsers drop or mend: they read `/\evil.example` as `//evil.example`, which is another host.
_NOT_IN_A_PATH = re.compile(r"[\x00-\x20\x7f-\U0010ffff\\]")


def local_path(target: str, prefix: str = "") -> str | None:
    """`target` where it is a path of this server, below URL_PREFIX `prefix`; None for all else.

    A path may have a query and a fragment. It is sent in a Location header as it is.
    """
    if not target.startswith(f"{prefix}/") or _NOT_IN_A_PATH.search(target):
        return None
    path = re.split(r"[?#]", target, maxsplit=1)[0]
    # A proxy on the way may decode what is encoded, also twice.
    decoded = unquote(unquote(path))
    if "//" in decoded or _has_dots(decoded) or _NOT_IN_A_PATH.search(decoded):
        return None
    return target


def _has_dots(path: str) -> bool:
    """True for what could lead up, and so out of the prefix."""
    return any(part in (".", "..") for part in path.split("/"))
