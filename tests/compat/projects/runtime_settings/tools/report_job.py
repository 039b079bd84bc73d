"""Jobs that keep steps of their own in the history."""

from ndscheduler import constants, job, settings, utils
from ndscheduler.core.scheduler_manager import SchedulerManager


class ReportJob(job.JobBase):
    """Records an execution for each of its steps."""

    @classmethod
    def meta_info(cls):
        return {
            "job_class_string": f"{cls.__module__}.{cls.__name__}",
            "notes": cls.__doc__,
            "arguments": [{"name": "steps", "default": 2}],
            "example_arguments": "[2]",
            "category": "reports",
        }

    def run(self, steps, **kwargs):
        datastore = SchedulerManager.get_instance().get_datastore()
        step_ids = []
        for step in range(steps):
            step_id = utils.generate_uuid()
            datastore.add_execution(
                step_id,
                self.job_id,
                constants.EXECUTION_STATUS_RUNNING,
                task_id=f"{self.execution_id}/{step}",
                description=settings.TOOL_NAME,
            )
            datastore.update_execution(
                step_id, state=constants.EXECUTION_STATUS_SUCCEEDED, result=str(step)
            )
            step_ids.append(step_id)
        datastore.add_audit_log(
            self.job_id, "report", constants.AUDIT_LOG_CUSTOM_RUN, "robot", self.execution_id
        )
        return step_ids


class LeavingJob(job.JobBase):
    """Leaves as a program does."""

    @classmethod
    def get_failed_result(cls):
        return "It left."

    def run(self, *args, **kwargs):
        raise SystemExit(3)
