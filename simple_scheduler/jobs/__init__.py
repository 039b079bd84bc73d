"""The job classes of the example."""
