"""Names of accounts that look alike."""

from __future__ import annotations

import unicodedata


def folded(name: str) -> str:
    """One spelling for all that differ in case, spaces or in how Unicode writes them.

    Directories take these for the same name.
    """
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())
