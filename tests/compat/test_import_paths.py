"""Every name that users import is there, under the paths of old and of release 0.3.0."""

from __future__ import annotations

import importlib
import subprocess
import sys

import pytest

import ndscheduler
from ndscheduler import constants, job
from ndscheduler.corescheduler import constants as core_constants
from ndscheduler.corescheduler import job as core_job

NAMES = {
    "ndscheduler": (
        "settings ENVIRONMENT_VARIABLE setup_package teardown_package get_cli_args "
        "load_yaml_config __version__"
    ),
    "ndscheduler.settings": "HTTP_PORT HTTP_ADDRESS DATABASE_CONFIG_DICT JOB_CLASS_PACKAGES",
    "ndscheduler.default_settings": "HTTP_PORT DATABASE_CLASS DATABASE_TABLENAMES SCHEDULER_CLASS",
    "ndscheduler.job": "JobBase",
    "ndscheduler.constants": (
        "EXECUTION_STATUS_SCHEDULED EXECUTION_STATUS_RUNNING EXECUTION_STATUS_STOPPING "
        "EXECUTION_STATUS_STOPPED EXECUTION_STATUS_FAILED EXECUTION_STATUS_SUCCEEDED "
        "EXECUTION_STATUS_TIMEOUT EXECUTION_STATUS_SCHEDULED_ERROR EXECUTION_STATUS_DICT "
        "AUDIT_LOG_ADDED AUDIT_LOG_MODIFIED AUDIT_LOG_DELETED AUDIT_LOG_PAUSED "
        "AUDIT_LOG_RESUMED AUDIT_LOG_CUSTOM_RUN AUDIT_LOG_DICT"
    ),
    "ndscheduler.utils": (
        "import_from_path get_current_datetime generate_uuid get_job_name get_job_args "
        "get_job_kwargs get_cron_strings get_datastore_instance get_stacktrace "
        "get_all_available_jobs"
    ),
    "ndscheduler.tools.mail": "send",
    "ndscheduler.version": "__version__",
    "ndscheduler.core.scheduler_manager": "SchedulerManager",
    "ndscheduler.core.scheduler.base": "SingletonScheduler",
    "ndscheduler.core.datastore.tables": "METADATA EXECUTIONS AUDIT_LOGS",
    "ndscheduler.core.datastore.providers.base": "DatastoreBase",
    "ndscheduler.core.datastore.providers.sqlite": "DatastoreSqlite",
    "ndscheduler.core.datastore.providers.mysql": "DatastoreMysql",
    "ndscheduler.core.datastore.providers.postgresql": "DatastorePostgresql",
    "ndscheduler.corescheduler.constants": (
        "JOB_ARGS EXECUTION_STATUS_INTERRUPTED DEFAULT_JOBS_TABLENAME "
        "DEFAULT_EXECUTIONS_TABLENAME DEFAULT_AUDIT_LOGS_TABLENAME DEFAULT_JOB_COALESCE "
        "DEFAULT_JOB_MAX_INSTANCES DEFAULT_JOB_MISFIRE_GRACE_SEC DEFAULT_THREAD_POOL_SIZE "
        "DEFAULT_TIMEZONE"
    ),
    "ndscheduler.corescheduler.job": "JobBase",
    "ndscheduler.corescheduler.job.JobBase": (
        "run meta_info create_test_instance run_job get_scheduled_description "
        "get_scheduled_error_description get_running_description get_failed_description "
        "get_succeeded_description get_scheduled_error_result get_failed_result"
    ),
    "ndscheduler.corescheduler.utils": (
        "generate_uuid get_cron_strings get_current_datetime get_datastore_instance "
        "get_hostname get_job_args get_job_kwargs get_job_name get_pid get_stacktrace "
        "import_from_path"
    ),
    "ndscheduler.corescheduler.core.base": "BaseScheduler",
    "ndscheduler.corescheduler.core.base.BaseScheduler": (
        "DEFAULT_WAIT_SECONDS is_okay_to_run run_job run_scheduler_job pre_run post_run "
        "add_scheduler_job modify_scheduler_job add_job modify_job reschedule_job get_job "
        "get_jobs _process_jobs _lookup_jobstore"
    ),
    "ndscheduler.corescheduler.scheduler_manager": "SchedulerManager",
    "ndscheduler.corescheduler.scheduler_manager.SchedulerManager": (
        "start stop add_job modify_job pause_job resume_job remove_job get_job get_jobs "
        "get_datastore get_job_task_class get_instance"
    ),
    "ndscheduler.corescheduler.datastore.base": "DatastoreBase",
    "ndscheduler.corescheduler.datastore.base.DatastoreBase": (
        "instance get_instance destroy_instance get_db_url engine add_execution "
        "update_execution get_execution get_executions add_audit_log get_audit_logs "
        "get_time_isoformat_from_db lookup_job"
    ),
    "ndscheduler.corescheduler.datastore.tables": "get_execution_table get_auditlogs_table",
    "ndscheduler.corescheduler.datastore.providers.sqlite": "DatastoreSqlite",
    "ndscheduler.corescheduler.datastore.providers.mysql": "DatastoreMySQL",
    "ndscheduler.corescheduler.datastore.providers.postgres": "DatastorePostgres",
    "ndscheduler.server.server": "SchedulerServer",
    "ndscheduler.server.server.SchedulerServer": (
        "VERSION singleton run start_scheduler stop_scheduler post_scheduler_start "
        "post_scheduler_stop signal_handler"
    ),
    "ndscheduler.server.handlers": "base index jobs executions audit_logs passwd add_user",
    "ndscheduler.server.handlers.base": "BaseHandler LoginHandler LogoutHandler",
    "ndscheduler.server.handlers.base.BaseHandler": (
        "executor datastore username json_args scheduler_manager prepare get_username"
    ),
    "ndscheduler.server.handlers.index": "Handler",
    "ndscheduler.server.handlers.jobs": "Handler",
    "ndscheduler.server.handlers.executions": "Handler",
    "ndscheduler.server.handlers.audit_logs": "Handler",
    "simple_scheduler.jobs.sample_job": "AwesomeJob",
    "simple_scheduler.jobs.shell_job": "ShellJob",
    "simple_scheduler.jobs.curl_job": "CurlJob",
    "simple_scheduler.jobs.slack_job": "SlackJob",
}


