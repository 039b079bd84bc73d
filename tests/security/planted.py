"""A server with a secret in every place where an operator, a user or a job may put one."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import bcrypt
import psycopg
import pytest
import yaml

from tests.chaos.processes import free_port
from tests.databases import POSTGRES_URL
from tests.security import slapd
from tests.security.peers import refusing_smtp_server, web_server

ROOT = Path(__file__).resolve().parent.parent.parent


def canary(name: str) -> str:
    """A text that stands nowhere else; `name` helps to tell which one was found."""
    return f"canary-{name}-{uuid.uuid4().hex[:10]}"


def _hash(password: str) -> str:
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()


@dataclass
class Canaries:
    """What must be found nowhere. Those that the server makes are added while it is asked."""

    database_password: str = field(default_factory=lambda: canary("database"))
    smtp_password: str = field(default_factory=lambda: canary("smtp"))
    cookie_secret: str = field(default_factory=lambda: canary("cookie") + "x" * 32)
    root_password: str = field(default_factory=lambda: canary("root"))
    user_password: str = field(default_factory=lambda: canary("user"))
    new_password: str = field(default_factory=lambda: canary("changed"))
    typed_password: str = field(default_factory=lambda: canary("typed"))
    wrong_password: str = field(default_factory=lambda: canary("wrong"))
    job_secret: str = field(default_factory=lambda: canary('job "quoted"'))
    unused_secret: str = field(default_factory=lambda: canary("unused"))
    slack_path: str = field(default_factory=lambda: canary("slack"))
    own_setting: str = field(default_factory=lambda: canary("own"))
    environment: str = field(default_factory=lambda: canary("environment"))
    # Of everybody in the directory.
    directory_password: str = slapd.PASSWORD
    root_hash: str = ""
    private_key: str = ""
    session_id: str = ""
    later_session_id: str = ""
    api_token: str = ""

    def __post_init__(self) -> None:
        self.root_hash = _hash(self.root_password)


CANARY_NAMES = tuple(Canaries.__dataclass_fields__)


@dataclass
class Planted:
    """A server process that has all the secrets, and where it keeps what."""

    canaries: Canaries
    folder: Path
    role: str
    port: int
    slack_url: str
    mail_servers: list[str]
    # Where slapd and python-ldap are installed.
    directory: slapd.Slapd | None = None
    process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    @property
    def certificate(self) -> str:
        return str(self.folder / "cert.pem")

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def database_config(self, **changes: Any) -> dict[str, Any]:
        """DATABASE_CONFIG_DICT, with the password."""
        info = psycopg.conninfo.conninfo_to_dict(POSTGRES_URL)
        config = {
            "user": self.role,
            "password": self.canaries.database_password,
            "hostname": info.get("host"),
            "port": int(info.get("port") or 5432),
            "database": self.role,
        }
        return {**config, **changes}

    def environment(self, **changes: str) -> dict[str, str]:
        """Of the server: some settings, and what it was started with beside them."""
        return {
            **os.environ,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests' / 'data'}",
            "NDSCHEDULER_DATABASE_CONFIG_DICT": json.dumps(self.database_config()),
            "NDSCHEDULER_SECURE_COOKIE": self.canaries.cookie_secret,
            "SIMPLE_SCHEDULER_SLACK_URL": self.slack_url,
            "SOMEBODYS_API_KEY": self.canaries.environment,
            **changes,
        }

    def command(self, *arguments: str) -> list[str]:
        settings = str(self.folder / "config.yaml")
        return [
            sys.executable,
            "-m",
            "ndscheduler",
            *arguments,
            "-y",
            settings,
            "-s",
            "own_settings",
        ]

    def told_by(self, *arguments: str, typed: str = "", **environment: str) -> str:
        """What another command of ndscheduler prints, on both of its outputs."""
        done = subprocess.run(
            self.command(*arguments),
            cwd=self.folder,
            env=self.environment(**environment),
            capture_output=True,
            input=typed,
            text=True,
            timeout=60,
        )
        return f"{arguments} {done.returncode}\n{done.stdout}\n{done.stderr}"

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command("serve"),
                cwd=self.folder,
                env=self.environment(),
                stdout=log,
                stderr=log,
            )

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(30)
            finally:
                self.process.kill()
                self.process.wait()

    def admin_sql(self, *statements: str) -> None:
        """Run statements as the owner of the database server."""
        with psycopg.connect(POSTGRES_URL, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())

    def rows(self) -> dict[str, str]:
        """All that every table holds, by the table's name."""
        info = self.database_config()
        with psycopg.connect(
            host=info["hostname"],
            port=info["port"],
            dbname=self.role,
            user=self.role,
            password=info["password"],
        ) as connection:
            query = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^scheduler'"
            names = [name for (name,) in connection.execute(query).fetchall()]
            return {
                name: "\n".join(map(repr, connection.execute(f'SELECT * FROM "{name}"'.encode())))
                for name in names
            }


