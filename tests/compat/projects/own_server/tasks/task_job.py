"""One job class for all tasks: its first argument names the task."""

import traceback

from ndscheduler import job, settings, utils


class TaskJob(job.JobBase):
    @classmethod
    def meta_info(cls):
        return {
            "job_class_string": f"{cls.__module__}.{cls.__name__}",
            "notes": cls.__doc__,
            "arguments": [{"type": "string", "description": "Task"}],
            "example_arguments": ["Copy", "file"],
        }

    @classmethod
    def get_failed_result(cls):
        return "The task failed.\n" + traceback.format_exc()

    def run(self, task, *args, **options):
        task_class = utils.import_from_path(f"{settings.TASK_CLASS_PACKAGE}.{task}")
        return task_class().perform(*args, **options)
