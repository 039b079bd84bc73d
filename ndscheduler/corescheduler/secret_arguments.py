"""Arguments that a job class marks secret, which only editors and admins are shown.

A class marks them in its `meta_info()`: `"secret": True` at an entry of `arguments` marks the
argument at that place, `"secret_kwargs": ["password"]` keyword arguments by name. A parameter of
`run()` that is marked in one way is hidden in both.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ndscheduler.corescheduler.codec import HIDDEN, Json


@dataclass(frozen=True, slots=True)
class SecretMarks:
    """Which arguments are secret: those at these places, those from one place on, these names."""

    places: frozenset[int] = frozenset()
    # Of arguments that are not described one by one, such as those of `*args`.
    from_place: int | None = None
    names: frozenset[str] = frozenset()
    marks_all: bool = False

    def hidden_args(self, args: Json) -> Json:
        """Positional arguments, as JSON, as a viewer is shown them."""
        if not isinstance(args, list):
            return self._hidden_if_any(args)
        return [HIDDEN if self._is_secret(place) else arg for place, arg in enumerate(args)]

    def hidden_kwargs(self, kwargs: Json) -> Json:
        """Keyword arguments, as JSON, as a viewer is shown them."""
        if not isinstance(kwargs, dict):
            return self._hidden_if_any(kwargs)
        return {
            name: HIDDEN if self.marks_all or name in self.names else value
            for name, value in kwargs.items()
        }

    def hidden_example(self, text: str) -> str:
        """Example arguments, JSON text of a list, as a viewer is shown them."""
        try:
            example = json.loads(text) if text else None
        except ValueError:
            example = text
        shown = self.hidden_args(example)
        if shown == example:
            return text
        return json.dumps(shown) if isinstance(shown, list) else ""

    def _is_secret(self, place: int) -> bool:
        is_behind = self.from_place is not None and place >= self.from_place
        return self.marks_all or place in self.places or is_behind

    def _hidden_if_any(self, value: Json) -> Json:
        """What is no list or object is shown only by a class that marks nothing."""
        return value if value is None or self == NO_MARKS else HIDDEN


NO_MARKS = SecretMarks()
# Of a class that nothing is known of.
ALL_MARKS = SecretMarks(marks_all=True)


def marks_of(
    arguments: Sequence[Mapping[str, Any]], secret_kwargs: Any, job_class: type[Any]
) -> SecretMarks:
    """The marks that `meta_info()` of `job_class` makes. Raises TypeError for what are none."""
    names = _names(secret_kwargs)
    places = {place for place, argument in enumerate(arguments) if argument.get("secret")}
    parameters = _parameters(job_class)
    by_name = {place for place, name in enumerate(parameters) if name in names}
    by_place = {parameters[place] for place in places if place < len(parameters)}
    last = len(arguments) - 1
    return SecretMarks(
        places=frozenset(places | by_name),
        from_place=last if last in places else None,
        names=frozenset(names | by_place),
    )


def _names(secret_kwargs: Any) -> set[str]:
    if secret_kwargs is None:
        return set()
    is_list = isinstance(secret_kwargs, (list, tuple, set, frozenset))
    if not is_list or not all(isinstance(name, str) for name in secret_kwargs):
        raise TypeError("its secret_kwargs are not a list of names")
    return set(secret_kwargs)


def _parameters(job_class: type[Any]) -> list[str]:
    """The names of the positional parameters of `run()`, as far as they can be known."""
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    try:
        parameters = inspect.signature(job_class.run).parameters.values()
    except (AttributeError, TypeError, ValueError):
        return []
    named = [parameter.name for parameter in parameters if parameter.kind in kinds]
    is_bound = isinstance(inspect.getattr_static(job_class, "run"), (classmethod, staticmethod))
    return named if is_bound else named[1:]
