"""[compat] The paths of release 0.3.0, as thin aliases. New code imports `corescheduler`."""
