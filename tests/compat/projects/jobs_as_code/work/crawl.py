"""Job classes that are put together from what other programs use too."""

from ndscheduler import job


class Crawler:
    depth = 2

    def run(self, site="all"):
        return {"site": site, "depth": self.depth}


class CrawlJob(Crawler, job.JobBase):
    def __init__(self, job_id=None, execution_id=None):
        super().__init__(job_id, execution_id)
        self.depth = 3