@pytest.mark.parametrize("place", NAMES)
def test_every_name_of_old_is_there(place: str) -> None:
    module_name, _, class_name = place.rpartition(".")
    is_class = class_name[:1].isupper()
    module = importlib.import_module(module_name if is_class else place)
    names = NAMES[place].split()
    if not is_class:
        # Of a package, names may be modules that only such an import finds.
        exec(f"from {place} import {', '.join(names)}", {})

    holder = getattr(module, class_name) if is_class else module

    assert [name for name in names if not hasattr(holder, name)] == []


def test_both_families_share_their_base_class_and_their_constants() -> None:
    assert job.JobBase is core_job.JobBase
    assert constants.AUDIT_LOG_DICT is core_constants.AUDIT_LOG_DICT
    assert constants.EXECUTION_STATUS_DICT is core_constants.EXECUTION_STATUS_DICT
    assert ndscheduler.ENVIRONMENT_VARIABLE == "NDSCHEDULER_SETTINGS_MODULE"


def test_importing_the_paths_of_030_reads_no_setting_and_no_command_line() -> None:
    modules = ", ".join(name for name in NAMES if name.startswith("ndscheduler.core."))
    code = f"import {modules}; from ndscheduler import settings; print(settings._state.config)"

    command = [sys.executable, "-c", code, "--no-such-option"]
    done = subprocess.run(command, capture_output=True, text=True)

    assert (done.stdout.strip(), done.stderr) == ("None", "")
