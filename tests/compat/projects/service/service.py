"""A scheduler inside a service: it runs in a thread until the service is told to stop."""

import asyncio
import os
import sys
import threading

from tornado.ioloop import IOLoop

from ndscheduler import settings
from ndscheduler.corescheduler import scheduler_manager
from ndscheduler.server.server import SchedulerServer


class ServiceServer(SchedulerServer):
    @classmethod
    def serve_in_thread(cls, port, started):
        asyncio.set_event_loop(asyncio.new_event_loop())
        sched_manager = scheduler_manager.SchedulerManager(
            scheduler_class_path=settings.SCHEDULER_CLASS,
            datastore_class_path=settings.DATABASE_CLASS,
            db_config={"file_path": os.path.join(os.getcwd(), "service.db")},
            db_tablenames=settings.DATABASE_TABLENAMES,
            job_coalesce=settings.JOB_COALESCE,
            job_misfire_grace_sec=settings.JOB_MISFIRE_GRACE_SEC,
            job_max_instances=settings.JOB_MAX_INSTANCES,
            thread_pool_size=settings.THREAD_POOL_SIZE,
            timezone=settings.TIMEZONE,
        )
        server = cls(sched_manager)
        cls.singleton = server
        server.start_scheduler()
        server.application.listen(port, "127.0.0.1")
        cls.loop = IOLoop.current()
        cls.loop.add_callback(started.set)
        cls.loop.start()
        server.stop_scheduler()

    def post_scheduler_start(self):
        self.scheduler_manager.add_job("chores.sweep.SweepJob", "sweep", ["hall"], minute="*/5")

    def post_scheduler_stop(self):
        print("stopped", flush=True)


def main():
    started = threading.Event()
    port = int(sys.argv[1])
    thread = threading.Thread(target=ServiceServer.serve_in_thread, args=(port, started))
    thread.start()
    started.wait(30)
    print("started", flush=True)
    sys.stdin.read()
    ServiceServer.loop.add_callback(ServiceServer.loop.stop)
    thread.join(30)


if __name__ == "__main__":
    main()
