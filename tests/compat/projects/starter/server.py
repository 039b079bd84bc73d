"""A server that adds its first job itself. Run it by `python server.py -s settings`."""

from ndscheduler.server import server


class StarterServer(server.SchedulerServer):
    def post_scheduler_start(self):
        if len(self.scheduler_manager.get_jobs()) == 0:
            self.scheduler_manager.add_job(
                job_class_string="jobs.hello_job.HelloJob",
                name="Say hello",
                pub_args=["world", {"times": 2}],
                minute="*/1",
            )


if __name__ == "__main__":
    StarterServer.run()
