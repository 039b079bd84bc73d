"""For tools that still call it; the web page is built by pip and `python -m build` alone.

Everything else is said in pyproject.toml.
"""

from setuptools import setup

setup()
