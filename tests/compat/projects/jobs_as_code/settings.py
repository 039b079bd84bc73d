"""Settings of a scheduler whose jobs are code."""

HTTP_ADDRESS = "127.0.0.1"
HTTP_PORT = 0
JOB_CLASS_PACKAGES = ["work.crawl"]
SCHEDULER_CLASS = "own_scheduler.OwnScheduler"
DATABASE_CONFIG_DICT = {"file_path": "jobs_as_code.db"}
