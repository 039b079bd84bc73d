"""`python -m ndscheduler` is the console script `ndscheduler`."""

from __future__ import annotations

import sys

from ndscheduler.cli import main

if __name__ == "__main__":
    sys.exit(main())
