"""Cron lines that differ from job to job, the same for ndscheduler and for its peers."""

from __future__ import annotations


def cron_fields(number: int) -> dict[str, str]:
    """The cron fields of the job with this number: 15,180 different ones, then again."""
    return {
        "minute": str(number % 60),
        "hour": f"{number % 23}-23",
        "day": f"*/{number % 11 + 1}",
    }
