"""Links between the pages lead somewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.markdown import ROOT, anchors_of, pages, relative_links_of


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_resolves(page: Path) -> None:
    broken = [link for link in relative_links_of(page) if not _resolves(page, link)]

    assert broken == []


def test_the_index_lists_every_page() -> None:
    index = ROOT / "doc" / "README.md"
    linked = {
        (index.parent / link.partition("#")[0]).resolve() for link in relative_links_of(index)
    }

    listed = {page for page in pages() if ROOT / "doc" in page.parents and page != index}

    assert listed - linked == set()


def _resolves(page: Path, link: str) -> bool:
    name, _, anchor = link.partition("#")
    target = (page.parent / name).resolve() if name else page
    if not target.exists():
        return False
    return not anchor or anchor in anchors_of(target)
