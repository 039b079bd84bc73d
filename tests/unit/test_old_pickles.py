"""Pickles of 0.x are read as data: whatever they hold, nothing of it is run or imported."""

from __future__ import annotations

import collections
import datetime as dates
import decimal
import pickle
import zoneinfo
from typing import Any

import pytest
from dateutil import tz

from ndscheduler.corescheduler.datastore.legacy.inert import (
    OldName,
    OldObject,
    OldText,
    describe,
)
from ndscheduler.corescheduler.datastore.legacy.pickle_reader import (
    UnreadablePickle,
    read_pickle,
)

PROTOCOLS = range(2, pickle.HIGHEST_PROTOCOL + 1)
UTC = dates.timezone.utc


class Thing:
    """A class of a user's."""

    def __init__(self, **attributes: Any) -> None:
        self.__dict__.update(attributes)


class SlottedThing:
    __slots__ = ("colour",)

    def __init__(self, colour: str) -> None:
        self.colour = colour


class ListThing(list[Any]):
    pass


class DictThing(dict[str, Any]):
    pass


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    "value",
    [
        None,
        [True, False, 0, 255, 65536, -1, 2**40, 2**100, -(2**100), 1.5],
        ["", "text", "é任务", "x" * 300, "x" * 70000],
        {"a": {"b": [1, (2,), (3, 4), (5, 6, 7), (8, 9, 10, 11)]}, "c": ()},
        b"bytes" * 100,
        dates.datetime(2026, 11, 23, 7, 55, 1, 5),
        dates.datetime(2026, 11, 23, tzinfo=UTC),
        dates.datetime(2026, 11, 23, tzinfo=dates.timezone(dates.timedelta(hours=-5))),
        dates.datetime(2026, 11, 23, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")),
        dates.date(2026, 11, 23),
        dates.timedelta(days=-1, seconds=5, microseconds=6),
        decimal.Decimal("1.50"),
        collections.OrderedDict(b=1, a=2),
    ],
)
def test_plain_values_come_back(value: Any, protocol: int) -> None:
    read = read_pickle(pickle.dumps(value, protocol))

    assert read == value
    assert repr(read).replace("timezone.utc", "tz") == repr(_plain(value)).replace(
        "timezone.utc", "tz"
    )


@pytest.mark.parametrize("protocol", PROTOCOLS)
@pytest.mark.parametrize("zone", [tz.tzutc(), tz.tzoffset("x", 5400), tz.gettz("Europe/Rome")])
def test_times_in_zones_of_dateutil_come_back(zone: dates.tzinfo, protocol: int) -> None:
    moment = dates.datetime(2026, 7, 23, 7, 55, tzinfo=zone)

    read = read_pickle(pickle.dumps(moment, protocol))

    assert read.isoformat() == moment.isoformat()


def test_the_second_pass_of_an_hour_is_told_from_the_first() -> None:
    second = dates.datetime(2026, 10, 25, 2, 30, fold=1)

    assert read_pickle(pickle.dumps(second, 4)).fold == 1


def _plain(value: Any) -> Any:
    return dict(value) if isinstance(value, collections.OrderedDict) else value


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_text_of_python_2_is_told_from_bytes(protocol: int) -> None:
    raw = b"\x80\x02]q\x00(U\x03abcU\x02\xc3\xa9U\x01\xe9X\x02\x00\x00\x00\xc3\xa9e."

    plain, utf8, latin1, text = read_pickle(raw)

    assert [type(value) for value in (plain, utf8, latin1, text)] == [OldText] * 3 + [str]
    assert [value.text for value in (plain, utf8, latin1)] == ["abc", "é", "é"]
    assert text == "é"


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_objects_of_users_become_inert(protocol: int) -> None:
    things = [Thing(a=1), SlottedThing("red"), ListThing([1, 2]), DictThing(k="v"), Thing]

    thing, slotted, listed, mapped, named = read_pickle(pickle.dumps(things, protocol))

    for value, name in ((thing, "Thing"), (slotted, "SlottedThing"), (listed, "ListThing")):
        assert isinstance(value, OldObject)
        assert value.class_name == f"{__name__}.{name}"
    assert thing.state == {"a": 1}
    assert slotted.state == (None, {"colour": "red"})
    assert (listed.items, mapped.items) == ([1, 2], [("k", "v")])
    assert isinstance(named, OldName)


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"no pickle",
        b"\x80\x05",
        b"\x80\x05.",
        b"\x80\x02]]]",
        b"\x80\x02h\x05.",
        b"\x80\x02u.",
        b"\x80\x02t.",
        b"\x80\x02a.",
        b"\x80\x02]]a",
        b"\x80\x02(.",
        b"\x80\x02}(K\x01u.",
        b"\x80\x02K\x01K\x02a.",
        b"\x80\x02K\x01K\x02K\x03s.",
        b"\x80\x02K\x01K\x02\x93.",
        b"\x80\x02K\x01K\x02.",
        b"\x80\x04\x95\xff\xff\xff\xff\xff\xff\xff\x7f.",
        b"\x80\x02X\xff\xff\xff\xffabc.",
        b"\x80\x02\x8b\xff\xff\xff\x7f.",
        b"I" + b"9" * 5000 + b"\n.",
        b"S'unfinished\n.",
        b"\x80\x02\xff.",
    ],
)
def test_what_is_no_whole_pickle_is_said_so(raw: bytes) -> None:
    with pytest.raises(UnreadablePickle):
        read_pickle(raw)


def test_every_cut_and_every_flipped_byte_is_read_or_refused() -> None:
    value = {"a": [1, (2.5, "text"), Thing(a={"b": dates.datetime(2026, 1, 2, tzinfo=UTC)})]}
    raw = pickle.dumps(value)

    for at in range(len(raw)):
        for mangled in (raw[:at], raw[:at] + bytes([raw[at] ^ 0x55]) + raw[at + 1 :]):
            try:
                describe(read_pickle(mangled))
            except UnreadablePickle:
                continue
