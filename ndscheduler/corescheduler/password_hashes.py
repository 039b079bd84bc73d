"""Hashes of passwords: bcrypt, as htpasswd and ndscheduler 0.x write it, whatever the length."""

from __future__ import annotations

import base64
import hashlib
import logging
import re

import bcrypt

from ndscheduler.corescheduler.errors import InvalidInput

logger = logging.getLogger(__name__)

ROUNDS = 12
MIN_CHARACTERS = 8
MAX_BYTES = 1024
# bcrypt reads no further. A longer password is hashed by SHA-256 before, and its hash marked so.
BCRYPT_BYTES = 72
_LONG = "sha256"
# 22 characters of salt, of which the last has two bits that count, and 31 of hash; bcrypt knows
# costs of 4 to 31, and raises where the salt has more bits.
_HASH = re.compile(
    rf"(?:{_LONG})?\$2[aby]\$(0[4-9]|[12][0-9]|3[01])\$[./A-Za-z0-9]{{21}}[.Oeu][./A-Za-z0-9]{{31}}"
)


def hash_password(password: str) -> str:
    """The hash of `password`, as AUTH_CREDENTIALS and the database take it.

    Takes as long as a login. Raises InvalidInput for what no one could log in with.
    """
    secret = _bytes_of(password)
    if not secret:
        raise InvalidInput("password", "is empty, or has characters that no password can have")
    if len(secret) > MAX_BYTES:
        raise InvalidInput("password", f"has {len(secret)} bytes; {MAX_BYTES} are taken at most")
    prepared = _shortened(secret) if len(secret) > BCRYPT_BYTES else secret
    mark = _LONG if len(secret) > BCRYPT_BYTES else ""
    return mark + bcrypt.hashpw(prepared, bcrypt.gensalt(ROUNDS)).decode()


def refuse_weak_password(password: str, name: str, field: str = "password") -> None:
    """Raise InvalidInput, about `field`, for a new password that is easily guessed."""
    if len(password) < MIN_CHARACTERS:
        raise InvalidInput(field, f"must have at least {MIN_CHARACTERS} characters")
    if password.lower() == name.lower() or len(set(password)) == 1:
        raise InvalidInput(field, "is too easily guessed")


def is_hash(text: str) -> bool:
    """True for what `check_password` can verify."""
    return _HASH.fullmatch(text) is not None


def cost_of(stored: str) -> int:
    """The cost of a hash; 0 for what is none."""
    match = _HASH.fullmatch(stored)
    return int(match[1]) if match else 0


def check_password(password: str, stored: str | None, cost: int = ROUNDS) -> bool:
    """True if `stored` is a hash of `password`.

    Does the work of one hash of `cost` in any case, also without a hash, with a broken one and
    with a cheaper one: how long it takes tells nothing. Blocks for a quarter of a second.
    """
    secret = _bytes_of(password)
    own_cost = 0 if stored is None else cost_of(stored)
    if stored is not None and not own_cost:
        logger.warning("An account has a password hash that is none: nobody can log in to it.")
    is_right = bool(own_cost) and _matches(secret or b"x", str(stored)) and bool(secret)
    _work(own_cost, cost)
    return is_right


def _matches(secret: bytes, stored: str) -> bool:
    is_long = stored.startswith(_LONG)
    # A hash of old that is not marked is of the first 72 bytes.
    prepared = _shortened(secret) if is_long else secret[:BCRYPT_BYTES]
    return bcrypt.checkpw(prepared, stored.removeprefix(_LONG).encode())


def _work(done: int, wanted: int) -> None:
    """Hash until the work of one hash of the cost `wanted` is done; each cost doubles it."""
    if not done:
        bcrypt.hashpw(b"x", bcrypt.gensalt(wanted))
    for cost in range(done or wanted, wanted):
        bcrypt.hashpw(b"x", bcrypt.gensalt(cost))


def _shortened(secret: bytes) -> bytes:
    # As text: bcrypt ends at a NUL byte.
    return base64.b64encode(hashlib.sha256(secret).digest())


def _bytes_of(password: str) -> bytes:
    """The bytes of a password; none for one that no account can have."""
    try:
        secret = password.encode()
    except UnicodeEncodeError:
        return b""
    return b"" if b"\0" in secret or len(secret) > MAX_BYTES * 4 else secret
