"""A real nginx before a server under test, with the configuration that the manual shows."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.api.api_server import wait_for

# Debian's PATH of users does not have it.
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")

# All that nginx writes stays in its directory.
AROUND = """
{user}
daemon off;
pid {directory}/nginx.pid;
error_log {directory}/error.log;
events {{}}
http {{
    access_log off;
    client_body_temp_path {directory}/body;
    proxy_temp_path {directory}/proxy;
    fastcgi_temp_path {directory}/fastcgi;
    uwsgi_temp_path {directory}/uwsgi;
    scgi_temp_path {directory}/scgi;
    {server}
}}
"""


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@contextmanager
def nginx(directory: Path, server: str, port: int) -> Iterator[None]:
    """nginx with the block `server`, which listens on `port`, until the end of the block."""
    if NGINX is None:
        pytest.skip("nginx is not installed")
    directory.mkdir(exist_ok=True)
    user = "user root;" if os.geteuid() == 0 else ""
    file = directory / "nginx.conf"
    file.write_text(AROUND.format(user=user, directory=directory, server=server))
    process = subprocess.Popen([NGINX, "-p", directory, "-c", file], stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: process.poll() is not None or _answers(port))
        assert process.poll() is None, (directory / "error.log").read_text()
        yield
    finally:
        process.terminate()
        process.wait(30)


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionError:
        return False
    return True
