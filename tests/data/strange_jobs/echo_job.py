"""A job class that says of itself, and gives back, what should not run in a browser."""
from ndscheduler.corescheduler import job

MARKUP = '<b>bold</b><img src=x onerror="window.ran = 1"><script>window.ran = 1</script>'


class EchoJob(job.JobBase):
    @classmethod
    def meta_info(cls):
        return {
            'job_class_string': '%s.%s' % (cls.__module__, cls.__name__),
            'notes': MARKUP,
            'arguments': [{'type': MARKUP, 'description': MARKUP}],
            'example_arguments': '["%s"]' % MARKUP.replace('"', '\\"'),
        }

    @classmethod
    def get_succeeded_description(cls, result=None):
        return MARKUP

    def run(self, text, fails=False, **kwargs):
        if fails:
            raise ValueError(text)
        return {text: [text]}
