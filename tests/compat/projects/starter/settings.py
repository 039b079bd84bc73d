"""Settings of a scheduler that was begun by copying the example."""

import os

from ndscheduler.default_settings import *  # noqa: F403

DEBUG = True
HTTP_PORT = 8899
HTTP_ADDRESS = "127.0.0.1"
TIMEZONE = "America/New_York"
THREAD_POOL_SIZE = 2
JOB_MAX_INSTANCES = 3
JOB_COALESCE = True
JOB_MISFIRE_GRACE_SEC = 3600
JOB_CLASS_PACKAGES = ["jobs"]
DATABASE_CLASS = "ndscheduler.corescheduler.datastore.providers.sqlite.DatastoreSqlite"
DATABASE_CONFIG_DICT = {"file_path": os.path.join(os.getcwd(), "starter.db")}
