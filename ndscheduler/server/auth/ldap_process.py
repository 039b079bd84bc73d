"""Asks an LDAP server in a process of its own, which is killed if that takes too long.

libldap has no timeout for looking up a name, and none that works for a server that hangs while TLS
begins. A thread would wait for ever; a process can be ended. It begins in a tenth of a second, and
only for logins that are not remembered.
"""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
from dataclasses import asdict
from typing import Any

import ldap

from ndscheduler.server.auth.ldap_connection import NO_ANSWER, LdapSettings, reason_of
from ndscheduler.server.auth.ldap_server import LdapServer, LdapUser

# More than what can be timed may take.
PATIENCE_SECONDS = 4.5
# What libldap and Python need of the environment; the rest may hold secrets.
ENVIRONMENT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONHOME")


class NoAnswer(Exception):
    """The LDAP server could not be asked; says why."""


def ask(settings: LdapSettings, name: str, password: str) -> LdapUser | None:
    """Who this is; None if the server refuses name or password. Blocks, for PATIENCE_SECONDS.

    Raises NoAnswer.
    """
    question = json.dumps({"settings": asdict(settings), "name": name, "password": password})
    try:
        # Our own module, and no word of whoever logs in.
        process = subprocess.run(  # nosec B603
            [sys.executable, "-m", __name__],
            # Not in the arguments, which everybody on the machine can read.
            input=question.encode(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=_environment(),
            timeout=PATIENCE_SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired as error:
        raise NoAnswer(NO_ANSWER) from error
    except (subprocess.CalledProcessError, OSError) as error:
        raise NoAnswer(str(error)) from error
    return _read(json.loads(process.stdout))


def _read(found: dict[str, Any]) -> LdapUser | None:
    if "error" in found:
        raise NoAnswer(found["error"])
    if found["user"] is None:
        return None
    user = found["user"]
    return LdapUser(user["name"], user["group_role"], tuple(user["unseen_groups"]))


def _environment() -> dict[str, str]:
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in ENVIRONMENT or name.startswith("LDAP")
    }
    # This process has found ndscheduler and python-ldap there.
    path = os.pathsep.join(directory for directory in sys.path if directory)
    return {**kept, "PYTHONPATH": path, "PYTHONSAFEPATH": "1", "PYTHONUTF8": "1"}


def main() -> None:
    """What the process does: a question from stdin, its answer to stdout."""
    # Should nobody be there any more to end it.
    signal.alarm(math.ceil(PATIENCE_SECONDS))
    question = json.load(sys.stdin)
    settings = LdapSettings(**question["settings"])
    try:
        user = LdapServer(settings).find(question["name"], question["password"])
    except ldap.LDAPError as error:
        reason = reason_of(error)
        if settings.uses_tls and isinstance(error, (ldap.SERVER_DOWN, ldap.CONNECT_ERROR)):
            reason += " (or its certificate is not trusted, or has another name)"
        answer: dict[str, Any] = {"error": reason}
    else:
        answer = {"user": None if user is None else asdict(user)}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
