"""The arguments of the command `users`. Imports nothing that takes time: all commands ask here."""

from __future__ import annotations

import argparse

from ndscheduler.corescheduler.roles import Role

# What `user_commands` does for each.
ACTIONS = {
    "add": "Add an account; its password is typed twice, or the first line of standard input.",
    "passwd": "Change the password of an account; its logins end.",
    "disable": "Let an account log in no more; its logins and API tokens end.",
    "enable": "Let an account log in again.",
    "role": "Give an account another role; its logins end.",
    "list": "List the accounts; those of AUTH_CREDENTIALS are read-only, LDAP's not known here.",
}


def add_arguments(parser: argparse.ArgumentParser, options: argparse.ArgumentParser) -> None:
    """Let `parser` take the actions; `options` are those that every command takes."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    for name, text in ACTIONS.items():
        added = actions.add_parser(name, help=text, description=text, parents=[options])
        if name != "list":
            added.add_argument("name", metavar="NAME")
    words = [role.value for role in Role]
    actions.choices["add"].add_argument(
        "--role", choices=words, default=None, help="default: viewer; of the first account, admin"
    )
    actions.choices["role"].add_argument("role", metavar="ROLE", choices=words)
