"""Headers that tell browsers what pages may do with an answer. Every answer has them."""

from __future__ import annotations

from tornado.httputil import HTTPServerRequest

from ndscheduler.config import Config
from ndscheduler.server.hosts import is_this_machine
from ndscheduler.server.proxies import is_https

ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), "
    "midi=(), payment=(), publickey-credentials-get=(), serial=(), usb=()",
}


def security_headers(request: HTTPServerRequest, config: Config, policy: str) -> dict[str, str]:
    """The headers of an answer to `request`; `policy` is that of the page, "" for none."""
    headers = dict(ALWAYS)
    if policy:
        headers["Content-Security-Policy"] = policy
    # Elsewhere browsers ignore it, and complain in their console.
    if is_https(request) or is_this_machine(request.host):
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
    # Without subdomains and for this name alone: other programs may run there.
    if is_https(request) and config.HSTS_MAX_AGE_SEC:
        headers["Strict-Transport-Security"] = f"max-age={config.HSTS_MAX_AGE_SEC}"
    return headers
