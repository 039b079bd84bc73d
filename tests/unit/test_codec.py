"""Arguments survive the way to the database and back; what can not is refused by name."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ndscheduler.corescheduler import codec
from ndscheduler.corescheduler.errors import InvalidArgument

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"))
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXTS
    | st.datetimes()
    | st.datetimes(timezones=st.just(timezone(timedelta(hours=5, minutes=30))))
    | st.dates()
    | st.decimals(allow_nan=False)
    | st.binary()
    | st.builds(codec.Unreadable, TEXTS)
    | st.sampled_from(["A", "B"]).map(codec.Secret)
)
TAGS = ["$dict", "$tuple", "$date", "$bytes", "$decimal", "$datetime"]
KEYS = TEXTS | st.sampled_from([*TAGS, "$unreadable", "$secret", "$hidden"])
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.lists(inner, max_size=4).map(tuple)
        | st.dictionaries(KEYS, inner, max_size=3)
    ),
    max_leaves=15,
)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(VALUES)
def test_every_value_comes_back_as_it_was(value: Any) -> None:
    back = codec.decode(codec.encode(value, "value"))

    assert back == value
    assert type(back) is type(value)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(VALUES)
def test_what_is_shown_means_the_same_when_it_is_sent_back(value: Any) -> None:
    shown = codec.plain(codec.encode(value, "value"))

    assert codec.plain(codec.encode(codec.from_json(shown, "value"), "value")) == shown


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.dictionaries(KEYS, VALUES, max_size=3))
def test_keyword_arguments_of_any_name_come_back(kwargs: dict[str, Any]) -> None:
    assert codec.decode_keywords(codec.encode_keywords(kwargs, "kwargs")) == kwargs


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (object(), "args: a object can not be kept as JSON"),
        ([1, {2, 3}], r"args\[1\]: a set can not"),
        ({"a": {1: 2}}, r"args\.a: the key 1 is not a string"),
        (float("nan"), "args: nan is not a JSON number"),
        ("a\x00b", "NUL"),
        ("\ud800", "lone surrogate"),
    ],
)
def test_what_is_no_json_is_refused_by_name(value: object, sentence: str) -> None:
    with pytest.raises(InvalidArgument, match=sentence):
        codec.encode(value, "args")


def test_deep_nesting_is_refused_before_it_can_overflow() -> None:
    deep: list[Any] = []
    for _ in range(10_000):
        deep = [deep]

    with pytest.raises(InvalidArgument, match="nested deeper"):
        codec.encode(deep, "args")


@pytest.mark.parametrize(
    "tag", ['{"$date": 5}', '{"$date": "x"}', '{"$tuple": 1}', '{"$bytes": "é"}']
)
def test_a_tag_with_a_wrong_value_is_refused(tag: str) -> None:
    with pytest.raises(InvalidArgument, match="is not a value for"):
        codec.from_json(json.loads(tag), "args")


def test_a_tuple_is_shown_as_a_list_and_other_types_with_their_tag() -> None:
    text = codec.encode([(1, (2,)), date(2026, 1, 31)], "args")

    assert codec.plain(text) == [[1, [2]], {"$date": "2026-01-31"}]


def test_a_result_is_indented_json_with_sorted_keys() -> None:
    assert codec.encode_result({"b": (1, 2), "a": None}) == (
        '{\n    "a": null,\n    "b": [\n        1,\n        2\n    ]\n}'
    )
    assert "2026" in codec.encode_result(datetime(2026, 1, 1))
    assert "1.50" in codec.encode_result(Decimal("1.50"))
    with pytest.raises(TypeError, match="Object of type object is not JSON serializable"):
        codec.encode_result(object())


def test_what_could_not_be_kept_stays_what_it_is() -> None:
    text = codec.encode([1, codec.Unreadable("{3}"), {"$unreadable": "mine"}], "pub_args")

    assert codec.plain(text)[1] == {"$unreadable": "{3}"}
    assert codec.decode(text) == [1, codec.Unreadable("{3}"), {"$unreadable": "mine"}]
    assert codec.encode(codec.decode(text), "pub_args") == text


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ([1, {"a": (codec.Unreadable("{3}"),)}], "{3}"),
        ([{"$unreadable": "mine"}], None),
        (["$unreadable"], None),
        ([], None),
    ],
)
def test_what_could_not_be_kept_is_found(value: object, found: str | None) -> None:
    assert codec.find_unreadable(codec.encode(value, "pub_args")) == found


def test_in_text_that_is_no_json_nothing_is_found() -> None:
    assert codec.find_unreadable('{"$unreadable": ') is None
