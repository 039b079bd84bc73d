"""A program that sets the scheduler up in code, and adds tables, routes and audit events."""

import os

from sqlalchemy import Column, DateTime, String, Table, insert, select
from tornado.concurrent import run_on_executor

from ndscheduler import constants, settings, utils
from ndscheduler.core.datastore import tables
from ndscheduler.core.datastore.providers import base
from ndscheduler.server import handlers, server

constants.AUDIT_LOG_FILE_ADDED = 101
constants.AUDIT_LOG_DICT[constants.AUDIT_LOG_FILE_ADDED] = "file_added"

tables.DATAFILES = Table(
    "data_files",
    tables.METADATA,
    Column("name", String(100), primary_key=True),
    Column("added_time", DateTime, nullable=False),
)


def add_file(self, name):
    with self.engine.begin() as connection:
        now = utils.get_current_datetime().replace(tzinfo=None)
        connection.execute(insert(tables.DATAFILES).values(name=name, added_time=now))


def get_files(self):
    with self.engine.connect() as connection:
        return [row.name for row in connection.execute(select(tables.DATAFILES.c.name))]


base.DatastoreBase.add_file = add_file
base.DatastoreBase.get_files = get_files


class FilesHandler(handlers.base.BaseHandler):
    @run_on_executor
    def _files(self):
        return self.datastore.get_files()

    async def get(self):
        self.finish({"files": await self._files()})

    def post(self):
        name = self.json_args["name"]
        self.datastore.add_file(name)
        self.datastore.add_audit_log(
            0, name, constants.AUDIT_LOG_FILE_ADDED, user=self.username, description="by hand"
        )
        self.set_status(201)
        self.finish({"name": name})


class ToolServer(server.SchedulerServer):
    def __init__(self, scheduler_instance):
        super().__init__(scheduler_instance)
        self.application.add_handlers(".*", [(rf"/api/{self.VERSION}/files", FilesHandler)])


if __name__ == "__main__":
    settings.DEBUG = False
    settings.HTTP_ADDRESS = "127.0.0.1"
    settings.HTTP_PORT = 0
    settings.JOB_CLASS_PACKAGES = ["tools"]
    settings.DATABASE_CLASS = "ndscheduler.core.datastore.providers.sqlite.DatastoreSqlite"
    settings.DATABASE_CONFIG_DICT = {"file_path": os.path.join(os.getcwd(), "tool.db")}
    settings.TOOL_NAME = "the tool"
    ToolServer.run()
