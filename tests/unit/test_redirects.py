"""Where a browser may be sent after a login: to paths of this server, nowhere else."""

from __future__ import annotations

import pytest

from ndscheduler.server.redirects import local_path


@pytest.mark.parametrize(
    "target",
    ["/", "/?a=b", "/#jobs/a%20b", "/api/v1/jobs?q=//x", "/a/b", "/?next=https://evil.example/"],
)
def test_a_path_of_ours_stays_as_it_is(target: str) -> None:
    assert local_path(target) == target


@pytest.mark.parametrize(
    "target",
    [
        "",
        "jobs",
        "https://evil.example/",
        "http:evil.example",
        "javascript:alert(1)",
        "//evil.example",
        "///evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "\t//evil.example",
        " /x",
        "/ /evil.example",
        "/%2F/evil.example",
        "/%2f%2fevil.example",
        "/%5Cevil.example",
        "/%09/evil.example",
        "/%252F%252Fevil.example",
        "/x//evil.example",
        "/.//evil.example",
        "/%2e%2e//evil.example",
        "/x\r\nSet-Cookie: a=b",
        "/x%0d%0aSet-Cookie:%20a=b",
        "/\x00",
        "/%00",
        "/x\u2028y",
        "/\uff0fevil.example",
        "?x",
        "#x",
    ],
)
def test_all_else_is_no_path_of_ours(target: str) -> None:
    assert local_path(target) is None


@pytest.mark.parametrize(
    ("target", "is_local"),
    [
        ("/scheduler/", True),
        ("/scheduler/#jobs", True),
        ("/scheduler", False),
        ("/schedulerx/", False),
        ("/", False),
        ("/other/", False),
        ("/scheduler/../other/", False),
        ("/scheduler/%2e%2e/other/", False),
        ("/scheduler/..%2fother/", False),
        ("/scheduler//evil.example", False),
    ],
)
def test_below_a_prefix_only_what_is_below_it_is_ours(target: str, is_local: bool) -> None:
    assert local_path(target, "/scheduler") == (target if is_local else None)
