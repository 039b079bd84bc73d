"""A pickle runs nothing, imports nothing, and takes neither for ever nor all memory."""

from __future__ import annotations

import os
import pickle
import struct
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ndscheduler.corescheduler.datastore.legacy.inert import (
    OldKey,
    OldName,
    OldObject,
    OldSet,
    OldZone,
    describe,
)
from ndscheduler.corescheduler.datastore.legacy.makers import ALLOWED_NAMES
from ndscheduler.corescheduler.datastore.legacy.pickle_reader import (
    MAX_OPCODES,
    UnreadablePickle,
    read_pickle,
)


class Reduced:
    """Pickles as a call of `function`."""

    def __init__(self, function: Callable[..., Any], *args: Any) -> None:
        self.call = (function, args)

    def __reduce__(self) -> Any:
        return self.call


def test_a_module_that_is_named_is_not_imported(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "trap_of_the_test.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(str(tmp_path))

    read = read_pickle(b"\x80\x02ctrap_of_the_test\nTrap\n)\x81.")

    assert read.class_name == "trap_of_the_test.Trap"
    assert "trap_of_the_test" not in sys.modules


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
@pytest.mark.parametrize(
    "attack",
    [
        lambda path: Reduced(os.system, f"touch {path}"),
        lambda path: Reduced(eval, f"open({path!r}, 'w')"),
        lambda path: Reduced(exec, f"open({path!r}, 'w')"),
        lambda path: Reduced(open, path, "w"),
        lambda path: Reduced(getattr, Reduced(__import__, "os"), "system"),
        lambda path: Reduced(map, os.system, [f"touch {path}"]),
        lambda path: Reduced(os.makedirs, path),
    ],
)
def test_a_malicious_pickle_runs_nothing(attack: Any, protocol: int, tmp_path: Path) -> None:
    path = tmp_path / "trace"

    read = read_pickle(pickle.dumps([attack(str(path))], protocol))

    assert isinstance(read[0], OldObject)
    assert not path.exists()


def _call(name: str, *args: bytes) -> bytes:
    module, _, attribute = name.rpartition(".")
    return b"c" + module.encode() + b"\n" + attribute.encode() + b"\n(" + b"".join(args) + b"tR"


def _text(text: str) -> bytes:
    return b"X" + struct.pack("<I", len(text)) + text.encode()


@pytest.mark.parametrize("module", ["builtins", "__builtin__"])
def test_getattr_gives_the_maker_of_zones_and_nothing_else(module: str) -> None:
    def got(owner: str, name: str) -> Any:
        owner_module, _, owner_name = owner.rpartition(".")
        owner_code = f"c{owner_module}\n{owner_name}\n".encode()
        made = _call(f"{module}.getattr", owner_code, _text(name))
        return read_pickle(b"\x80\x02" + made + b"(" + _text("Europe/Berlin") + b"I01\ntR.")

    zone = got("zoneinfo.ZoneInfo", "_unpickle")

    assert isinstance(zone, OldZone)
    assert zone.name == "Europe/Berlin"
    for owner, name in (
        ("zoneinfo.ZoneInfo", "from_file"),
        ("zoneinfo.ZoneInfo", "__class__"),
        ("os.path", "_unpickle"),
        ("builtins.object", "__subclasses__"),
    ):
        assert isinstance(got(owner, name), OldObject)


def test_a_dotted_name_is_a_name_and_no_way_into_a_class() -> None:
    raw = b"\x80\x04" + b"\x8c\x02os" + b"\x8c\x0bpath.exists" + b"\x93."

    read = read_pickle(raw)

    assert isinstance(read, OldName)
    assert read.dotted == "os.path.exists"


@pytest.mark.parametrize(
    "raw",
    [
        b"\x80\x02\x82\x01.",  # EXT1
        b"\x80\x02\x83\x01\x00.",  # EXT2
        b"\x80\x02\x84\x01\x00\x00\x00.",  # EXT4
        b"Pid\n.",  # PERSID
        b"\x80\x02]Q.",  # BINPERSID
        b"\x80\x05\x97.",  # NEXT_BUFFER
        b"\x80\x05C\x01a\x98.",  # READONLY_BUFFER
    ],
)
def test_steps_that_reach_outside_are_refused(raw: bytes) -> None:
    with pytest.raises(UnreadablePickle, match="never wrote"):
        read_pickle(raw)


def test_a_memo_of_a_large_number_takes_no_memory() -> None:
    # The standard library makes room for every number below it.
    read = read_pickle(b"\x80\x02Nr\xff\xff\xff\x7f.")

    assert read is None


@pytest.mark.parametrize(
    "raw",
    [
        b"\x80\x02" + b"0".join([b"N"] * (MAX_OPCODES // 2 + 2)) + b".",
        # One list of a million, copied again and again.
        b"\x80\x02]q\x00(" + b"N" * 1_000_000 + b"e0"
        + b"c__builtin__\nset\n(h\x00tR0" * 100
        + b"N.",
    ],
)  # fmt: skip
def test_a_pickle_that_would_take_for_ever_is_refused(raw: bytes) -> None:
    with pytest.raises(UnreadablePickle, match="more than"):
        read_pickle(raw)


def test_no_bytes_are_made_by_number() -> None:
    for name in ("bytes", "bytearray"):
        read = read_pickle(b"\x80\x02" + _call(f"builtins.{name}", b"I99999999999\n") + b".")

        assert isinstance(read, OldObject)


def test_tuples_within_tuples_a_million_deep_are_read_and_shown() -> None:
    read = read_pickle(b"\x80\x04N" + b"\x85" * 1_000_000 + b".")

    assert describe(read) == "((((...,),),),)".replace(",)", ")")


def test_references_that_grow_without_end_are_shown_in_short() -> None:
    # Ten levels of ten references each: ten thousand million items, were they walked.
    laughs = b"\x80\x02]q\x000"
    for level in range(10):
        laughs += b"]q" + bytes([level + 1]) + b"(" + (b"h" + bytes([level])) * 10 + b"e0"
    started = time.monotonic()

    shown = describe(read_pickle(laughs + b"h\x0a."))

    assert time.monotonic() - started < 2
    assert len(shown) < 1000


def test_a_key_that_can_not_be_hashed_is_kept() -> None:
    read = read_pickle(b"\x80\x02}]K\x01s(]]tK\x02s.")

    assert sorted(read.values()) == [1, 2]


def test_numbers_of_one_hash_do_not_take_for_ever() -> None:
    modulus = sys.hash_info.modulus
    keys = [modulus * number for number in range(1, 20_001)]
    raw = b"\x80\x04}(" + b"".join(pickle.dumps(key, 2)[2:-1] + b"N" for key in keys) + b"u."

    read = read_pickle(raw)

    # Each would be compared with all before it, could it be hashed.
    assert len(read) == len(keys)
    assert all(isinstance(key, OldKey) for key in read)


def test_sets_are_not_hashed() -> None:
    read = read_pickle(pickle.dumps({(1, 2), "a"}))

    assert isinstance(read, OldSet)
    assert len(read.members) == 2


def test_the_names_with_a_meaning_are_few_and_known() -> None:
    harmless = {"datetime", "decimal", "pytz", "pytz_deprecation_shim._impl", "zoneinfo"}
    harmless |= {"backports.zoneinfo", "_codecs", "collections", "copyreg", "copy_reg"}
    builtins = {"getattr", "bytes", "bytearray", "set", "frozenset"}

    for name in ALLOWED_NAMES:
        module, _, attribute = name.rpartition(".")
        if module in ("builtins", "__builtin__"):
            assert attribute in builtins
        else:
            assert any(name.startswith(f"{each}.") for each in harmless)
