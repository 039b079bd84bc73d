"""Secrets that are planted in a server come out of it nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from tests.databases import missing_reason
from tests.security.planted import CANARY_NAMES, planted
from tests.security.tour import Tour

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.timeout(400),
    # One server is asked everything, for all tests.
    pytest.mark.xdist_group("canaries"),
]

# Where it must be, and nowhere else.
MADE_FOR_THE_CLIENT = {
    "session_id": ["answer to POST /api/v1/session"],
    "later_session_id": ["answer to PUT /api/v1/password"],
    "api_token": ["answer to POST /api/v1/tokens"],
}


@pytest.fixture(scope="module")
def tour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Tour]:
    reason = missing_reason("postgres")
    if reason is not None:
        pytest.skip(reason)
    with planted(tmp_path_factory.mktemp("canaries")) as server:
        tour = Tour(server)
        tour.walk()
        yield tour


@pytest.mark.parametrize("name", CANARY_NAMES)
def test_a_secret_is_found_nowhere(tour: Tour, name: str) -> None:
    secret = getattr(tour.canaries, name)
    assert len(secret) > 12

    assert tour.evidence.places_of(secret) == MADE_FOR_THE_CLIENT.get(name, [])


def test_there_was_something_to_be_found(tour: Tour) -> None:
    texts = tour.evidence.texts

    assert {"process list", "environment of a child", "spilled results", "backup", "stream"} <= set(
        texts
    )
    assert len([place for place in texts if place.startswith("answer to ")]) > 100
    assert len([place for place in texts if place.startswith("table ")]) > 8
    said = "".join(text for place, text in texts.items() if place.startswith("output of "))
    assert "Added tom as viewer." in said
    assert "Changed the password of tom" in said
    assert "does not answer" in said
    assert "PATH=" in texts["environment of a child"]
    assert "touch " in texts["process list"]
    if tour.server.directory is not None:
        assert '"source":"ldap"' in texts["answer to POST /api/v1/session"]
    assert re.search(r"DEBUG .*\n", texts["log"])
    assert texts["result of a child"].count("***") == 2
    assert "SMTPAuthenticationError" in texts["log"]
    assert "ValueError: not with ('***',)" in texts["answer to GET /api/v1/executions"]


def test_hashes_stand_in_the_tables_of_accounts_alone(tour: Tour) -> None:
    kept = {
        name: text
        for name, text in tour.evidence.texts.items()
        if re.search("^table .*_(users|sessions|tokens|keys)$", name)
    }
    hashes = re.findall(r"\$2[aby]\$[^'\"]{50,}|(?<=')[0-9a-f]{64}(?=')", "".join(kept.values()))
    assert len(hashes) >= 3

    found = {place for secret in hashes for place in tour.evidence.places_of(secret)}

    assert found - set(kept) <= {"backup"}
