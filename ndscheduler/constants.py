"""[compat] The path of release 0.3.0 for `ndscheduler.corescheduler.constants`.

The dictionaries are the same objects, so that entries which users add are seen everywhere.
"""

from __future__ import annotations

from ndscheduler.corescheduler.constants import *  # noqa: F403
