"""The commands `backup` and `restore`."""

from __future__ import annotations

import argparse
import sys

from ndscheduler.config import Config
from ndscheduler.corescheduler.datastore.backup import Restored, restore_backup, write_backup
from ndscheduler.server.build import configured_datastore


def backup(config: Config, options: argparse.Namespace) -> int:
    """Write a backup to the file that `options` names; the exit status."""
    with configured_datastore(config) as datastore:
        write_backup(datastore, options.file, options.format, options.force)
    if options.file != "-":
        sys.stdout.write(f"Wrote {options.file}.\n")
    return 0


def restore(config: Config, options: argparse.Namespace) -> int:
    """Restore the file that `options` names; the exit status."""
    with configured_datastore(config) as datastore:
        restored = restore_backup(datastore, options.file)
    sys.stdout.write(f"{_told(restored)}\n")
    return 0


def _told(restored: Restored) -> str:
    rows = restored.rows
    told = (
        f"Restored {rows.get('jobs', 0)} jobs, {rows.get('executions', 0)} executions and "
        f"{rows.get('audit_logs', 0)} audit entries."
    )
    if restored.interrupted:
        told += f" {restored.interrupted} executions that ran became interrupted."
    return told
