"""Reads a pickle as data: no code of the pickle's is run, no name in it is imported.

The standard library only splits the bytes into opcodes here (`pickletools.genops`). What they
build is put together below: plain values, the few things that `makers` lists, and inert stand-ins.
"""

from __future__ import annotations

# It takes pickles apart, and runs nothing that is in them.
import pickletools  # nosec B403
from collections.abc import Callable
from typing import Any

from ndscheduler.corescheduler.datastore.legacy.inert import OldName, OldObject, OldSet, OldText
from ndscheduler.corescheduler.datastore.legacy.makers import as_key, made

MAX_BYTES = 64 * 1024 * 1024
MAX_OPCODES = 2_000_000

_MARK = object()


class UnreadablePickle(Exception):
    """The bytes are no pickle, or one that 0.x never wrote; the reason in a clause."""


def read_pickle(raw: bytes) -> Any:
    """The value that was pickled, with inert stand-ins for objects. Raises UnreadablePickle."""
    if len(raw) > MAX_BYTES:
        raise UnreadablePickle(f"it is larger than {MAX_BYTES // 1024 // 1024} MiB")
    machine = _Machine()
    try:
        for count, (opcode, argument, _position) in enumerate(pickletools.genops(raw)):
            if count > MAX_OPCODES:
                raise UnreadablePickle(f"it has more than {MAX_OPCODES:,} steps")
            machine.step(opcode.name, argument)
        return machine.result()
    except UnreadablePickle:
        raise
    except (ValueError, TypeError, IndexError, KeyError, AttributeError, ArithmeticError) as error:
        raise UnreadablePickle(f"its bytes are no whole pickle ({error})") from error


