"""`python -m page_build`: build the page; with the word `libraries`, only fetch them.

`python -m page_build npm run lint` runs npm, or node. Where the machine has no Node.js, it is
installed into the environment of this Python.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from page_build import page
from page_build.errors import BuildError
from page_build.node import MISSING, REQUIREMENT, find_node, get_node

ROOT = Path(__file__).resolve().parents[1]


def main(arguments: list[str]) -> int:
    """The exit status. Raises BuildError."""
    if find_node() is None:
        _install_node()
    if arguments[:1] in (["node"], ["npm"]):
        return get_node().run(arguments, ROOT).returncode
    if arguments == ["libraries"]:
        page.install_libraries(ROOT, get_node())
    else:
        page.build(ROOT)
    return 0


def _install_node() -> None:
    print("Installing Node.js into .venv, for the web page.", flush=True)
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--constraint", "requirements.lock"]
    if subprocess.run([*pip, REQUIREMENT], cwd=ROOT, check=False).returncode:
        raise BuildError(MISSING)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except BuildError as error:
        sys.exit(str(error))
