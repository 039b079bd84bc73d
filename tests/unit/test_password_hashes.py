"""Hashes of passwords: what verifies, what is refused, and that nothing tells accounts apart."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from typing import Any

import bcrypt
import pytest

from ndscheduler.corescheduler import password_hashes
from ndscheduler.corescheduler.errors import InvalidInput
from ndscheduler.corescheduler.password_hashes import (
    check_password,
    cost_of,
    hash_password,
    is_hash,
    refuse_weak_password,
)

CHEAP = 4
LONG = "a long password, " * 8


@pytest.fixture
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """New hashes cost little."""
    monkeypatch.setattr(password_hashes, "ROUNDS", CHEAP)


def hashed(password: bytes, mark: bytes = b"2b", cost: int = CHEAP) -> str:
    """As bcrypt makes it, with the first letters of another program."""
    made = bcrypt.hashpw(password, bcrypt.gensalt(cost))
    return made.replace(b"$2b$", b"$" + mark + b"$").decode()


def check(password: str, stored: str | None) -> bool:
    return check_password(password, stored, cost=CHEAP)


@pytest.mark.parametrize("mark", [b"2a", b"2b", b"2y"])
def test_a_hash_of_any_program_verifies(mark: bytes) -> None:
    stored = hashed("Very$ecret ü".encode(), mark)

    assert is_hash(stored)
    assert check("Very$ecret ü", stored)
    assert not check("Very$ecret u", stored)


def test_what_htpasswd_writes_verifies() -> None:
    program = shutil.which("htpasswd")
    if program is None:
        # As it writes: by the prefix 2y alone it differs.
        line = "ann:" + hashed(b"Very$ecret", b"2y")
    else:
        command = [program, "-nbBC", "4", "ann", "Very$ecret"]
        line = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()

    name, _, stored = line.partition(":")

    assert name == "ann"
    assert check("Very$ecret", stored)


def test_long_passwords_differ_beyond_byte_72(cheap: None) -> None:
    stored = hash_password(LONG + "1")

    assert is_hash(stored)
    assert check(LONG + "1", stored)
    assert not check(LONG + "2", stored)
    assert not check(LONG, stored)


@pytest.mark.parametrize("length", [71, 72, 73, 1024])
def test_a_password_of_any_length_verifies(cheap: None, length: int) -> None:
    password = ("0123456789" * 103)[:length]

    stored = hash_password(password)

    assert check(password, stored)
    assert not check(password[:-1], stored)


def test_bytes_are_counted_and_not_characters(cheap: None) -> None:
    password = "ü" * 40

    stored = hash_password(password + "1")

    assert stored.startswith("sha256$2b$")
    assert not check(password + "2", stored)


def test_a_hash_of_old_of_a_long_password_still_verifies() -> None:
    # bcrypt before release 5 left out what is beyond byte 72.
    stored = hashed(LONG.encode()[:72])

    assert check(LONG, stored)
    assert not check("b" + LONG, stored)


def test_a_shortened_password_is_not_taken_for_the_long_one(cheap: None) -> None:
    stored = hash_password(LONG)

    assert not check(password_hashes._shortened(LONG.encode()).decode(), stored)


@pytest.mark.parametrize("password", ["", "a\0b", "\ud800", "x" * 1025])
def test_what_no_one_could_log_in_with_gets_no_hash(cheap: None, password: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        hash_password(password)

    assert refusal.value.field == "password"
    assert "\0" not in str(refusal.value)


@pytest.mark.parametrize(
    "password", ["", "right\0", "\0", "\udc80right", "right\ud800", "x" * 5000]
)
def test_a_password_that_can_not_be_one_is_refused(password: str) -> None:
    assert check(password, hashed(b"right")) is False


# Named by number: their salts are others in each process that runs tests.
BROKEN_HASHES = [
    "",
    "x",
    "plain text",
    hashed(b"right")[:-1],
    hashed(b"right") + "x",
    hashed(b"right") + "\n",
    hashed(b"right").replace("$04$", "$03$"),
    hashed(b"right").replace("$04$", "$32$"),
    hashed(b"right", b"2x"),
    "$2b$04$" + "!" * 53,
    # bcrypt raises for a salt with more bits than it has.
    "$2b$04$" + "." * 21 + "/" + "." * 31,
    "$apr1$lZL6V/ci$eIMz/iKDkbtys/uU7LEK00",
    "{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=",
    "sha256" + "x" * 60,
]


@pytest.mark.parametrize("stored", BROKEN_HASHES, ids=range(len(BROKEN_HASHES)))
def test_a_broken_hash_lets_nobody_in(stored: str) -> None:
    assert not is_hash(stored)
    assert cost_of(stored) == 0
    assert check("right", stored) is False


def test_every_salt_that_bcrypt_makes_is_a_hash() -> None:
    assert all(is_hash(hashed(b"right")) for _ in range(100))


def test_a_broken_hash_is_told_to_the_log_without_the_hash(
    caplog: pytest.LogCaptureFixture,
) -> None:
    check("right", "broken-hash")

    assert "hash that is none" in caplog.text
    assert "broken-hash" not in caplog.text
    assert "right" not in caplog.text


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str | None], int]:
    """How much hashing a check costs, where one hash of the cost c is 2**c."""
    costs: list[int] = []

    def counting(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(password: bytes, salt: bytes) -> Any:
            costs.append(2 ** int(salt.split(b"$")[2]))
            return function(password, salt)

        return call

    monkeypatch.setattr(bcrypt, "hashpw", counting(bcrypt.hashpw))
    monkeypatch.setattr(bcrypt, "checkpw", counting(bcrypt.checkpw))

    def of(password: str, stored: str | None) -> int:
        costs.clear()
        check_password(password, stored, cost=8)
        return sum(costs)

    return of


@pytest.mark.parametrize("password", ["right", "wrong", "", "a\0b", LONG, "x" * 5000])
def test_every_check_does_the_same_work(
    work: Callable[[str, str | None], int], password: str
) -> None:
    stored = [hashed(b"right", cost=cost) for cost in (4, 6, 8)]

    works = {work(password, one) for one in [None, "", "broken", *stored, "sha256" + stored[0]]}

    assert works == {2**8}


def test_the_cost_of_a_hash_is_read_from_it() -> None:
    assert cost_of(hashed(b"right", cost=5)) == 5
    assert cost_of("sha256" + hashed(b"right", cost=6)) == 6


def test_new_hashes_have_cost_12() -> None:
    assert cost_of(hash_password("right password")) == 12


@pytest.mark.parametrize(
    ("password", "name"),
    [
        ("", "ann"),
        ("short", "ann"),
        ("seven77", "ann"),
        ("aaaaaaaaaa", "ann"),
        ("ANNABELL", "annabell"),
    ],
)
def test_a_password_that_is_easily_guessed_is_refused(password: str, name: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        refuse_weak_password(password, name)

    assert refusal.value.field == "password"


def test_eight_characters_are_enough() -> None:
    refuse_weak_password("abcdefg8", "ann")
