"""Mail against real SMTP servers on loopback: good ones, bad ones and dead ones."""

from __future__ import annotations

import shutil
import ssl
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from ndscheduler import settings
from ndscheduler.corescheduler.errors import ConfigError, MailNotSent
from ndscheduler.tools import mail, smtp
from tests.unit.loopback_smtp import Mailbox, odd_server, refusing, smtp_server, text_of

SENDER = "Scheduler <scheduler@example.com>"


def test_a_mail_arrives_with_its_text_and_its_headers() -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox) as server:
        settings.MAIL_SERVER = [server]
        refused = mail.send(
            SENDER, ["a@example.com", "b@example.com"], "Caf\u00e9", "Snow \u2603", 1
        )

    assert refused == {}
    (message,) = mailbox.messages
    assert mailbox.envelopes[0].mail_from == "scheduler@example.com"
    assert mailbox.envelopes[0].rcpt_tos == ["a@example.com", "b@example.com"]
    assert message["From"] == SENDER
    assert message["To"] == "a@example.com, b@example.com"
    assert message["Subject"] == "Caf\u00e9"
    assert message["X-Priority"] == "1"
    assert message["Date"].datetime.tzinfo is not None
    assert message["Message-ID"].endswith("@example.com>")
    assert text_of(message) == "Snow \u2603\n"


def test_recipients_may_be_one_string() -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox) as server:
        settings.MAIL_SERVER = [server]
        mail.send(SENDER, mail.COMMASPACE.join(["a@example.com", "b@example.com"]), "s", "t")

    assert mailbox.envelopes[0].rcpt_tos == ["a@example.com", "b@example.com"]


def test_files_are_attached(tmp_path: Path) -> None:
    (tmp_path / "report.pdf").write_bytes(b"\x00\xff")
    (tmp_path / "odd").write_bytes(b"?")
    mailbox = Mailbox()
    with smtp_server(mailbox) as server:
        settings.MAIL_SERVER = [server]
        paths = [str(tmp_path / "report.pdf"), str(tmp_path / "odd")]
        mail.send(SENDER, ["a@example.com"], "s", "t", attachments=paths)

    pdf, odd = mailbox.messages[0].iter_attachments()
    assert (pdf.get_filename(), pdf.get_content_type()) == ("report.pdf", "application/pdf")
    assert pdf.get_content() == b"\x00\xff"
    assert odd.get_content_type() == "application/octet-stream"


def test_a_file_that_is_not_there_sends_nothing() -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox) as server:
        settings.MAIL_SERVER = [server]
        with pytest.raises(FileNotFoundError):
            mail.send(SENDER, ["a@example.com"], "s", "t", attachments=["/nonexistent"])

    assert mailbox.envelopes == []


def test_recipients_that_the_server_refuses_are_returned() -> None:
    mailbox = Mailbox(refused=("b@example.com",))
    with smtp_server(mailbox) as server:
        settings.MAIL_SERVER = [server]
        refused = mail.send(SENDER, ["a@example.com", "b@example.com"], "s", "t")

    assert refused == {"b@example.com": (550, b"nobody of this name")}
    assert mailbox.envelopes[0].rcpt_tos == ["a@example.com"]


def test_the_servers_are_tried_in_order() -> None:
    first, second = Mailbox(refused=("a@example.com",)), Mailbox()
    with smtp_server(first) as one, smtp_server(second) as two, smtp_server(Mailbox()) as three:
        settings.MAIL_SERVER = [refusing(), one, two, three]
        mail.send(SENDER, ["a@example.com"], "s", "t")

    assert first.envelopes == []
    assert len(second.envelopes) == 1


def test_when_no_server_takes_it_the_error_says_what_each_said() -> None:
    dead = refusing()
    with smtp_server(Mailbox(refused=("a@example.com",))) as strict:
        settings.MAIL_SERVER = [dead, strict]
        with pytest.raises(MailNotSent) as failure:
            mail.send(SENDER, ["a@example.com"], "s", "t")

    assert f"{dead}: ConnectionRefusedError" in str(failure.value)
    assert f"{strict}: refused all recipients, nobody of this name" in str(failure.value)


def test_without_a_server_it_says_so() -> None:
    with pytest.raises(MailNotSent, match="MAIL_SERVER is empty"):
        mail.send(SENDER, ["a@example.com"], "s", "t")


def test_a_line_break_in_the_subject_makes_no_header() -> None:
    mailbox = Mailbox()
    with smtp_server(mailbox) as server:
        settings.MAIL_SERVER = [server]
        mail.send(SENDER, ["a@example.com"], "Hi\r\nBcc: x@evil.com\n\n\x00there\udc80", "t")

    (message,) = mailbox.messages
    assert message["Subject"] == "Hi Bcc: x@evil.com there?"
    assert message["Bcc"] is None
    assert mailbox.envelopes[0].rcpt_tos == ["a@example.com"]


