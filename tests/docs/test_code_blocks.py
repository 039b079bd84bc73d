"""What README and quickstart tell a reader to do works, word for word."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.docs.markdown import ROOT, Block, blocks_of, pages
from tests.docs.walkthrough import Walkthrough, holds, is_error, wait_until

README = ROOT / "README.md"
QUICKSTART = ROOT / "doc" / "quickstart.md"

# One after another: each wants the port that the pages name.
pytestmark = [pytest.mark.xdist_group("documented-port"), pytest.mark.timeout(400)]


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Walkthrough]:
    for program in ("bash", "curl"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed")
    folder = tmp_path / "reader"
    folder.mkdir()
    with Walkthrough(folder) as walkthrough:
        yield walkthrough


def test_readme_does_what_it_says(reader: Walkthrough) -> None:
    reader.follow([block for block in blocks_of(README) if block.file_name is None])

    reader.press_ctrl_c()


def test_the_three_files_of_the_readme_are_a_scheduler(reader: Walkthrough) -> None:
    files = [block for block in blocks_of(README) if block.file_name]
    for block in files:
        reader.write(block)

    reader.start_server(["scheduler.py"])

    assert [block.file_name for block in files] == ["jobs/hello.py", "settings.py", "scheduler.py"]
    (job,) = requests.get(f"{reader.url}/api/v1/jobs", timeout=30).json()["jobs"]
    assert (job["name"], job["minute"], is_error(job)) == ("Greet", "*/5", False)
    run = requests.post(f"{reader.url}/api/v1/executions/{job['job_id']}", timeout=30).json()
    url = f"{reader.url}/api/v1/executions/{run['execution_id']}"

    def has_succeeded() -> bool:
        result = '{\n    "greeting": "Hello, world!"\n}'
        answer = requests.get(url, timeout=30).json()
        return holds({"state": "succeeded", "result": result}, answer)

    wait_until(has_succeeded, 30, lambda: requests.get(url, timeout=30).text)
    reader.press_ctrl_c()


def test_quickstart_does_what_it_says(reader: Walkthrough) -> None:
    reader.follow(blocks_of(QUICKSTART))

    reader.press_ctrl_c()


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_python_block_compiles(page: Path) -> None:
    for block in blocks_of(page):
        if block.language == "python":
            compile(block.text, f"{page.name}:{block.line}", "exec")


def test_a_block_knows_the_file_that_the_paragraph_before_it_names(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "**`a.py`**, first\nof all:\n\n```python\nx = 1\n```\n\nNow run it:\n\n"
        "```bash\nmake\n```\n```json\n{}\n```\n"
    )

    blocks = blocks_of(page)

    assert blocks == [
        Block("python", "x = 1\n", "a.py", 4),
        Block("bash", "make\n", None, 10),
        Block("json", "{}\n", None, 13),
    ]


@pytest.mark.parametrize(
    ("claim", "answer", "is_met"),
    [
        ({"a": 1}, {"a": 1, "b": 2}, True),
        ({"a": 1, "c": None}, {"a": 1}, False),
        ({"a": [{"b": 2}]}, {"a": [{"b": 1}, {"b": 2, "c": 3}]}, True),
        ({"a": [{"b": 2}]}, {"a": [{"b": 1}]}, False),
        ("2026-01-31T13:05:00+00:00", "2027-12-01T00:00:00.123456+01:00", True),
        ("2026-01-31T13:05:00+00:00", None, False),
    ],
)
def test_a_claim_is_met_by_an_answer_that_has_all_it_shows(
    claim: Any, answer: Any, is_met: bool
) -> None:
    assert holds(claim, answer) == is_met
