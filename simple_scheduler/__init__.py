"""A complete scheduler to copy: settings.py, scheduler.py and the job classes in jobs/."""
