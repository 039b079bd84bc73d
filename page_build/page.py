"""The page: ndscheduler/static/{js,css} and libraries of npm become ndscheduler/static/dist."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from page_build.errors import BuildError
from page_build.node import REQUIREMENT, Node, find_node, get_node

STATIC = "ndscheduler/static"
SOURCES = (
    f"{STATIC}/css/**/*.*",
    f"{STATIC}/js/**/*.*",
    "*page*.mjs",
    "package.json",
    "package-lock.json",
)
# What the build leaves: written as the last file, a hash of the sources. Times would not do: those
# of files in an archive or a checkout say nothing.
SOURCES_HASH = f"{STATIC}/dist/sources.sha256"
# npm writes this file once all is installed.
INSTALLED = "node_modules/.package-lock.json"
# Nothing that comes from the registry is run while it is installed.
INSTALL = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
# What npm calls it when nobody answers.
UNREACHABLE = re.compile(
    "ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH|ENETUNREACH"
    "|ERR_SOCKET_TIMEOUT|ENOTCACHED"
)


def is_built(root: Path) -> bool:
    """Whether the page was built from just the sources that are in `root`."""
    mark = root / SOURCES_HASH
    return mark.is_file() and mark.read_text() == _hash_of_sources(root)


def requirements(root: Path) -> list[str]:
    """What has to be installed from PyPI before the page can be built, if it has to be built."""
    return [] if is_built(root) or find_node() else [REQUIREMENT]


def build(root: Path) -> None:
    """Build the page, whether it is built or not. Raises BuildError."""
    node = get_node()
    if not _has_libraries(root):
        install_libraries(root, node)
    built = node.run(["node", "build_page.mjs"], root, captures=True)
    if built.returncode:
        raise BuildError(f"The web page could not be built.\n{built.stdout}")
    (root / SOURCES_HASH).write_text(_hash_of_sources(root))


def install_libraries(root: Path, node: Node) -> None:
    """Make node_modules what package-lock.json says. Raises BuildError."""
    installed = node.run(INSTALL, root, captures=True)
    if not installed.returncode:
        return
    if UNREACHABLE.search(installed.stdout):
        raise BuildError(
            "The web page can not be built: npm reaches no registry for the libraries of the page "
            "(`npm config get registry` says which it asks)."
        )
    raise BuildError(f"npm could not install the libraries of the web page.\n{installed.stdout}")


def _has_libraries(root: Path) -> bool:
    installed, wanted = root / INSTALLED, root / "package-lock.json"
    return installed.is_file() and installed.stat().st_mtime >= wanted.stat().st_mtime


def _hash_of_sources(root: Path) -> str:
    total = hashlib.sha256()
    for path in sorted(path for pattern in SOURCES for path in root.glob(pattern)):
        content = hashlib.sha256(path.read_bytes()).hexdigest()
        total.update(f"{content} {path.relative_to(root).as_posix()}\n".encode())
    return total.hexdigest()
