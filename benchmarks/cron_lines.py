"""Cron lines that differ from job to job, the same for ndscheduler and for its peers."""

from __future__ import annotations

from datetime import date

MONTHS = 12


def cron_fields(number: int) -> dict[str, str]:
    """The cron fields of the job with this number: 15,180 different ones, then again.

    None fires in this month or in the next. A job is made due by hand, at one instant; were its own
    time to come before that is claimed, both would become one execution, of the later time.
    """
    away = 2 + number % (MONTHS - 2)
    return {
        "minute": str(number % 60),
        "hour": f"{number % 23}-23",
        "day": f"*/{number % 11 + 1}",
        "month": str((date.today().month - 1 + away) % MONTHS + 1),
    }
