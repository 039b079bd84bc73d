"""Triggers compute fire times: cron fields, crontab lines, intervals, single dates.

`make_trigger` reads what a user wrote, `parse_trigger` what a row holds.
"""

from __future__ import annotations

from ndscheduler.corescheduler.triggers.base import ClockChange, Tally, Trigger
from ndscheduler.corescheduler.triggers.cron_fields import CRON_FIELDS
from ndscheduler.corescheduler.triggers.crontab import CrontabTrigger
from ndscheduler.corescheduler.triggers.factory import make_trigger, parse_trigger, trigger_text
from ndscheduler.corescheduler.triggers.instants import parse_instant
from ndscheduler.corescheduler.triggers.zones import get_zone, zone_names

__all__ = [
    "CRON_FIELDS",
    "ClockChange",
    "CrontabTrigger",
    "Tally",
    "Trigger",
    "get_zone",
    "make_trigger",
    "parse_instant",
    "parse_trigger",
    "trigger_text",
    "zone_names",
]