@contextmanager
def planted(folder: Path) -> Iterator[Planted]:
    """A server that runs, on a database and with a database user of its own."""
    canaries = Canaries()
    with ExitStack() as stack:
        slack = stack.enter_context(web_server())
        mail = stack.enter_context(refusing_smtp_server())
        server = Planted(
            canaries,
            folder,
            role=f"canary_{uuid.uuid4().hex[:10]}",
            port=free_port(),
            slack_url=f"http://{slack}/services/{canaries.slack_path}",
            mail_servers=[f"smtp://bot:{canaries.smtp_password}@{mail}"],
        )
        if slapd.SLAPD is not None and importlib.util.find_spec("ldap") is not None:
            (folder / "directory").mkdir()
            server.directory = stack.enter_context(slapd.slapd(folder / "directory"))
        _write_files(server)
        server.admin_sql(
            f"CREATE ROLE {server.role} LOGIN PASSWORD '{canaries.database_password}'",
            f"CREATE DATABASE {server.role} OWNER {server.role}",
        )
        stack.callback(_drop_database, server)
        stack.callback(server.stop)
        server.told_by("migrate")
        server.start()
        yield server


def _drop_database(server: Planted) -> None:
    server.admin_sql(f"DROP DATABASE {server.role} WITH (FORCE)", f"DROP ROLE {server.role}")


def _write_files(server: Planted) -> None:
    canaries, folder = server.canaries, server.folder
    canaries.private_key = _make_certificate(folder)
    secrets = folder / "secrets.yaml"
    secrets.touch(0o600)
    secrets.write_text(json.dumps({"KEY": canaries.job_secret, "OTHER": canaries.unused_secret}))
    settings = {
        "HTTP_PORT": server.port,
        # Of all loggers, also those that are quiet at LOGGING_LEVEL: DEBUG.
        "DEBUG": True,
        "DATABASE_CLASS": "postgres",
        "JOB_CLASS_PACKAGES": ["extra_jobs", "simple_scheduler.jobs"],
        "SSL_CERT": server.certificate,
        "SSL_KEY": str(folder / "key.pem"),
        "AUTH_CREDENTIALS": {"root": canaries.root_hash},
        "ADMIN_USER": ["root"],
        "ADMIN_MAIL": ["admin@example.org"],
        "SERVER_MAIL": "bot@example.org",
        "MAIL_SERVER": server.mail_servers,
        "SECRETS_FILE": str(secrets),
        "SPILL_DIR": str(folder / "spill"),
        "DRAIN_TIMEOUT_SEC": 5,
        "LDAP_SERVER": server.directory.url if server.directory else "",
    }
    own = f"SOMEBODYS_PASSWORD = {canaries.own_setting!r}\n"
    (folder / "own_settings.py").write_text(own)
    (folder / "config.yaml").write_text(yaml.safe_dump(settings))


def _make_certificate(folder: Path) -> str:
    """Write cert.pem and key.pem; a line of the key."""
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost"
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    address = ["-addext", "subjectAltName=IP:127.0.0.1"]
    try:
        subprocess.run([*command.split(), *address, *files], check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    return (folder / "key.pem").read_text().splitlines()[2]
