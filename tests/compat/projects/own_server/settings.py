"""Settings of a scheduler with a server class, a datastore and settings of its own."""

import os

APPLICATION_HOME = os.path.dirname(os.path.abspath(__file__))

HTTP_PORT = 8888
HTTP_ADDRESS = "127.0.0.1"
TIMEZONE = "America/New_York"
JOB_MAX_INSTANCES = 1
JOB_CLASS_PACKAGES = ["tasks"]
TASK_CLASS_PACKAGE = "tasks.copying"
SCHEDULER_CLASS = "ndscheduler.core.scheduler.base.SingletonScheduler"
DATABASE_CLASS = "own_datastore.OwnDatastore"
DATABASE_CONFIG_DICT = {"folder": os.getcwd(), "password": "pass of the database"}
