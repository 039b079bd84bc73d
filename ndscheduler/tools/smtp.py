"""Mail over SMTP: composing a message, and giving it to the first server that takes it."""

from __future__ import annotations

import contextlib
import mimetypes
import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.utils import formatdate, getaddresses, make_msgid
from pathlib import Path
from urllib.parse import unquote, urlsplit

from ndscheduler.corescheduler.errors import ConfigError, MailNotSent

DEFAULT_TIMEOUT_SECONDS = 10.0
MAX_SUBJECT_LENGTH = 250

_DEFAULT_PORTS = {"smtp": 25, "smtps": 465, "smtp+starttls": 587}


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed in. The password is in no repr and no error."""

    scheme: str
    host: str
    port: int
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


def parse_server(text: str) -> MailServer:
    """The server that `text` names.

    "host", "host:port", or a URL with smtp://, smtps:// (TLS from the start) or smtp+starttls://
    (TLS before the login), and perhaps user:password@, percent-encoded. The default ports are 25,
    465 and 587. Raises ConfigError, which does not repeat a password.
    """
    shown = text.rpartition("@")[2]
    try:
        url = urlsplit(text if "://" in text else f"smtp://{text}")
        port = url.port
    except ValueError as error:
        raise ConfigError(f"MAIL_SERVER: {shown!r} is no host and port: {error}.") from None
    if url.scheme not in _DEFAULT_PORTS:
        known = ", ".join(f"{scheme}://" for scheme in _DEFAULT_PORTS)
        raise ConfigError(f"MAIL_SERVER: {shown!r} does not begin with one of {known}.")
    if not url.hostname:
        raise ConfigError(f"MAIL_SERVER: {shown!r} names no host.")
    user = None if url.username is None else unquote(url.username)
    password = None if url.password is None else unquote(url.password)
    default_port = _DEFAULT_PORTS[url.scheme]
    return MailServer(url.scheme, url.hostname, port or default_port, user, password)


def compose(mail_from: str, mail_to: Sequence[str], subject: str, text: str) -> EmailMessage:
    """A mail of plain text.

    Line breaks and other control characters in `subject` become spaces. Raises ValueError for an
    address that holds one, or that is none.
    """
    message = EmailMessage()
    message["From"] = ", ".join(_addresses([mail_from]))
    message["To"] = ", ".join(_addresses(mail_to))
    message["Subject"] = _one_line(subject)
    message["Date"] = formatdate(localtime=True)
    message["Message-ID"] = make_msgid(domain=_bare(mail_from).rpartition("@")[2] or "localhost")
    message.set_content(_sound(text))
    return message


def attach(message: EmailMessage, path: str | Path) -> None:
    """Add the file at `path`. Raises OSError when it can not be read."""
    kind = mimetypes.guess_type(str(path))[0] or "application/octet-stream"
    maintype, _, subtype = kind.partition("/")
    content = Path(path).read_bytes()
    message.add_attachment(content, maintype, subtype, filename=Path(path).name)


def deliver(
    message: EmailMessage,
    servers: Sequence[str],
    timeout_seconds: float = DEFAULT_TIMEOUT_SECONDS,
) -> dict[str, tuple[int, bytes]]:
    """Give `message` to the first of `servers` that takes it.

    Returns the recipients that this server refused while it took others, with its answer for
    each. Raises MailNotSent, which names what each server said, and ConfigError.
    """
    if not servers:
        raise MailNotSent("There is no mail server: MAIL_SERVER is empty.")
    problems = []
    for server in [parse_server(str(text)) for text in servers]:
        try:
            return _hand_in(message, server, timeout_seconds)
        except (OSError, smtplib.SMTPException, UnicodeError) as error:
            problems.append(f"{server}: {_cause(error)}")
    raise MailNotSent(f"No mail server took the mail ({'; '.join(problems)}).")


def _hand_in(
    message: EmailMessage, server: MailServer, timeout_seconds: float
) -> dict[str, tuple[int, bytes]]:
    connection = _connect(server, timeout_seconds)
    try:
        if server.scheme == "smtp+starttls":
            connection.starttls(context=ssl.create_default_context())
        if server.user is not None:
            connection.login(server.user, server.password or "")
        return connection.send_message(message)
    finally:
        # A server that took the mail and then says no proper goodbye has taken it all the same.
        with contextlib.suppress(OSError, smtplib.SMTPException):
            connection.quit()
        connection.close()


def _connect(server: MailServer, timeout_seconds: float) -> smtplib.SMTP:
    if server.scheme == "smtps":
        context = ssl.create_default_context()
        return smtplib.SMTP_SSL(server.host, server.port, timeout=timeout_seconds, context=context)
    return smtplib.SMTP(server.host, server.port, timeout=timeout_seconds)


def _addresses(texts: Sequence[str]) -> list[str]:
    for text in texts:
        if not text.isprintable() or "@" not in _bare(text):
            raise ValueError(f"{text!r} is not a mail address.")
    return list(texts)


def _bare(text: str) -> str:
    """The address in `text`, without the name before it; "" when there is none."""
    found = getaddresses([text])
    return found[0][1] if found else ""


def _one_line(text: str) -> str:
    printable = "".join(char if char.isprintable() else " " for char in _sound(text))
    return " ".join(printable.split())[:MAX_SUBJECT_LENGTH]


def _sound(text: str) -> str:
    """`text` with what UTF-8 can not carry replaced."""
    return text.encode("utf-8", errors="replace").decode("utf-8")


def _cause(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = {answer[1].decode("utf-8", "replace") for answer in error.recipients.values()}
        return f"refused all recipients, {', '.join(sorted(answers))}"
    return " ".join(f"{type(error).__name__} {error}".split())
