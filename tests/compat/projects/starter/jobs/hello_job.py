"""A job that greets. Try it by hand: `python hello_job.py`."""

from ndscheduler.corescheduler import job


class HelloJob(job.JobBase):
    @classmethod
    def meta_info(cls):
        return {
            "job_class_string": f"{cls.__module__}.{cls.__name__}",
            "notes": "This says hello to whom you name.",
            "arguments": [
                {"type": "string", "description": "Whom to greet"},
                {"type": "dict", "description": "How often"},
            ],
            "example_arguments": '["world", {"times": 2}]',
        }

    def run(self, whom, how, *args, **kwargs):
        print(f"Hello {whom}! I have {len(args)} more arguments and {len(kwargs)} keywords.")
        return [f"hello {whom}"] * how["times"]


if __name__ == "__main__":
    job = HelloJob.create_test_instance()
    job.run("tester", {"times": 1})