@pytest.mark.parametrize(
    "address", ["a@example.com\r\nBcc: x@evil.com", "a@example.com\nx", "nobody", "", "\x00@x"]
)
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="is not a mail address"):
        mail.send(SENDER, [address], "s", "t")
    with pytest.raises(ValueError, match="is not a mail address"):
        mail.send(address, ["a@example.com"], "s", "t")


@pytest.mark.parametrize("greeting", [b"", b"220 hello\r\n", b"220-endless\r\n" * 5, b"\xff" * 100])
def test_a_server_that_hangs_is_left_at_the_timeout(greeting: bytes) -> None:
    message = smtp.compose(SENDER, ["a@example.com"], "s", "t")
    started = time.monotonic()
    with odd_server(greeting) as server:
        with pytest.raises(MailNotSent):
            smtp.deliver(message, [server], timeout_seconds=0.3)

    assert time.monotonic() - started < 5


@pytest.mark.parametrize("greeting", [b"554 go away\r\n", b"HTTP/1.1 400 Bad Request\r\n\r\n"])
def test_a_server_that_wants_no_mail_is_passed_over(greeting: bytes) -> None:
    mailbox = Mailbox()
    message = smtp.compose(SENDER, ["a@example.com"], "s", "t")
    with odd_server(greeting) as odd, smtp_server(mailbox) as server:
        smtp.deliver(message, [odd, server], timeout_seconds=0.5)

    assert len(mailbox.envelopes) == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("mail.example.com", ("smtp", "mail.example.com", 25, None, None)),
        ("mail.example.com:2525", ("smtp", "mail.example.com", 2525, None, None)),
        ("[::1]:25", ("smtp", "::1", 25, None, None)),
        ("smtp://host", ("smtp", "host", 25, None, None)),
        ("smtps://u:p%40ss%3A@host", ("smtps", "host", 465, "u", "p@ss:")),
        ("smtp+starttls://u@host", ("smtp+starttls", "host", 587, "u", None)),
    ],
)
def test_a_server_is_named_by_host_and_port_or_url(text: str, expected: tuple[Any, ...]) -> None:
    assert smtp.parse_server(text) == smtp.MailServer(*expected)


@pytest.mark.parametrize(
    "text",
    [
        "ftp://u:SECRET@host",
        "smtp://u:SECRET@",
        "smtp://u:SECRET@host:port",
        "smtp://u:SECRET@[::1",
        "host:99999",
        "",
        "://",
    ],
)
def test_a_server_that_can_not_be_is_refused_without_its_password(text: str) -> None:
    with pytest.raises(ConfigError, match="MAIL_SERVER") as refusal:
        smtp.parse_server(text)

    assert "SECRET" not in str(refusal.value)


def test_a_server_shows_no_password() -> None:
    server = smtp.parse_server("smtps://user:SECRET@host")

    assert "SECRET" not in f"{server} {server!r}"


@pytest.fixture
def certificate(tmp_path: Path) -> ssl.SSLContext:
    """A server's TLS context with a certificate of its own for 127.0.0.1, in tmp_path/cert.pem."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("the openssl program is not installed")
    paths = {"-keyout": tmp_path / "key.pem", "-out": tmp_path / "cert.pem"}
    options = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    options += ["-addext", "subjectAltName=IP:127.0.0.1"]
    options += [str(part) for pair in paths.items() for part in pair]
    subprocess.run([openssl, "req", *options], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(paths["-out"], paths["-keyout"])
    return context


def check_login(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any
) -> AuthResult:
    is_right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"u", b"p@ss")
    return AuthResult(success=is_right, handled=is_right)


def test_tls_and_login_come_before_the_mail(
    certificate: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    mailbox = Mailbox()
    options = {
        "tls_context": certificate,
        "require_starttls": True,
        "auth_required": True,
        "authenticator": check_login,
    }
    with smtp_server(mailbox, **options) as server:
        settings.MAIL_SERVER = [f"smtp+starttls://u:p%40ss@{server}"]
        mail.send(SENDER, ["a@example.com"], "s", "t")
        settings.MAIL_SERVER = [f"smtp+starttls://u:WRONG@{server}"]
        with pytest.raises(MailNotSent, match="SMTPAuthenticationError") as failure:
            mail.send(SENDER, ["a@example.com"], "s", "t")

    assert len(mailbox.envelopes) == 1
    assert "WRONG" not in str(failure.value)


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # aiosmtpd, when a client breaks TLS off
def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: ssl.SSLContext) -> None:
    mailbox = Mailbox()
    message = smtp.compose(SENDER, ["a@example.com"], "s", "t")
    with smtp_server(mailbox, tls_context=certificate) as server:
        with pytest.raises(MailNotSent, match="CERTIFICATE_VERIFY_FAILED"):
            smtp.deliver(message, [f"smtp+starttls://{server}"], timeout_seconds=5)

    assert mailbox.envelopes == []
