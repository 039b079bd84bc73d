"""The console script `ndscheduler`. Every error is one sentence on stderr and exit status 2."""

from __future__ import annotations

import argparse
import io
import os
import sys
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ndscheduler.config_args import option_parser
from ndscheduler.corescheduler.errors import NdschedulerError
from ndscheduler.user_arguments import add_arguments as add_user_arguments

if TYPE_CHECKING:
    from ndscheduler.config_sources import Resolved

EXIT_BROKEN_JOB_CLASS = 1
EXIT_ERROR = 2
EXIT_INTERRUPTED = 130


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command in `argv` (the process's command line if None) and return the exit status.

    A command line that can not be read exits as argparse does, with 2.
    """
    make_current_directory_importable()
    show_any_text()
    parser = command_parser()
    options = parser.parse_args(argv)
    if options.command is None:
        parser.print_help()
        return 0
    try:
        return COMMANDS[options.command](options)
    except NdschedulerError as error:
        print(error, file=sys.stderr)
        return EXIT_ERROR
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED


def command_parser() -> argparse.ArgumentParser:
    """The parser of the whole command line; the options may stand before or after the command."""
    parser = argparse.ArgumentParser(
        prog="ndscheduler",
        description="The scheduler that Python teams replace cron with.",
        parents=[option_parser()],
        allow_abbrev=False,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND")
    for name, command in COMMANDS.items():
        text = command.__doc__ or ""
        added = commands.add_parser(
            name, help=text.splitlines()[0], description=text, parents=[option_parser()]
        )
        if name in ARGUMENTS:
            ARGUMENTS[name](added)
    return parser


def make_current_directory_importable() -> None:
    """A console script does not look for modules in the current directory, as `python -m` does."""
    if not {"", os.getcwd()} & set(sys.path):
        sys.path.insert(0, os.getcwd())


def show_any_text() -> None:
    """A terminal that knows ASCII only shows names of jobs with escapes, and ends no command."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")


def serve(options: argparse.Namespace) -> int:
    """Run the scheduler, its REST API and its page until SIGTERM or SIGINT."""
    # First, so that a bad setting is told before anything else is loaded.
    config = resolved(options).config
    from ndscheduler.server.server import SchedulerServer

    return SchedulerServer.run_with(config)


def migrate(options: argparse.Namespace) -> int:
    """Bring the tables of the database to those of this release."""
    from ndscheduler.server.build import configured_datastore

    with configured_datastore(resolved(options).config) as datastore:
        print(datastore.migrate())
    return 0


def prune(options: argparse.Namespace) -> int:
    """Delete at once the history that the settings do not keep, as servers do hour by hour."""
    from ndscheduler.corescheduler.core.retention import RetentionPass
    from ndscheduler.server.build import configured_datastore, keep_rules

    config = resolved(options).config
    with configured_datastore(config) as datastore:
        datastore.check_schema()
        print(f"Deleted {RetentionPass(datastore, keep_rules(config), time.sleep).run()}.")
    return 0


def backup(options: argparse.Namespace) -> int:
    """Write all of the database to a file, while servers run.

    SQLite databases are copied as they are, unless FILE ends in .jsonl or .gz or is "-" (standard
    output); other databases are written as JSON Lines.
    """
    from ndscheduler import backup_commands

    return backup_commands.backup(resolved(options).config, options)


def restore(options: argparse.Namespace) -> int:
    """Read a backup of any database into an empty one, whole or not at all.

    Executions that ran when it was made become interrupted.
    """
    from ndscheduler import backup_commands

    return backup_commands.restore(resolved(options).config, options)


def users(options: argparse.Namespace) -> int:
    """Add, change and list the accounts of the database, while servers run."""
    from ndscheduler import user_commands

    return user_commands.users(resolved(options).config, options)


def check_config(options: argparse.Namespace) -> int:
    """Print every setting and where it comes from, with secrets masked."""
    from ndscheduler.config_report import report

    for line in report(resolved(options)):
        print(line)
    return 0


def hash_password(options: argparse.Namespace) -> int:
    """Read a password from the terminal or from standard input, print its bcrypt hash."""
    from ndscheduler.passwords import print_password_hash

    return print_password_hash()


def jobs(options: argparse.Namespace) -> int:
    """List the job classes of JOB_CLASS_PACKAGES.

    The exit status is 1 when one of the modules does not import.
    """
    from ndscheduler.corescheduler.registry import Registry

    packages = resolved(options).config.JOB_CLASS_PACKAGES
    infos = Registry(packages).job_classes()
    for info in infos:
        print(info.job_class_string)
        detail = f"error: {info.error}" if info.error else info.notes
        for line in (detail or "").strip().splitlines():
            print(f"    {line.strip()}")
    if not infos:
        print(f"No job class in JOB_CLASS_PACKAGES {packages}.")
    return EXIT_BROKEN_JOB_CLASS if any(info.error for info in infos) else 0


def resolved(options: argparse.Namespace) -> Resolved:
    """The settings for this command line."""
    from ndscheduler.config_sources import resolve_options

    return resolve_options(options, os.environ)


def _backup_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help='file to write; "-" is standard output')
    parser.add_argument("--format", choices=("sqlite", "jsonl"), default=None)
    parser.add_argument(
        "--force", action="store_true", default=False, help="overwrite a file that exists"
    )


def _restore_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help='file to read; "-" is standard input')


def _users_arguments(parser: argparse.ArgumentParser) -> None:
    add_user_arguments(parser, option_parser())


ARGUMENTS: dict[str, Callable[[argparse.ArgumentParser], None]] = {
    "backup": _backup_arguments,
    "restore": _restore_arguments,
    "users": _users_arguments,
}

COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "serve": serve,
    "migrate": migrate,
    "prune": prune,
    "backup": backup,
    "restore": restore,
    "users": users,
    "check-config": check_config,
    "hash-password": hash_password,
    "jobs": jobs,
}
