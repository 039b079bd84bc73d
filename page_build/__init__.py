"""Building the web page and, with it, the distributions of ndscheduler. Not part of either.

`python -m page_build` builds the page; `backend` is what pip calls.
"""
