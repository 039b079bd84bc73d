"""TLS: how it is spoken, with which certificate, and how a new one is taken without a restart."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import ssl

from tornado.httpserver import HTTPServer

from ndscheduler.config import Config
from ndscheduler.corescheduler.errors import ConfigError

logger = logging.getLogger(__name__)

LOOK_SECONDS = 5.0
# More than any handshake needs.
HANDSHAKE_ROUNDS = 10
# X509_V_ERR_* of OpenSSL.
NOT_VALID = {9: "is not valid yet", 10: "has expired"}


def tls_context(config: Config) -> ssl.SSLContext | None:
    """How to speak TLS; None without SSL_CERT. Raises ConfigError."""
    if config.SSL_CERT is None:
        if config.SSL_KEY is not None:
            raise ConfigError("SSL_KEY is set, but SSL_CERT is not.")
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        # An empty password: one that is needed is an error, not a question at the terminal.
        context.load_cert_chain(config.SSL_CERT, config.SSL_KEY, password="")  # nosec B106
    except (OSError, ValueError) as error:
        raise ConfigError(f"{_files(config)} can not be used: {_reason(error)}.") from error
    problem = _problem(context, config.SSL_CERT)
    if problem:
        # A scheduler whose certificate has expired still runs its jobs.
        logger.warning("The certificate in SSL_CERT %r %s.", config.SSL_CERT, problem)
    return context


async def follow_certificate(
    config: Config, server: HTTPServer, look_seconds: float = LOOK_SECONDS
) -> None:
    """Whenever SSL_CERT or SSL_KEY has changed, use them for new connections of `server`.

    What can not be used, such as one of two files while the other is still to come, changes
    nothing but for a line in the log. Runs until it is cancelled.
    """
    seen = _state(config)
    while config.SSL_CERT is not None:
        await asyncio.sleep(look_seconds)
        before, seen = seen, _state(config)
        if seen == before:
            continue
        try:
            # Not into the context in use: half of a pair would stay in it.
            server.ssl_options = tls_context(config)
        except ConfigError as error:
            logger.error("%s The certificate of before stays in use.", error)
        except Exception:
            logger.exception("The certificate of before stays in use.")
        else:
            logger.info("%s are in use now.", _files(config))


def _state(config: Config) -> list[tuple[int, ...]]:
    """What changes when one of the files does, or is put in the place of the other."""
    found: list[tuple[int, ...]] = []
    for path in filter(None, (config.SSL_CERT, config.SSL_KEY)):
        with contextlib.suppress(OSError):
            stat = os.stat(path)
            found.append((stat.st_dev, stat.st_ino, stat.st_mtime_ns, stat.st_size))
    return found


def _files(config: Config) -> str:
    key = f" and SSL_KEY {config.SSL_KEY!r}" if config.SSL_KEY else ""
    return f"SSL_CERT {config.SSL_CERT!r}{key}"


def _reason(error: OSError | ValueError) -> str:
    if getattr(error, "reason", None) == "KEY_VALUES_MISMATCH":
        return "certificate and key do not belong together"
    return str(error)


def _problem(context: ssl.SSLContext, certificate: str) -> str | None:
    """Why no client takes `certificate` today, which `context` shows; None if many may."""
    # Python reads no dates of certificates, but its client does.
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname = False
    client.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        client.load_verify_locations(certificate)
        _shake_hands(client, context)
    except ssl.SSLCertVerificationError as error:
        return NOT_VALID.get(error.verify_code)
    except ssl.SSLError:
        return None
    return None


def _shake_hands(client: ssl.SSLContext, server: ssl.SSLContext) -> None:
    """A handshake in memory. Raises ssl.SSLError."""
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        client.wrap_bio(to_client, to_server),
        server.wrap_bio(to_server, to_client, server_side=True),
    )
    for _ in range(HANDSHAKE_ROUNDS):
        for end in ends:
            with contextlib.suppress(ssl.SSLWantReadError):
                end.do_handshake()
