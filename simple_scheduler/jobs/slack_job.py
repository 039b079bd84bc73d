"""A job class that posts to Slack. By hand, with SIMPLE_SCHEDULER_SLACK_URL set:

python -m simple_scheduler.jobs.slack_job '#general' scheduler ':wave:' 'Hello'
"""

from __future__ import annotations

import email.utils
import logging
import os
import re
import sys
import time
from datetime import datetime, timezone
from typing import Any

import requests

from ndscheduler.corescheduler import job

logger = logging.getLogger(__name__)

URL_VARIABLE = "SIMPLE_SCHEDULER_SLACK_URL"


class SlackJob(job.JobBase):
    """Posts a message to a Slack channel through an incoming webhook, and tries again.

    The webhook's URL is a secret: it comes from the environment, and no error tells it.
    """

    max_attempts = 4
    timeout_seconds = 10.0
    first_pause_seconds = 1.0
    longest_pause_seconds = 30.0

    @classmethod
    def meta_info(cls) -> dict[str, Any]:
        """What the web page tells about this class."""
        return {
            "job_class_string": f"{cls.__module__}.{cls.__name__}",
            "notes": (
                f"Posts a message to Slack. Set the environment variable {URL_VARIABLE} of the "
                "scheduler to the URL of an incoming webhook first."
            ),
            "arguments": [
                {"type": "string", "description": "Channel, such as #general"},
                {"type": "string", "description": "Name that the message comes from"},
                {"type": "string", "description": "Emoji that stands beside it"},
                {"type": "string", "description": "Message"},
            ],
            "example_arguments": '["#general", "scheduler", ":satisfied:", "Tea is ready"]',
        }

    def run(
        self, channel: str, name: str, icon_emoji: str, message: str, *args: Any, **kwargs: Any
    ) -> dict[str, Any]:
        """Post the message: at most `max_attempts` times while Slack is busy or away.

        Returns {"status_code"}. Raises KeyError without a URL, RuntimeError when Slack refuses
        the message or every attempt failed. A message whose answer got lost may come twice.
        """
        url = _webhook_url()
        payload = {
            "channel": channel,
            "username": name,
            "icon_emoji": icon_emoji,
            "text": message,
        }
        for attempt in range(1, self.max_attempts + 1):
            answer, problem = self._post(url, payload)
            if answer is not None and 200 <= answer.status_code < 300:
                return {"status_code": answer.status_code}
            if answer is not None and not _is_worth_another_try(answer.status_code):
                raise RuntimeError(f"Slack refused the message: {problem}.")
            if attempt < self.max_attempts:
                logger.warning("Attempt %d to post to Slack failed: %s.", attempt, problem)
                time.sleep(self._pause_seconds(attempt, answer))
        raise RuntimeError(f"Slack took no message in {self.max_attempts} attempts: {problem}.")

    def _post(self, url: str, payload: dict[str, Any]) -> tuple[requests.Response | None, str]:
        """(the answer or None, what is wrong with it in words that do not hold the URL)."""
        try:
            answer = requests.post(
                url, json=payload, timeout=self.timeout_seconds, allow_redirects=False
            )
        except (requests.ConnectionError, requests.Timeout) as error:
            return None, type(error).__name__
        except requests.RequestException as error:
            # `from None`: the text of these errors holds the URL.
            raise RuntimeError(f"The message can not be sent: {type(error).__name__}.") from None
        return answer, f"{answer.status_code} {answer.reason} {_said(answer, url)}".rstrip()

    def _pause_seconds(self, attempt: int, answer: requests.Response | None) -> float:
        """1, 2, 4 ... seconds, or longer when the answer's Retry-After says so."""
        asked = 0.0 if answer is None else _retry_after_seconds(answer.headers.get("Retry-After"))
        doubled = self.first_pause_seconds * 2.0 ** (attempt - 1)
        return min(max(doubled, asked), self.longest_pause_seconds)


def _webhook_url() -> str:
    url = os.environ.get(URL_VARIABLE)
    if not url:
        raise KeyError(f"You have to set Environment variable {URL_VARIABLE} first.")
    return url


def _said(answer: requests.Response, url: str) -> str:
    """The beginning of the answer in one line; nothing of one that repeats parts of the URL.

    Error pages of proxies do so, and the URL is the secret.
    """
    text = " ".join(answer.text.split())
    parts = re.split(r"[/?&=]", url.partition("://")[2].partition("/")[2])
    if any(len(part) >= 6 and part in text for part in parts):
        return "(its text repeats the URL)"
    return text[:200]


def _is_worth_another_try(status_code: int) -> bool:
    return status_code == 429 or status_code >= 500


def _retry_after_seconds(header: str | None) -> float:
    """The header is a number of seconds or a date (RFC 9110, 10.2.3); 0 when it is neither."""
    text = (header or "").strip()
    if text.isdecimal():
        return float(text)
    try:
        instant = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return 0.0
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=timezone.utc)
    return max(0.0, (instant - datetime.now(timezone.utc)).total_seconds())


if __name__ == "__main__":
    example = ["#general", "scheduler", ":satisfied:", "Tea is ready"]
    print(SlackJob.create_test_instance().run(*sys.argv[1:] or example))