class _Machine:
    """The stack machine that pickles are programs for."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self.memo: dict[int, Any] = {}
        # How many values were copied out of the stack or of other values.
        self.copied = 0

    def step(self, name: str, argument: Any) -> None:
        """One opcode."""
        if name in _PUSHED:
            self.stack.append(argument)
        elif name in _STEPS:
            _STEPS[name](self, argument)
        else:
            # EXT1 and its like, persistent ids, buffers: none was written by 0.x.
            raise UnreadablePickle(f"it has the step {name}, which ndscheduler never wrote")

    def result(self) -> Any:
        """What is left at the end."""
        value = self.pop()
        if self.stack:
            raise UnreadablePickle("its bytes are no whole pickle (values are left)")
        return value

    def marked(self) -> list[Any]:
        """The values above the last mark, which go with it."""
        stack = self.stack
        at = len(stack) - 1
        while stack[at] is not _MARK:
            at -= 1
            if at < 0:
                raise UnreadablePickle("its bytes are no whole pickle (no mark)")
        values = stack[at + 1 :]
        del stack[at:]
        return values

    def pop(self) -> Any:
        """The topmost value, which is taken off."""
        value = self.stack.pop()
        if value is _MARK:
            raise UnreadablePickle("its bytes are no whole pickle (a mark)")
        return value

    def call(self, name: Any, args: Any) -> None:
        """Push what `name(*args)` stands for."""
        self._charge(args)
        self.stack.append(made(name, args))

    def _charge(self, args: Any) -> None:
        """Refuse a small pickle that copies a large value again and again."""
        for value in args if isinstance(args, tuple) else ():
            if isinstance(value, (list, tuple, str, bytes, bytearray)):
                self.copied += len(value)
        if self.copied > MAX_BYTES:
            raise UnreadablePickle(f"it copies more than {MAX_BYTES // 1024 // 1024} MiB")


def _put_pairs(target: Any, values: list[Any]) -> None:
    pairs = zip(values[::2], values[1::2], strict=True)
    if isinstance(target, dict):
        target.update((as_key(key), value) for key, value in pairs)
    elif isinstance(target, OldObject):
        target.items.extend(pairs)
    else:
        raise TypeError("no dict to fill")


def _put_items(target: Any, values: list[Any]) -> None:
    if isinstance(target, OldObject):
        target.items.extend(values)
    elif isinstance(target, OldSet):
        target.members.extend(values)
    elif isinstance(target, list):
        target.extend(values)
    else:
        raise TypeError("no list to fill")


def _dict_of(machine: _Machine, _argument: Any) -> None:
    values = machine.marked()
    machine.stack.append({})
    _put_pairs(machine.stack[-1], values)


def _set_item(machine: _Machine, _argument: Any) -> None:
    value, key = machine.pop(), machine.pop()
    _put_pairs(machine.stack[-1], [key, value])


def _set_items(machine: _Machine, _argument: Any) -> None:
    values = machine.marked()
    _put_pairs(machine.stack[-1], values)


def _append(machine: _Machine, _argument: Any) -> None:
    value = machine.pop()
    _put_items(machine.stack[-1], [value])


def _extend(machine: _Machine, _argument: Any) -> None:
    values = machine.marked()
    _put_items(machine.stack[-1], values)


def _tuple(count: int) -> Callable[[_Machine, Any], None]:
    def build(machine: _Machine, _argument: Any) -> None:
        values = [machine.pop() for _ in range(count)]
        machine.stack.append(tuple(reversed(values)))

    return build


def _global(machine: _Machine, argument: str) -> None:
    module, _, name = argument.partition(" ")
    machine.stack.append(OldName(module, name))


def _stack_global(machine: _Machine, _argument: Any) -> None:
    name, module = machine.pop(), machine.pop()
    if not (isinstance(name, str) and isinstance(module, str)):
        raise TypeError("a name is no text")
    machine.stack.append(OldName(module, name))


def _inst(machine: _Machine, argument: str) -> None:
    module, _, name = argument.partition(" ")
    machine.stack.append(OldObject(OldName(module, name), tuple(machine.marked())))


def _obj(machine: _Machine, _argument: Any) -> None:
    cls, *args = machine.marked()
    machine.stack.append(OldObject(cls, tuple(args)))


def _reduce(machine: _Machine, _argument: Any) -> None:
    args, name = machine.pop(), machine.pop()
    machine.call(name, args)


def _new(machine: _Machine, _argument: Any) -> None:
    args, cls = machine.pop(), machine.pop()
    machine.stack.append(OldObject(cls, args))


def _new_with_keywords(machine: _Machine, _argument: Any) -> None:
    keywords, args, cls = machine.pop(), machine.pop(), machine.pop()
    machine.stack.append(OldObject(cls, (args, keywords)))


def _build(machine: _Machine, _argument: Any) -> None:
    state = machine.pop()
    target = machine.stack[-1]
    if isinstance(target, OldObject):
        target.state = state


def _get(machine: _Machine, argument: Any) -> None:
    machine.stack.append(machine.memo[int(argument)])


def _put(machine: _Machine, argument: Any) -> None:
    machine.memo[int(argument)] = machine.stack[-1]


def _memoize(machine: _Machine, _argument: Any) -> None:
    machine.memo[len(machine.memo)] = machine.stack[-1]


def _old_text(machine: _Machine, argument: str) -> None:
    machine.stack.append(OldText(argument.encode("latin-1")))


def _push(make: Callable[[], Any]) -> Callable[[_Machine, Any], None]:
    return lambda machine, _argument: machine.stack.append(make())


def _ignore(_machine: _Machine, _argument: Any) -> None:
    return None


# Opcodes whose argument is the value itself.
_PUSHED = frozenset(
    (
        *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4", "FLOAT", "BINFLOAT"),
        *("UNICODE", "BINUNICODE", "SHORT_BINUNICODE", "BINUNICODE8"),
        *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
    )
)

_STEPS: dict[str, Callable[[_Machine, Any], None]] = {
    "PROTO": _ignore,
    "FRAME": _ignore,
    "STOP": _ignore,
    "NONE": _push(lambda: None),
    "NEWTRUE": _push(lambda: True),
    "NEWFALSE": _push(lambda: False),
    "EMPTY_LIST": _push(list),
    "EMPTY_TUPLE": _push(tuple),
    "EMPTY_DICT": _push(dict),
    "EMPTY_SET": _push(lambda: OldSet([])),
    "MARK": _push(lambda: _MARK),
    "POP": lambda machine, _: machine.stack.__delitem__(-1),
    "POP_MARK": lambda machine, _: machine.marked().clear(),
    "DUP": lambda machine, _: machine.stack.append(machine.stack[-1]),
    "STRING": _old_text,
    "BINSTRING": _old_text,
    "SHORT_BINSTRING": _old_text,
    "LIST": lambda machine, _: machine.stack.append(machine.marked()),
    "TUPLE": lambda machine, _: machine.stack.append(tuple(machine.marked())),
    "TUPLE1": _tuple(1),
    "TUPLE2": _tuple(2),
    "TUPLE3": _tuple(3),
    "DICT": _dict_of,
    "FROZENSET": lambda machine, _: machine.stack.append(OldSet(machine.marked())),
    "SETITEM": _set_item,
    "SETITEMS": _set_items,
    "APPEND": _append,
    "APPENDS": _extend,
    "ADDITEMS": _extend,
    "GLOBAL": _global,
    "STACK_GLOBAL": _stack_global,
    "INST": _inst,
    "OBJ": _obj,
    "REDUCE": _reduce,
    "NEWOBJ": _new,
    "NEWOBJ_EX": _new_with_keywords,
    "BUILD": _build,
    "GET": _get,
    "BINGET": _get,
    "LONG_BINGET": _get,
    "PUT": _put,
    "BINPUT": _put,
    "LONG_BINPUT": _put,
    "MEMOIZE": _memoize,
}
