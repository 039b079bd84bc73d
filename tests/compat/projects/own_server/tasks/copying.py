"""Tasks that the job class runs by their names."""


class Copy:
    def perform(self, source, **options):
        return f"copied {source} with {options}"
