"""URL_PREFIX: the server below a path of a proxy that it shares with others.

A proxy may pass the prefix on or take it off: URLs are served with it and without. What the server
writes, redirects and the URLs of files, always has it.
"""

from __future__ import annotations

from typing import Any

from tornado.httputil import HTTPServerRequest


def is_bare_prefix(request: HTTPServerRequest, prefix: str) -> bool:
    """Whether `request` asks for the prefix without a slash, where relative URLs lead astray."""
    return bool(prefix) and request.path == prefix


def take_prefix_off(request: HTTPServerRequest, prefix: str) -> None:
    """Let `path` of `request` be that of a server at the root; `uri` stays as it was sent."""
    if prefix and request.path.startswith(f"{prefix}/"):
        request.path = request.path.removeprefix(prefix)


def put_before_static_urls(settings: dict[str, Any], prefix: str) -> None:
    """Let the URLs of files that an Application with these `settings` writes have the prefix."""
    settings["static_url_prefix"] = prefix + settings.get("static_url_prefix", "/static/")
