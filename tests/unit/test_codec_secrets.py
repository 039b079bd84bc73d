"""A secret in arguments is a name until a job starts, and nothing else is taken for one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ndscheduler.corescheduler import codec
from ndscheduler.corescheduler.codec import Secret
from ndscheduler.corescheduler.datastore.legacy.arguments import arguments_as_json, keywords_as_json
from ndscheduler.corescheduler.errors import InvalidArgument

LOOKS_SO = {"$secret": "X"}
LITERALS = [
    LOOKS_SO,
    [LOOKS_SO],
    (LOOKS_SO,),
    {"a": {"b": [LOOKS_SO]}},
    {"$dict": LOOKS_SO},
    {"$tuple": [LOOKS_SO]},
    {"$unreadable": LOOKS_SO},
    {"$secret": LOOKS_SO},
    {"$secret": {"$unreadable": LOOKS_SO}},
]


@pytest.mark.parametrize("value", [Secret("A"), [Secret("A")], {"a": (1, [Secret("B ü")])}])
def test_a_secret_is_kept_by_its_name_alone(value: Any) -> None:
    assert codec.decode(codec.encode(value, "pub_args")) == value


@pytest.mark.parametrize("value", LITERALS)
def test_what_only_looks_like_a_secret_comes_back_as_it_was(value: Any) -> None:
    text = codec.encode([value], "pub_args")

    assert codec.decode(text) == [value]
    assert codec.decode_keywords(codec.encode_keywords({"k": value}, "kwargs")) == {"k": value}


@pytest.mark.parametrize("value", LITERALS)
def test_what_0x_pickled_is_never_a_secret(value: Any) -> None:
    positional, problems = arguments_as_json([value])
    keywords, more = keywords_as_json({"k": value})

    assert codec.decode(positional) == [value]
    assert codec.decode_keywords(keywords) == {"k": value}
    assert problems + more == []


@pytest.mark.parametrize(
    ("stored", "value"),
    [
        # As the codec wrote them before it knew of secrets.
        ('[{"$secret":"X"}]', [LOOKS_SO]),
        ('[{"$tuple":[{"$secret":"X"}]}]', [(LOOKS_SO,)]),
        ('[{"$dict":{"$dict":{"$secret":"X"}}}]', [{"$dict": LOOKS_SO}]),
        ('[{"$dict":{"$unreadable":{"$secret":"X"}}}]', [{"$unreadable": LOOKS_SO}]),
    ],
)
def test_what_was_stored_before_there_were_secrets_is_none(stored: str, value: Any) -> None:
    assert codec.decode(stored) == value
    assert codec.from_json(codec.plain(stored), "pub_args") == [
        list(each) if isinstance(each, tuple) else each for each in value
    ]


@pytest.mark.parametrize(
    "value", [[Secret("A")], *([value] for value in LITERALS if not isinstance(value, tuple))]
)
def test_a_client_that_sends_back_what_it_was_shown_changes_nothing(value: Any) -> None:
    text = codec.encode(value, "pub_args")

    assert codec.encode(codec.from_json(codec.plain(text), "pub_args"), "pub_args") == text


def test_a_client_names_a_secret_at_any_depth() -> None:
    sent = json.loads('[{"$secret": "A"}, {"deep": [{"$tuple": [{"$secret": "B"}]}]}]')

    assert codec.from_json(sent, "pub_args") == [Secret("A"), {"deep": [(Secret("B"),)]}]


@pytest.mark.parametrize("name", [5, None, "", " ", ["A"], {"name": "A"}, "A" * 201])
def test_the_name_of_a_secret_must_be_text(name: Any) -> None:
    with pytest.raises(InvalidArgument, match=r"pub_args\[0\]: .* is not a value for \$secret"):
        codec.from_json([{"$secret": name}], "pub_args")


def test_a_client_can_not_write_the_form_that_the_database_has() -> None:
    with pytest.raises(InvalidArgument, match="is not a value for"):
        codec.from_json([{"$unreadable": {"$secret": "A"}}], "pub_args")


def test_a_dict_that_looks_like_a_tuple_is_shown_as_it_is() -> None:
    text = codec.encode([{"$tuple": [1]}], "pub_args")

    assert codec.from_json(codec.plain(text), "pub_args") == [{"$tuple": [1]}]
