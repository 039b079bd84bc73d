"""A server whose jobs are those of jobs.json: others go, changed ones are made anew."""

import json
import os

os.environ["NDSCHEDULER_SETTINGS_MODULE"] = "settings"

from apscheduler.triggers.cron import CronTrigger

import ndscheduler.server.server

JOBS_FILE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "jobs.json")


class CodeServer(ndscheduler.server.server.SchedulerServer):
    def post_scheduler_start(self):
        with open(JOBS_FILE) as file:
            wanted = json.load(file)
        for job in self.scheduler_manager.get_jobs():
            if self.find(job, wanted) is None:
                print(f"removes {job.name}", flush=True)
                self.scheduler_manager.remove_job(job.id)
        present = [job.name for job in self.scheduler_manager.get_jobs()]
        for entry in wanted:
            if entry["name"] not in present:
                print(f"adds {entry['name']}", flush=True)
                self.scheduler_manager.add_job(
                    job_class_string=entry["class"],
                    name=entry["name"],
                    pub_args=entry.get("args", []),
                    month=None,
                    day_of_week=None,
                    day=None,
                    hour=entry.get("hour"),
                    minute=entry["minute"],
                )

    def find(self, job, wanted):
        job_class_string, job_id = job.args[:2]
        assert job_id == job.id
        for entry in wanted:
            trigger = CronTrigger(hour=entry.get("hour"), minute=entry["minute"])
            same = (job.name, job_class_string, str(job.trigger)) == (
                entry["name"],
                entry["class"],
                str(trigger),
            )
            if same:
                return entry
        return None


if __name__ == "__main__":
    CodeServer.run()
