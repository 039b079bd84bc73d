"""The smallest useful job class: copy it to begin one of your own."""

from __future__ import annotations

from typing import Any

from ndscheduler.corescheduler import job


class AwesomeJob(job.JobBase):
    """Prints its two arguments and gives them back."""

    @classmethod
    def meta_info(cls) -> dict[str, Any]:
        """What the web page tells about this class."""
        return {
            "job_class_string": f"{cls.__module__}.{cls.__name__}",
            "notes": "Prints its two arguments and gives them back. Copy it to write your own.",
            "arguments": [
                {"type": "string", "description": "First argument"},
                {"type": "string", "description": "Second argument"},
            ],
            "example_arguments": '["first argument AAA", "second argument BBB"]',
        }

    def run(self, argument1: Any, argument2: Any, *args: Any, **kwargs: Any) -> list[Any]:
        """The work. What it returns is kept as JSON and shown as the result."""
        print(f"Hello from AwesomeJob! Argument1: {argument1}, Argument2: {argument2}")
        return [argument1, argument2]


if __name__ == "__main__":
    AwesomeJob.create_test_instance().run(123, 456)
