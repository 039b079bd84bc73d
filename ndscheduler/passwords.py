"""Hashes of passwords."""

from __future__ import annotations

import getpass
import sys

from ndscheduler.corescheduler.errors import ConfigError

# bcrypt reads no further; what is behind would not protect, so it is refused instead of cut off.
MAX_PASSWORD_BYTES = 72
ROUNDS = 12


def hash_password(password: str) -> str:
    """The bcrypt hash of `password`, as AUTH_CREDENTIALS takes it. ConfigError if it has no use."""
    import bcrypt

    secret = password.encode()
    if not secret:
        raise ConfigError("The password is empty.")
    if len(secret) > MAX_PASSWORD_BYTES:
        raise ConfigError(
            f"The password is {len(secret)} bytes long; bcrypt takes {MAX_PASSWORD_BYTES} at most."
        )
    if b"\0" in secret:
        raise ConfigError("The password has a NUL byte.")
    return bcrypt.hashpw(secret, bcrypt.gensalt(ROUNDS)).decode()


def read_password() -> str:
    """The password typed twice at a terminal, or the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass.getpass("Password: ")
    if getpass.getpass("Again: ") != password:
        raise ConfigError("The two passwords differ.")
    return password


def print_password_hash() -> int:
    """Read a password, print its hash, and return the exit status."""
    try:
        hashed = hash_password(read_password())
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{hashed}\n")
    return 0
