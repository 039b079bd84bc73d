"""Run the example scheduler: `python -m simple_scheduler.scheduler`, then http://localhost:8888.

Copy this file, settings.py and jobs/ to begin a scheduler of your own.
"""

from __future__ import annotations

import os

from ndscheduler.server import server


class SimpleServer(server.SchedulerServer):
    """The scheduler with one job to look at."""

    def post_scheduler_start(self) -> None:
        """Add a job that runs every minute, on the first start only."""
        if self.scheduler_manager.get_jobs():
            return
        self.scheduler_manager.add_job(
            job_class_string="simple_scheduler.jobs.sample_job.AwesomeJob",
            name="My Awesome Job",
            pub_args=["first parameter", {"second parameter": "can be a dict"}],
            minute="*/1",
        )


def main() -> None:
    """Start the scheduler and serve until it is stopped (Ctrl-C or SIGTERM)."""
    # Settings are read when the first one is needed, so it is early enough to name them here.
    os.environ.setdefault("NDSCHEDULER_SETTINGS_MODULE", "simple_scheduler.settings")
    SimpleServer.run()


if __name__ == "__main__":
    main()
