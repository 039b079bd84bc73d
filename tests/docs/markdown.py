"""Code blocks, links and headings of Markdown pages."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]

_FENCE = re.compile(r"^```(\w*)\s*$")
_FILE_NAME = re.compile(r"^\*\*`([^`]+)`\*\*")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_CODE = re.compile(r"^```.*?^```$|`[^`\n]*`", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Block:
    """A fenced code block; `file_name` is what the paragraph before it names as **`name`**."""

    language: str
    text: str
    file_name: str | None
    line: int


def pages() -> list[Path]:
    """Every page that users read."""
    found = [*ROOT.glob("*.md"), *(ROOT / "doc").rglob("*.md")]
    return sorted([*found, *(ROOT / "simple_scheduler").rglob("*.md")])


def blocks_of(page: Path) -> list[Block]:
    """The fenced code blocks of `page`, in order."""
    blocks: list[Block] = []
    paragraph, before = "", ""
    inside: list[str] | None = None
    language, start = "", 0
    for number, line in enumerate(page.read_text(encoding="utf-8").splitlines(), 1):
        fence = _FENCE.match(line)
        if inside is not None and fence:
            name = _FILE_NAME.match(paragraph or before)
            text = "\n".join(inside) + "\n"
            blocks.append(Block(language, text, name and name[1], start))
            inside, paragraph, before = None, "", ""
        elif inside is not None:
            inside.append(line)
        elif fence:
            inside, language, start = [], fence[1], number
        elif line:
            paragraph = f"{paragraph}\n{line}" if paragraph else line
        elif paragraph:
            paragraph, before = "", paragraph
    return blocks


def relative_links_of(page: Path) -> list[str]:
    """The targets of the links of `page` that lead to files of the repository."""
    text = _CODE.sub("", page.read_text(encoding="utf-8"))
    return [target for target in _LINK.findall(text) if "://" not in target]


def anchors_of(page: Path) -> set[str]:
    """The anchors of the headings of `page`, as GitHub makes them."""
    text = re.sub(r"^```.*?^```$", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)
    return {_anchor(heading) for heading in _HEADING.findall(text)}


def _anchor(heading: str) -> str:
    words = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return words.replace(" ", "-")
