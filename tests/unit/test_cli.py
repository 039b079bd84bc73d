"""The console script: commands, options on either side of them, errors in one sentence."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import bcrypt
import pytest

from ndscheduler.cli import COMMANDS, main
from ndscheduler.config_report import MASK
from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.corescheduler.constants import AuditEvent
from ndscheduler.corescheduler.datastore.providers.sqlite import DatastoreSqlite
from ndscheduler.corescheduler.models import AuditEntry

ROOT = Path(__file__).resolve().parents[2]

Capture = pytest.CaptureFixture[str]


def lines_of(text: str) -> dict[str, str]:
    return dict(line.split(": ", 1) for line in text.splitlines())


def test_without_a_command_the_help_lists_them(capsys: Capture) -> None:
    status = main([])

    shown = capsys.readouterr().out
    assert status == 0
    assert all(f"\n    {name} " in shown for name in COMMANDS)


def test_options_may_stand_before_or_after_the_command(capsys: Capture) -> None:
    assert main(["-p", "9001", "check-config", "-l", "debug"]) == 0

    shown = lines_of(capsys.readouterr().out)
    assert shown["HTTP_PORT"] == "9001  # command line"
    assert shown["LOGGING_LEVEL"] == '"DEBUG"  # command line'
    assert shown["TIMEZONE"] == '"UTC"  # default'


def test_check_config_masks_secrets(capsys: Capture, tmp_path: Path) -> None:
    file = tmp_path / "c.yaml"
    file.write_text(
        "DATABASE_CONFIG_DICT: {user: me, password: hunter2}\n"
        "SECURE_COOKIE: the-hunter2-for-all-the-logins\n"
        "AUTH_CREDENTIALS: {me: $2b$12$7hunter2hunter2hunteruOBHmVGvXyqIyUcEYRiUdsgEQwDKbWXX}\n"
        "MAIL_SERVER: ['smtp://me:hun/t@er2@mail:25', 'me:hunter2@mail', 'mail:25']\n"
        "LDAP_SERVER: ldap://me:hunter2@ldap\n"
    )

    assert main(["check-config", "-y", str(file)]) == 0

    shown = capsys.readouterr().out
    assert "hunter2" not in shown
    assert "er2" not in shown
    lines = lines_of(shown)
    assert lines["MAIL_SERVER"].startswith(f'["smtp://{MASK}@mail:25", "{MASK}@mail", "mail:25"]')
    assert lines["DATABASE_CONFIG_DICT"].startswith(f'{{"user": "me", "password": "{MASK}"}}')


def test_a_bad_setting_is_one_sentence_and_status_two(capsys: Capture) -> None:
    status = main(["check-config", "-p", "70000"])

    shown = capsys.readouterr()
    assert (status, shown.out) == (2, "")
    assert shown.err == (
        "HTTP_PORT must be less than or equal to 65535, not '70000' (command line).\n"
    )


def test_hash_password_reads_standard_input(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("Very$ecret\n"))

    assert main(["hash-password"]) == 0

    hashed = capsys.readouterr().out.strip()
    assert hashed.startswith("$2b$12$")
    assert bcrypt.checkpw(b"Very$ecret", hashed.encode())


def test_the_old_encrypt_option_hashes_too(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("x\n"))

    with pytest.raises(SystemExit) as raised:
        main(["-e"])

    assert raised.value.code == 0
    assert bcrypt.checkpw(b"x", capsys.readouterr().out.strip().encode())


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("x" * 1025, "password: has 1025 bytes; 1024 are taken at most\n"),
        ("x\0y", "password: is empty, or has characters that no password can have\n"),
        ("", "password: is empty, or has characters that no password can have\n"),
    ],
)
def test_a_password_that_nobody_could_log_in_with_is_refused(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, password: str, sentence: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO(password + "\n"))

    assert main(["hash-password"]) == 2
    assert capsys.readouterr().err == sentence


def write_job_package(folder: Path, *, is_broken: bool) -> None:
    (folder / "my_jobs").mkdir()
    (folder / "my_jobs" / "__init__.py").touch()
    (folder / "my_jobs" / "good.py").write_text(
        "from ndscheduler.corescheduler import job\n"
        "class Good(job.JobBase):\n"
        "    @classmethod\n"
        "    def meta_info(cls):\n"
        "        return {'job_class_string': 'my_jobs.good.Good', 'notes': 'Does good.',\n"
        "                'arguments': [], 'example_arguments': '[]'}\n"
        "    def run(self):\n"
        "        return 1\n"
    )
    if is_broken:
        (folder / "my_jobs" / "bad.py").write_text("import no_such_module\n")


def run_cli(folder: Path, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run the program in `folder` as its console script does: `folder` is not on sys.path."""
    script = folder / "bin" / "ndscheduler"
    script.parent.mkdir()
    script.write_text("import sys\nfrom ndscheduler.cli import main\nsys.exit(main())\n")
    return subprocess.run(
        [sys.executable, script, *argv],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_jobs_lists_the_classes_in_packages_of_the_current_directory(tmp_path: Path) -> None:
    write_job_package(tmp_path, is_broken=False)
    (tmp_path / "my_settings.py").write_text("JOB_CLASS_PACKAGES = ['my_jobs']\n")

    result = run_cli(tmp_path, "jobs", "-s", "my_settings")

    assert result.stderr == ""
    assert (result.returncode, result.stdout) == (0, "my_jobs.good.Good\n    Does good.\n")


def test_jobs_tells_of_a_module_that_does_not_import_with_status_one(tmp_path: Path) -> None:
    write_job_package(tmp_path, is_broken=True)
    (tmp_path / "my_settings.py").write_text("JOB_CLASS_PACKAGES = ['my_jobs']\n")

    result = run_cli(tmp_path, "jobs", "-s", "my_settings")

    assert result.returncode == 1
    assert "my_jobs.good.Good" in result.stdout
    assert "no_such_module" in result.stdout


def test_migrate_makes_the_tables_and_says_so(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert [main(["migrate"]), main(["migrate"])] == [0, 0]

    assert len(capsys.readouterr().out.splitlines()) == 2
    assert (tmp_path / "datastore.db").is_file()


def test_prune_deletes_what_the_settings_do_not_keep(
    capsys: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NDSCHEDULER_AUDIT_KEEP_DAYS", "30")
    main(["migrate"])
    store = DatastoreSqlite({}, None)
    for days in (29, 31):
        made = utc_now() - timedelta(days=days)
        entry = AuditEntry(f"{days}", AuditEvent.ADDED, "j", "n", "u", made)
        store.write(store.audit_logs.insert, entry)
    store.close()

    assert main(["prune"]) == 0

    assert "0 executions" in (shown := capsys.readouterr().out)
    assert "1 audit entries" in shown


def test_a_database_that_is_not_there_is_one_sentence_without_the_password(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NDSCHEDULER_DATABASE_CLASS", "postgres")
    monkeypatch.setenv(
        "NDSCHEDULER_DATABASE_CONFIG_DICT",
        "{hostname: 127.0.0.1, port: 1, user: me, password: hunter2, database: d}",
    )

    assert main(["migrate"]) == 2

    shown = capsys.readouterr()
    assert (shown.out, shown.err.count("\n")) == ("", 1)
    assert "hunter2" not in shown.err


def test_an_error_is_no_traceback(tmp_path: Path) -> None:
    result = run_cli(tmp_path, "serve", "-s", "no_such_module")

    assert (result.returncode, result.stdout) == (2, "")
    assert result.stderr == (
        "The settings module 'no_such_module' does not import: "
        "ModuleNotFoundError: No module named 'no_such_module'\n"
    )


def test_text_that_the_terminal_does_not_know_is_shown_with_escapes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    monkeypatch.setenv("NDSCHEDULER_WEBSITE_TITLE", "任务")

    result = run_cli(tmp_path, "check-config")

    assert (result.returncode, result.stderr) == (0, "")
    assert "WEBSITE_TITLE: " in result.stdout


def test_python_dash_m_is_the_same_program() -> None:
    result = subprocess.run(
        [sys.executable, "-m", "ndscheduler", "--version"],
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert (result.returncode, result.stdout) == (0, "ndscheduler 1.0.0\n")
