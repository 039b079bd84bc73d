"""Settings of the example scheduler. All settings and their defaults: doc/reference/settings.md.

Each can also be set by the environment: NDSCHEDULER_HTTP_PORT=9000 wins over this file.
"""

# Where the web page and the REST API are served. 127.0.0.1 is reached from this machine only;
# write '0.0.0.0' to serve the network, where an account or a login proxy has to guard it.
HTTP_PORT = 8888
HTTP_ADDRESS = "127.0.0.1"

# Packages that hold your job classes. Only these can be scheduled through REST and the page.
JOB_CLASS_PACKAGES = ["simple_scheduler.jobs"]

# How many executions run at once.
THREAD_POOL_SIZE = 4

# SQLite: one file, made when it is not there, in the directory that you start from.
DATABASE_CLASS = "ndscheduler.corescheduler.datastore.providers.sqlite.DatastoreSqlite"
DATABASE_CONFIG_DICT = {
    "file_path": "datastore.db",
}

# PostgreSQL (pip install 'ndscheduler[postgres]'):
#
# DATABASE_CLASS = "ndscheduler.corescheduler.datastore.providers.postgres.DatastorePostgres"
# DATABASE_CONFIG_DICT = {
#     "user": "scheduler",
#     "password": os.environ["SCHEDULER_DB_PASSWORD"],
#     "hostname": "localhost",
#     "port": 5432,
#     "database": "scheduler",
#     "sslmode": "disable",
# }

# MySQL or MariaDB (pip install 'ndscheduler[mysql]'):
#
# DATABASE_CLASS = "ndscheduler.corescheduler.datastore.providers.mysql.DatastoreMySQL"
# DATABASE_CONFIG_DICT = {
#     "user": "scheduler",
#     "password": os.environ["SCHEDULER_DB_PASSWORD"],
#     "hostname": "localhost",
#     "port": 3306,
#     "database": "scheduler",
# }
