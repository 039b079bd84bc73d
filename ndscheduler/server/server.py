"""SchedulerServer: one scheduler, its REST API and its page in one process.

[compat] Users derive from it, override its hooks or the whole of `__init__`, and call `run()`.
"""

from __future__ import annotations

import asyncio
import functools
import logging
import sys
import threading
from collections.abc import Callable
from types import FrameType
from typing import Any, ClassVar, NoReturn

from tornado.httpserver import HTTPServer
from tornado.web import Application

from ndscheduler import settings
from ndscheduler.config import Config
from ndscheduler.config_sources import load_config
from ndscheduler.corescheduler.errors import NdschedulerError, SchedulerStateError
from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from ndscheduler.corescheduler.service import JobService
from ndscheduler.server.application import SchedulerApplication
from ndscheduler.server.auth.first_account import ensure_account
from ndscheduler.server.auth.making import make_gate
from ndscheduler.server.blocking import BlockingCalls
from ndscheduler.server.build import build_manager, exit_stuck, set_up_logging
from ndscheduler.server.context import CONTEXT_SETTING, Context
from ndscheduler.server.exposure import close_debug, without_debug_for_others
from ndscheduler.server.handlers.base import STOPPING_SETTING
from ndscheduler.server.handlers.static import Handler as StaticHandler
from ndscheduler.server.http_server import Bounds, make_http_server
from ndscheduler.server.listener import Listener, open_listener
from ndscheduler.server.signals import (
    EndAtOnce,
    StoppedEarly,
    exit_soon,
    handling,
    set_handlers,
    stopping_early,
)
from ndscheduler.server.stream.making import make_streams
from ndscheduler.server.upkeep import upkeep
from ndscheduler.version import __version__

logger = logging.getLogger(__name__)

EXIT_ERROR = 2
# At the end requests that are being answered get so long.
ANSWER_SECONDS = 2.0


