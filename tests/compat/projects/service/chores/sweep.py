"""A job of the service."""

from ndscheduler.corescheduler.job import JobBase


class SweepJob(JobBase):
    """Sweeps."""

    @classmethod
    def meta_info(cls):
        return {"job_class_string": "chores.sweep.SweepJob", "notes": SweepJob.__doc__}

    def run(self, room):
        return f"swept the {room}"
