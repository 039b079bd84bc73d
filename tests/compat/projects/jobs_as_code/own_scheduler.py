"""A scheduler that names jobs by the digest of their names, and counts what it runs."""

import hashlib

from ndscheduler.core.scheduler import base


class OwnScheduler(base.SingletonScheduler):
    def add_scheduler_job(
        self,
        job_class_string,
        name,
        pub_args=None,
        month=None,
        day_of_week=None,
        day=None,
        hour=None,
        minute=None,
        **kwargs,
    ):
        job_id = hashlib.md5(name.encode("utf-8")).hexdigest()
        self.add_job(
            self.run_job,
            trigger="cron",
            month=month,
            day=day,
            day_of_week=day_of_week,
            hour=hour,
            minute=minute,
            args=[job_class_string, job_id, *(pub_args or [])],
            kwargs=kwargs,
            name=name,
            id=job_id,
        )
        return job_id

    @classmethod
    def run_job(cls, job_class_path, job_id, *args, **kwargs):
        print(f"run_job {job_class_path} {job_id} {args}", flush=True)
        return super().run_job(job_class_path, job_id, *args, **kwargs)