class SchedulerServer:
    """A scheduler and the web server in front of it."""

    VERSION = "v1"

    # The server that was made last: how handlers in an Application of a user's own find it.
    singleton: ClassVar[SchedulerServer | None] = None

    scheduler_manager: SchedulerManager
    tornado_settings: dict[str, Any]
    application: Application
    _stop_requested: threading.Event
    _wake: Callable[[], None]
    _end_at_once: EndAtOnce | None
    _was_signalled = False

    def __new__(cls, *args: Any, **kwargs: Any) -> SchedulerServer:
        """[compat] A subclass may replace `__init__` without calling ours."""
        server = super().__new__(cls)
        SchedulerServer.singleton = cls.singleton = server
        server._stop_requested = threading.Event()
        server._wake = lambda: None
        server._end_at_once = None
        return server

    def __init__(
        self,
        scheduler_instance: SchedulerManager,
        custom_tornado_settings: dict[str, Any] | None = None,
    ) -> None:
        """`custom_tornado_settings` come over those of the Application."""
        config = settings.current()
        self.scheduler_manager = scheduler_instance
        self.tornado_settings = {
            "debug": config.DEBUG,
            "autoreload": False,
            "serve_traceback": False,
            "static_path": config.STATIC_DIR_PATH,
            "template_path": config.TEMPLATE_DIR_PATH,
            "static_handler_class": StaticHandler,
            "scheduler_manager": scheduler_instance,
            **(custom_tornado_settings or {}),
        }
        close_debug(self.tornado_settings, config)
        self.application = SchedulerApplication(self.VERSION, config, **self.tornado_settings)
        self.application.settings[CONTEXT_SETTING] = self.context

    @classmethod
    def current(cls) -> SchedulerServer:
        """The server that was made last. Raises SchedulerStateError when there is none."""
        if SchedulerServer.singleton is None:
            raise SchedulerStateError("No SchedulerServer has been made in this process.")
        return SchedulerServer.singleton

    @functools.cached_property
    def context(self) -> Context:
        """What the handlers work with."""
        config = settings.current()
        manager = self.scheduler_manager
        service = JobService(manager)
        is_answering = service.is_database_answering
        blocking = BlockingCalls(config.TORNADO_MAX_WORKERS, is_answering=is_answering)
        streams = make_streams(manager, service, blocking)
        gate = make_gate(config, manager.get_datastore(), blocking)
        return Context(manager, service, blocking, config, streams, gate)

    def start_scheduler(self) -> None:
        """Start the scheduler, then call `post_scheduler_start`."""
        self.scheduler_manager.start()
        self.post_scheduler_start()

    def post_scheduler_start(self) -> None:
        """Called once the scheduler runs; for users to override."""

    def stop_scheduler(self) -> None:
        """Stop the scheduler, then call `post_scheduler_stop`."""
        self.scheduler_manager.stop()
        self.post_scheduler_stop()

    def post_scheduler_stop(self) -> None:
        """Called once the scheduler has stopped; for users to override."""

    @classmethod
    def signal_handler(cls, signal: int, frame: FrameType | None) -> None:
        """Stop in good order, then exit; a second signal ends the process at once."""
        server = cls.current()
        if server._end_at_once is not None:
            set_handlers(server._end_at_once.handler)
            server._was_signalled = True
        server.request_stop()

    def request_stop(self) -> None:
        """Let `run_with` return, soon. Safe from any thread and from signal handlers."""
        self._stop_requested.set()
        self._wake()

    @classmethod
    def run(cls) -> NoReturn:
        """Serve until a signal, with the settings and this process's command line, then exit.

        The exit status is 0, or 2 after one sentence on stderr.
        """
        try:
            sys.exit(cls.run_with(load_config(sys.argv[1:])))
        except NdschedulerError as error:
            sys.stderr.write(f"{error}\n")
            sys.exit(EXIT_ERROR)

    @classmethod
    def run_with(cls, config: Config) -> int:
        """Serve until a signal or `request_stop`; the exit status. Raises NdschedulerError."""
        config, given = without_debug_for_others(config), config
        settings.adopt(config)
        set_up_logging(config)
        if config is not given:
            logger.warning("DEBUG is ignored: other machines reach this server.")
        try:
            with stopping_early() as check, open_listener(config) as listener:
                server = cls(build_manager(config, exit_stuck))
                ensure_account(config, server.scheduler_manager.get_datastore())
                check()
                asyncio.run(server.serve(listener))
        except StoppedEarly:
            logger.info("Stopped by a signal while nothing was running.")
        return 0

    async def serve(self, listener: Listener) -> None:
        """Start the scheduler and answer on `listener`, until a signal or `request_stop`."""
        loop, stop = asyncio.get_running_loop(), asyncio.Event()

        def wake() -> None:
            loop.call_soon_threadsafe(stop.set)

        self._wake = wake
        if self._stop_requested.is_set():
            stop.set()
        # Users' own start_scheduler may or may not call the hook, which is called once.
        hook = self.post_scheduler_start = _once(self.post_scheduler_start)  # type: ignore[method-assign]
        http_server = make_http_server(self.application, listener.tls, Bounds.of_process())
        async with upkeep(self.context.config, http_server) as supervisor:
            with EndAtOnce(self._interrupt) as self._end_at_once, handling(self.signal_handler):
                try:
                    self.start_scheduler()
                    http_server.add_sockets(listener.sockets)
                    hook()
                    supervisor.say("READY=1", f"STATUS=Serves {listener.url}")
                    logger.info("ndscheduler %s serves %s", __version__, listener.url)
                    await stop.wait()
                finally:
                    supervisor.say("STOPPING=1")
                    await self._stop(http_server)

    async def _stop(self, http_server: HTTPServer) -> None:
        """Take no new connections, let what runs end, answer what was asked, then be gone."""
        loop = asyncio.get_running_loop()
        logger.info("Stopping: nothing more is started, and what runs may end.")
        http_server.stop()
        self.application.settings[STOPPING_SETTING] = True
        await self.context.streams.stop()
        await self.context.gate.passwords.close()
        await loop.run_in_executor(None, self.stop_scheduler)
        if self._was_signalled:
            exit_soon(status=0)
        await self.context.blocking.wait_until_idle(ANSWER_SECONDS)
        await http_server.close_all_connections()
        self.context.blocking.close()
        logger.info("Stopped.")

    def _interrupt(self, signal_name: str) -> None:
        """The last act before an end at once."""
        self.scheduler_manager.stop_at_once(
            f"Its scheduler was ended at once by a second signal ({signal_name})."
        )


def _once(hook: Callable[[], None]) -> Callable[[], None]:
    """`hook`, but from the second call on nothing."""
    calls: list[bool] = []

    @functools.wraps(hook)
    def call() -> None:
        if not calls:
            calls.append(True)
            hook()

    return call
