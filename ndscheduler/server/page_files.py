"""What the build of the page has made: which file is which."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from ndscheduler.server.errors import PageNotBuilt

# The directory of the built files, below that of the page.
BUILT = "dist"
MANIFEST = "manifest.json"
NOT_BUILT = (
    "The web page is not built yet: run `make static`. Where STATIC_DIR_PATH is set, the "
    f"directory {BUILT} that this makes belongs there."
)
# The build puts a hash of the content into the names of all files that pages load.
_HASHED = re.compile(rf"{BUILT}/[^/]+\.[0-9A-Za-z]{{8,}}\.\w+")


def is_hashed(path: str) -> bool:
    """Whether the file at `path` (below the page's directory) never changes under its name."""
    return _HASHED.fullmatch(path) is not None


@dataclass
class PageFiles:
    """The built files of the page in `directory`, looked up in the manifest of the build.

    The manifest is read once; with `follows_builds` again whenever it has changed.
    """

    directory: Path
    follows_builds: bool
    _read_at_ns: int = field(default=0, init=False)
    _names: dict[str, str] = field(default_factory=dict, init=False)

    def path_of(self, name: str) -> str:
        """The path of `name`, such as "app.js", below `directory`: "dist/app.5XQ2A7PK.js".

        Raises PageNotBuilt.
        """
        if self.follows_builds or not self._names:
            self._read()
        if name not in self._names:
            raise PageNotBuilt(f"The web page was built without {name}: run `make static`.")
        return f"{BUILT}/{self._names[name]}"

    def _read(self) -> None:
        manifest = self.directory / BUILT / MANIFEST
        try:
            modified_ns = manifest.stat().st_mtime_ns
            if modified_ns != self._read_at_ns:
                self._names = json.loads(manifest.read_bytes())
                self._read_at_ns = modified_ns
        except FileNotFoundError as error:
            raise PageNotBuilt(NOT_BUILT) from error
