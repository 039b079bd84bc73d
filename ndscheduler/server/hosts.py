"""Which names of this server a request may use, and which pages may send it.

A page of another site can give its own name our address (DNS rebinding), and then is no other
site for the browser. It can not hide that name, which stands in the Host header.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit

from tornado.httputil import HTTPServerRequest

from ndscheduler.config import Config
from ndscheduler.server.errors import CrossSiteRequest, ForeignHost


def refuse_foreign_host(host: str, config: Config) -> None:
    """Raise ForeignHost unless `host`, as the Host header has it, is a name of this server.

    Names are addresses, localhost, HTTP_ADDRESS and ALLOWED_HOSTS. With AUTH `none` the operator
    serves everybody, under any name.
    """
    if config.AUTH == "none" or "*" in config.ALLOWED_HOSTS:
        return
    name = _name_in(f"http://{host}")
    known = {"localhost", config.HTTP_ADDRESS.lower()}
    known.update(allowed.lower() for allowed in config.ALLOWED_HOSTS)
    if name not in known and not name.endswith(".localhost") and not _is_address(name):
        raise ForeignHost(host)


def refuse_cross_site(request: HTTPServerRequest) -> None:
    """Raise CrossSiteRequest where a page of another site asks a browser for this change."""
    # Browsers send one of the two headers with every write, other clients neither.
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise CrossSiteRequest
    elif origin is not None and _network_location(origin) != request.host.lower():
        raise CrossSiteRequest


def _network_location(url: str) -> str:
    """The host and port in `url`, in lower case; "" where it is no URL."""
    try:
        return urlsplit(url).netloc.lower()
    except ValueError:
        return ""


def _name_in(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
