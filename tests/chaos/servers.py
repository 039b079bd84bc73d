"""Database servers of our own, that a test may kill and stop: PostgreSQL and MariaDB.

They write at once what they confirm, but do not wait for the disk: what they confirmed outlives a
kill -9 of every one of their processes, though not a power cut.
"""

from __future__ import annotations

import glob
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar

import psycopg
import pymysql

from ndscheduler.corescheduler.clock import uptime
from tests.chaos.processes import wait_until

START_SECONDS = 60
# Outside the range from which the kernel takes ports for clients: else a client that retries
# while the server is away may be given the server's port, and connect to itself.
PORTS = range(20_000, 30_000)


def server_port() -> int:
    """A port for a server that goes away and comes back."""
    for port in random.SystemRandom().sample(PORTS, 200):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")


class PrivateServer(ABC):
    """A database server in a folder of its own, on a port of its own, open to everybody here."""

    kind: ClassVar[str]
    # Whom it runs as where we are root: neither server agrees to run as root.
    account: ClassVar[str]
    # What makes an empty server, and what serves it.
    programs: ClassVar[tuple[str, str]]
    # Where they are beside PATH.
    places: ClassVar[tuple[str, ...]] = ()

    def __init__(self) -> None:
        self.port = server_port()
        self.folder = Path(tempfile.mkdtemp(prefix=f"ndscheduler-{self.kind}-"))
        self._process: subprocess.Popen[bytes] | None = None
        if os.geteuid() == 0:
            shutil.chown(self.folder, self.account, pwd.getpwnam(self.account).pw_gid)

    @classmethod
    def missing_reason(cls) -> str | None:
        """Why there can be no such server here; None if there can."""
        for name in cls.programs:
            if cls.find(name) is None:
                return f"{name} is not installed"
        if os.geteuid() == 0 and cls.account not in {user.pw_name for user in pwd.getpwall()}:
            return f"there is no user {cls.account}, and the server does not run as root"
        return None

    @classmethod
    def find(cls, name: str) -> str | None:
        """The path of a program, on PATH or in `places`; of several the last."""
        path = os.pathsep.join([os.environ["PATH"], "/usr/sbin"])
        others = sorted(file for place in cls.places for file in glob.glob(f"{place}/{name}"))
        return shutil.which(name, path=path) or (others[-1] if others else None)

    @property
    @abstractmethod
    def db_config(self) -> dict[str, Any]:
        """The setting DATABASE_CONFIG_DICT."""

    @abstractmethod
    def prepare(self) -> None:
        """Make the files of an empty server."""

    @abstractmethod
    def command(self) -> list[str]:
        """What starts the server in the foreground."""

    @abstractmethod
    def ask(self) -> None:
        """Let the server answer a question. Raises where it does not."""

    @property
    def data(self) -> Path:
        """Where its files are."""
        return self.folder / "data"

    def start(self) -> float:
        """Start it; the machine's uptime at which it first answered."""
        with (self.folder / "log").open("ab") as log:
            self._process = self._spawn(self.command(), stdout=log, stderr=log)
        wait_until(self._answers, START_SECONDS, f"the start of {self.kind} ({self.folder}/log)")
        return uptime()

    def kill(self) -> None:
        """kill -9 of the whole server: nothing of it runs any more."""
        # First it is stopped, so that it makes no new process meanwhile.
        self._signal_all(signal.SIGSTOP)
        self._signal_all(signal.SIGKILL)
        assert self._process is not None
        self._process.wait(10)
        self._process = None

    def suspend(self) -> None:
        """Stop all its processes: connections stay open and new ones are taken, nothing answers."""
        self._signal_all(signal.SIGSTOP)

    def resume(self) -> float:
        """Let its processes go on; the machine's uptime at which they did."""
        self._signal_all(signal.SIGCONT)
        return uptime()

    def close(self) -> None:
        """End it, in good order where it lets us, and delete its files."""
        if self._process is not None and self._process.poll() is None:
            self.resume()
            # PostgreSQL: the fast shutdown. MariaDB does not take this signal, but the next.
            self._process.send_signal(signal.SIGINT)
            self._process.terminate()
            try:
                self._process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _spawn(self, command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        if os.geteuid() == 0:
            account = pwd.getpwnam(self.account)
            options |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        return subprocess.Popen(command, cwd=self.folder, start_new_session=True, **options)

    def _run(self, command: list[str]) -> None:
        log = self.folder / "prepare.log"
        with log.open("wb") as output:
            status = self._spawn(command, stdout=output, stderr=output).wait(120)
        if status != 0:
            raise AssertionError(f"{command[0]} failed: {log.read_text()[-2000:]}")

    def _answers(self) -> bool:
        assert self._process is not None
        if self._process.poll() is not None:
            log = (self.folder / "log").read_text(errors="replace")
            raise AssertionError(f"{self.kind} ended: {log[-2000:]}")
        try:
            self.ask()
        except (psycopg.OperationalError, pymysql.err.OperationalError):
            return False
        return True

    def _signal_all(self, number: int) -> None:
        assert self._process is not None
        for pid in [self._process.pid, *children(self._process.pid)]:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue


class PrivatePostgres(PrivateServer):
    """PostgreSQL."""

    kind = "postgres"
    account = "postgres"
    programs = ("initdb", "postgres")
    places = ("/usr/lib/postgresql/*/bin",)

    @property
    def db_config(self) -> dict[str, Any]:
        return {
            "user": "postgres",
            "password": "",
            "hostname": "127.0.0.1",
            "port": self.port,
            "database": "postgres",
        }

    def prepare(self) -> None:
        initdb = str(self.find("initdb"))
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        self._run([initdb, "-D", str(self.data), *options])

    def command(self) -> list[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": "",
            "fsync": "off",
            "shared_buffers": "32MB",
            "dynamic_shared_memory_type": "mmap",
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.find("postgres")), "-D", str(self.data), *options]

    def ask(self) -> None:
        address = {"host": "127.0.0.1", "port": self.port, "user": "postgres"}
        with psycopg.connect(**address, dbname="postgres", connect_timeout=2) as connection:
            connection.execute("SELECT 1")


