"""Backups: a consistent copy of one installation, written while servers run, and put back."""

from __future__ import annotations

from ndscheduler.corescheduler.datastore.backup.restoring import Restored as Restored
from ndscheduler.corescheduler.datastore.backup.restoring import restore_backup as restore_backup
from ndscheduler.corescheduler.datastore.backup.writing import write_backup as write_backup
