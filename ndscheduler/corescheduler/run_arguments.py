"""The arguments that the code of an execution gets, with the secrets that they name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ndscheduler.corescheduler import codec
from ndscheduler.corescheduler.errors import InvalidArgument
from ndscheduler.corescheduler.masking import NO_MASK, Mask
from ndscheduler.corescheduler.models import Execution
from ndscheduler.corescheduler.secrets_file import SecretsFile


@dataclass(frozen=True, slots=True)
class RunArguments:
    """Arguments of `run()`, and what masks the secrets among them."""

    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    mask: Mask = NO_MASK


def arguments_of(execution: Execution, secrets: SecretsFile) -> RunArguments:
    """What the code of `execution` gets.

    Raises SecretNotAvailable, InvalidArgument for one that the upgrade from 0.x could not keep,
    and ValueError where the row is broken.
    """
    _refuse_unreadable(execution)
    args, kwargs = execution.pub_args, execution.kwargs
    if not any('"$secret"' in text for text in (execution.args_json, execution.kwargs_json)):
        return RunArguments(tuple(args), kwargs)
    used: dict[str, str] = {}

    def text_of(secret: codec.Secret) -> str:
        if secret.name not in used:
            used[secret.name] = secrets.text_of(secret.name)
        return used[secret.name]

    args, kwargs = _with_secrets(args, text_of), _with_secrets(kwargs, text_of)
    return RunArguments(tuple(args), kwargs, Mask(used.values()) if used else NO_MASK)


def _with_secrets(value: Any, text_of: Callable[[codec.Secret], str]) -> Any:
    """`value` with the text of each secret in its place."""
    if isinstance(value, codec.Secret):
        return text_of(value)
    if isinstance(value, (list, tuple)):
        return type(value)(_with_secrets(item, text_of) for item in value)
    if isinstance(value, dict):
        return {key: _with_secrets(item, text_of) for key, item in value.items()}
    return value


def _refuse_unreadable(execution: Execution) -> None:
    for field, text in (("pub_args", execution.args_json), ("kwargs", execution.kwargs_json)):
        if codec.find_unreadable(text) is not None:
            # Not what stands there: it may be a secret, and this is kept.
            reason = "a value could not be kept from 0.x: give the job another one"
            raise InvalidArgument(field, reason)
