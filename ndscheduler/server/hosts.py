"""Which names of this server a request may use, and which pages may send it.

A page of another site can give its own name our address (DNS rebinding), and then is no other
site for the browser. It can not hide that name, which stands in the Host header.
"""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from tornado.httputil import HTTPServerRequest

from ndscheduler.config import Config
from ndscheduler.server.errors import CrossSiteRequest, ForeignHost
from ndscheduler.server.proxies import is_https


def refuse_foreign_host(host: str, config: Config) -> None:
    """Raise ForeignHost unless `host`, as the Host header has it, is a name of this server.

    Names are addresses, localhost, that of this machine, HTTP_ADDRESS and ALLOWED_HOSTS. This does
    not depend on logins: where there are none, it is all that stops a page of another site.
    """
    if "*" in config.ALLOWED_HOSTS:
        return
    name = _host_name(host)
    if not (_is_address(name) or _is_localhost(name) or name in _own_names(config)):
        raise ForeignHost(host)


def refuse_cross_site(request: HTTPServerRequest) -> None:
    """Raise CrossSiteRequest where a page of another site asks a browser for this change."""
    # Browsers send one of the two headers with every write, other clients neither.
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    if site is not None:
        if site not in ("same-origin", "none"):
            raise CrossSiteRequest
    elif origin is not None and not _is_own_origin(origin, request):
        raise CrossSiteRequest


def is_this_machine(host: str) -> bool:
    """Whether `host`, as the Host header has it, leads back to the machine of the browser."""
    name = _host_name(host)
    return _is_localhost(name) or (_is_address(name) and ipaddress.ip_address(name).is_loopback)


def _own_names(config: Config) -> set[str]:
    names = {socket.gethostname().lower(), _host_name(config.HTTP_ADDRESS)}
    names.update(_host_name(allowed) for allowed in config.ALLOWED_HOSTS)
    # An HTTP_ADDRESS of "" is no name.
    return names - {""}


def _is_own_origin(origin: str, request: HTTPServerRequest) -> bool:
    """Whether `origin` is that of `request`, as far as this server can know its own.

    A proxy may speak TLS without telling, so that https is taken for http; but a page that came
    without TLS may be anybody's, and does not speak for one that came with it.
    """
    scheme = origin.partition(":")[0].lower()
    if scheme not in ("http", "https") or (scheme == "http" and is_https(request)):
        return False
    own = _host_and_port(f"{scheme}://{request.host}")
    return own is not None and own == _host_and_port(origin)


def _host_and_port(url: str) -> tuple[str, int] | None:
    """Host, in lower case, and port of `url`; None where it is no URL of http or https."""
    try:
        parts = urlsplit(url)
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        return None
    return (parts.hostname, port) if parts.hostname else None


def _host_name(host: str) -> str:
    """The name in `host`, without port and in lower case; "" where it has none."""
    try:
        return (urlsplit(f"http://{host}").hostname or "").removesuffix(".")
    except ValueError:
        return ""


def _is_localhost(name: str) -> bool:
    return name == "localhost" or name.endswith(".localhost")


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
