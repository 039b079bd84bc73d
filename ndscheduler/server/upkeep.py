"""What a server does beside answering requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tornado.httpserver import HTTPServer

from ndscheduler.config import Config
from ndscheduler.server.systemd import Supervisor
from ndscheduler.server.tls import follow_certificate


@asynccontextmanager
async def upkeep(config: Config, server: HTTPServer) -> AsyncIterator[Supervisor]:
    """Follow the certificate and tell the supervisor that the server lives, meanwhile."""
    supervisor = Supervisor()
    tasks = [
        asyncio.create_task(follow_certificate(config, server)),
        asyncio.create_task(supervisor.keep_telling()),
    ]
    try:
        yield supervisor
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