class PrivateMariaDb(PrivateServer):
    """MariaDB."""

    kind = "mysql"
    account = "mysql"
    programs = ("mariadb-install-db", "mariadbd")

    @property
    def db_config(self) -> dict[str, Any]:
        return {
            "user": "tester",
            "password": "",
            "hostname": "127.0.0.1",
            "port": self.port,
            "database": "chaos",
        }

    def prepare(self) -> None:
        install = str(self.find("mariadb-install-db"))
        self._run([install, "--no-defaults", f"--datadir={self.data}", "--skip-test-db"])
        (self.folder / "init.sql").write_text(
            "CREATE DATABASE IF NOT EXISTS chaos CHARACTER SET utf8mb4;\n"
            "CREATE USER IF NOT EXISTS tester@'127.0.0.1' IDENTIFIED BY '';\n"
            "GRANT ALL ON *.* TO tester@'127.0.0.1';\n"
        )

    def command(self) -> list[str]:
        return [
            str(self.find("mariadbd")),
            "--no-defaults",
            f"--datadir={self.data}",
            f"--socket={self.folder}/socket",
            f"--pid-file={self.folder}/pid",
            f"--port={self.port}",
            "--bind-address=127.0.0.1",
            f"--init-file={self.folder}/init.sql",
            # Each COMMIT is written, once a second it is flushed.
            "--innodb-flush-log-at-trx-commit=2",
            "--innodb-buffer-pool-size=32M",
            "--skip-name-resolve",
        ]

    def ask(self) -> None:
        address = {"host": "127.0.0.1", "port": self.port, "user": "tester", "database": "chaos"}
        with pymysql.connect(**address, connect_timeout=2, read_timeout=2) as connection:
            connection.ping(reconnect=False)


def children(parent: int) -> list[int]:
    """The processes that `parent` and its children have started."""
    parents = {}
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = status.read_text()
        except OSError:
            continue
        # After the name, which may hold anything, in brackets: state, parent.
        parents[int(status.parent.name)] = int(text.rpartition(")")[2].split()[1])
    found = [parent]
    for pid in found:
        found += [child for child, its_parent in parents.items() if its_parent == pid]
    return found[1:]
