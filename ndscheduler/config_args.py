"""The options of the command line, the same for `ndscheduler` and for users' own server files."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from typing import Any

from ndscheduler.version import __version__

# argparse's destinations -> settings.
SETTING_OF_OPTION = {
    "http_port": "HTTP_PORT",
    "http_address": "HTTP_ADDRESS",
    "logging_level": "LOGGING_LEVEL",
    "debug": "DEBUG",
}


class CallAndExit(argparse.Action):
    """An option that does its work while parsing and exits with what that returns, as --version."""

    def __init__(self, work: Callable[[], int], **options: Any) -> None:
        super().__init__(nargs=0, **options)
        self.work = work

    def __call__(self, parser: argparse.ArgumentParser, *_: Any) -> None:
        """Run the work, then exit."""
        parser.exit(self.work())


def _hash_password() -> int:
    from ndscheduler.passwords import print_password_hash

    return print_password_hash()


def option_parser() -> argparse.ArgumentParser:
    """The options, without --help, as a parent of other parsers.

    An option that is not given leaves no attribute: so one before a subcommand is not undone by
    the subcommand's parser, and defaults stay where they belong, in the table of settings.
    """
    parser = argparse.ArgumentParser(
        add_help=False, argument_default=argparse.SUPPRESS, allow_abbrev=False
    )
    add = parser.add_argument
    add("--nd-settings", "-s", metavar="MODULE", help="Python module with settings")
    add("--yaml-config", "-y", metavar="FILE", help="YAML file with settings")
    add("--http-port", "-p", metavar="PORT", help="port to listen on")
    add("--http-address", "-a", metavar="ADDRESS", help="address to listen on")
    add("--logging-level", "-l", metavar="LEVEL", help="DEBUG, INFO, WARNING, ERROR or CRITICAL")
    add("--debug", action="store_true", help="log at level DEBUG")
    add("--encrypt", "-e", action=CallAndExit, work=_hash_password, help="hash a password and exit")
    add("--version", "-V", action="version", version=f"ndscheduler {__version__}")
    return parser


def parse_options(
    argv: Sequence[str], extra_parser: argparse.ArgumentParser | None = None
) -> argparse.Namespace:
    """The options in `argv`. Exits with 2 and a usage line when there is one that is not known.

    `extra_parser` is that of a user's settings module: its options are taken too.
    """
    parents = [option_parser()]
    if extra_parser is not None:
        parents.append(extra_parser)
    parser = argparse.ArgumentParser(
        parents=parents, conflict_handler="resolve", allow_abbrev=False
    )
    return parser.parse_args(list(argv))


def parse_known_options(argv: Sequence[str]) -> argparse.Namespace:
    """The options in `argv` that are known; others are passed over."""
    return option_parser().parse_known_args(list(argv))[0]
