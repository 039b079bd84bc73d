"""Job classes that mark arguments secret."""

from typing import Any

from ndscheduler.corescheduler import job


class Connect(job.JobBase):
    """Takes a user, a password, and a token by name."""

    @classmethod
    def meta_info(cls) -> dict[str, Any]:
        return {
            "job_class_string": f"{cls.__module__}.{cls.__name__}",
            "notes": "Connects.",
            "arguments": [
                {"type": "string", "description": "User"},
                {"type": "string", "description": "Password", "secret": True},
            ],
            "secret_kwargs": ["token"],
            "example_arguments": '["me", "example-canary"]',
        }

    def run(self, user: str, password: str, **kwargs: Any) -> str:
        return f"{user} is connected"


class FailingJob(job.JobBase):
    """Fails with what it was given."""

    def run(self, *args: Any, **kwargs: Any) -> None:
        raise ValueError(f"not with {args}")
