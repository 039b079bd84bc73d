"""Passwords typed at a terminal, for the commands."""

from __future__ import annotations

import getpass
import sys

from ndscheduler.corescheduler.errors import ConfigError, InvalidInput
from ndscheduler.corescheduler.password_hashes import hash_password


def read_password() -> str:
    """The password typed twice at a terminal, or the first line of standard input.

    Raises ConfigError where the two differ.
    """
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
    except (ConfigError, InvalidInput) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write(f"{hashed}\n")
    return 0
