"""Bodies of requests that are good, and good but for their schedule."""

from __future__ import annotations

from tests.api.api_server import NONE_JOB, YEARLY

GOOD = {"name": "x", "job_class_string": NONE_JOB, **YEARLY}
NO_CRON = {"name": "x", "job_class_string": NONE_JOB}
JSON_TYPE = {"Content-Type": "application/json"}
DEFINITION = {"name": "a job", "job_class_string": NONE_JOB, **YEARLY}
