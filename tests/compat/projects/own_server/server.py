"""A server that replaces the whole of SchedulerServer.__init__."""

import os

import tornado.web
from sqlalchemy import event, select
from sqlalchemy.pool import Pool

from ndscheduler import constants, settings
from ndscheduler.core.datastore import tables
from ndscheduler.core.scheduler_manager import SchedulerManager
from ndscheduler.server.handlers import audit_logs, executions, index, jobs
from ndscheduler.server.server import SchedulerServer

CHECKOUTS = []


@event.listens_for(Pool, "checkout")
def count_checkouts(connection, record, proxy):
    CHECKOUTS.append(1)


class OwnServer(SchedulerServer):
    def __init__(self, scheduler_instance):
        self.scheduler_manager = scheduler_instance
        static_path = os.path.join(settings.APPLICATION_HOME, "pages")
        self.tornado_settings = {
            "debug": settings.DEBUG,
            "autoreload": False,
            "static_path": static_path,
            "template_path": settings.TEMPLATE_DIR_PATH,
            "scheduler_manager": self.scheduler_manager,
        }
        urls = [
            (r"/", index.Handler),
            (rf"/api/{self.VERSION}/jobs", jobs.Handler),
            (rf"/api/{self.VERSION}/jobs/(.*)", jobs.Handler),
            (rf"/api/{self.VERSION}/executions", executions.Handler),
            (rf"/api/{self.VERSION}/executions/(.*)", executions.Handler),
            (rf"/api/{self.VERSION}/logs", audit_logs.Handler),
            (r"/static/(.*)", tornado.web.StaticFileHandler, {"path": static_path}),
        ]
        self.application = tornado.web.Application(urls, **self.tornado_settings)

    def start_scheduler(self):
        self.scheduler_manager.start()
        self.fail_leftovers()
        self.post_scheduler_start()

    def fail_leftovers(self):
        datastore = SchedulerManager.get_instance().get_datastore()
        query = select(tables.EXECUTIONS.c.eid).where(
            tables.EXECUTIONS.c.state == constants.EXECUTION_STATUS_RUNNING
        )
        with datastore.engine.connect() as connection:
            leftovers = [row.eid for row in connection.execute(query)]
        for execution_id in leftovers:
            datastore.update_execution(
                execution_id,
                state=constants.EXECUTION_STATUS_FAILED,
                description="Interrupted by a restart",
            )

    def post_scheduler_start(self):
        print(f"started: {len(CHECKOUTS) > 0}", flush=True)

    def post_scheduler_stop(self):
        print("stopped", flush=True)


if __name__ == "__main__":
    OwnServer.run()
