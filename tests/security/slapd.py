"""A real OpenLDAP server with the people that the tests log in."""

from __future__ import annotations

import shutil
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.api.api_server import wait_for

# Debian's PATH of users does not have it.
SLAPD = shutil.which("slapd") or shutil.which("slapd", path="/usr/sbin:/usr/local/sbin")
SCHEMAS = Path("/etc/ldap/schema")
BASE = "dc=example,dc=com"
PASSWORD = "correct horse"

CONFIGURATION = """
include {schemas}/core.schema
include {schemas}/cosine.schema
include {schemas}/nis.schema
include {schemas}/inetorgperson.schema
modulepath /usr/lib/ldap
moduleload back_mdb
TLSCACertificateFile {directory}/server.pem
TLSCertificateFile {directory}/server.pem
TLSCertificateKeyFile {directory}/server.key
# Else a bind without a password would be refused by the server, and not by us.
allow bind_anon_cred bind_anon_dn
access to attrs=userPassword by anonymous auth by * none
access to dn.exact=cn=hidden,ou=groups,{base} by * none
access to dn.exact=uid=unseen,ou=users,{base} by anonymous auth by * none
access to * by users read by anonymous auth
database mdb
maxsize 10485760
suffix "{base}"
directory {directory}/data
"""

ROOT = """
dn: {base}
objectClass: dcObject
objectClass: organization
dc: example
o: Example

dn: ou=users,{base}
objectClass: organizationalUnit
ou: users

dn: ou=groups,{base}
objectClass: organizationalUnit
ou: groups
"""

PERSON = """
dn: uid={rdn},{under}
objectClass: inetOrgPerson
uid: {uid}
cn: someone
sn: someone
userPassword: {password}
"""

GROUP = """
dn: cn={name},ou=groups,{base}
objectClass: groupOfNames
cn: {name}
member: uid={member},ou=users,{base}
"""

POSIX_GROUP = """
dn: cn={name},ou=groups,{base}
objectClass: posixGroup
cn: {name}
gidNumber: 100
memberUid: {member}
"""

# Groups, and the roles that the tests let them give.
GROUPS = {
    f"cn={name},ou=groups,{BASE}": role
    for name, role in {
        "operators": "operator",
        "admins": "admin",
        "editors": "editor",
        "hidden": "editor",
        "posix": "viewer",
        "missing": "viewer",
    }.items()
}


class Slapd:
    """A server that runs, and its addresses."""

    def __init__(self, directory: Path, port: int, tls_port: int) -> None:
        self.certificate = directory / "server.pem"
        self.log = directory / "log"
        self.url = f"ldap://127.0.0.1:{port}"
        self.tls_url = f"ldaps://127.0.0.1:{tls_port}"
        self.other_name = f"ldaps://localhost:{tls_port}"
        self.process: subprocess.Popen[bytes]

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """The server takes connections, and answers nothing."""
        self.process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self.process.send_signal(signal.SIGCONT)

    def asked(self) -> int:
        """How many passwords it has been shown."""
        return self.log.read_text(errors="replace").count(" method=128")


def entries() -> str:
    """The directory as LDIF."""
    users = f"ou=users,{BASE}"
    names = ["ann", "Bea.Smith", "cid", "dan", "unseen", "*", "a(b)c"]
    people = [(name, name, users) for name in names]
    people += [("smith\\, eve", "smith, eve", users), ("back\\\\slash", "back\\slash", users)]
    # Who puts "phone,uid=ann" into a template as it is, asks for this entry.
    people.append(("phone", "phone", f"uid=ann,{users}"))
    made = [
        PERSON.format(rdn=rdn, uid=uid, under=under, password=PASSWORD)
        for rdn, uid, under in people
    ]
    groups = [
        GROUP.format(name="operators", member="ann", base=BASE),
        GROUP.format(name="admins", member="cid", base=BASE),
        GROUP.format(name="editors", member="cid", base=BASE),
        GROUP.format(name="hidden", member="dan", base=BASE),
        POSIX_GROUP.format(name="posix", member="Bea.Smith", base=BASE),
    ]
    return ROOT.format(base=BASE) + "".join(made) + "".join(groups)


def self_signed(directory: Path, name: str) -> Path:
    """A certificate for 127.0.0.1 that vouches for itself; its key is beside it."""
    certificate, key = directory / f"{name}.pem", directory / f"{name}.key"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    command += ["-keyout", str(key), "-out", str(certificate), "-subj", "/CN=directory.example"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    return certificate


@contextmanager
def slapd(directory: Path) -> Iterator[Slapd]:
    """slapd with its files in `directory`, until the end of the block."""
    if SLAPD is None or not SCHEMAS.is_dir():
        pytest.skip("slapd is not installed")
    # AppArmor of Ubuntu lets the installed file read nothing in other directories.
    program = shutil.copy(SLAPD, directory / "slapd")
    configuration = directory / "slapd.conf"
    text = CONFIGURATION.format(schemas=SCHEMAS, directory=directory, base=BASE)
    configuration.write_text(text)
    (directory / "data").mkdir()
    self_signed(directory, "server")
    add = [program, "-T", "add", "-f", str(configuration)]
    subprocess.run(add, input=entries().encode(), check=True, capture_output=True, timeout=60)
    server = Slapd(directory, free_port(), free_port())
    command = [program, "-d", "stats", "-f", str(configuration)]
    command += ["-h", f"{server.url} {server.tls_url}"]
    with server.log.open("wb") as log:
        server.process = subprocess.Popen(command, stderr=log)
    try:
        wait_for(lambda: server.process.poll() is not None or _answers(server.url))
        assert server.process.poll() is None, server.log.read_text(errors="replace")
        yield server
    finally:
        server.process.send_signal(signal.SIGCONT)
        server.process.terminate()
        server.process.wait(30)


def free_port() -> int:
    """A port of 127.0.0.1 on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def _answers(url: str) -> bool:
    host, _, port = url.removeprefix("ldap://").partition(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except ConnectionError:
        return False
    return True
