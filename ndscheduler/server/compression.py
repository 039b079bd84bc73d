"""Answers in fewer bytes for clients that take gzip."""

from __future__ import annotations

import gzip
import re

from tornado.web import RequestHandler

# Shorter ones gain nothing; longer ones would hold up the event loop, on which this is done.
SHORTEST_BYTES = 1024
LONGEST_BYTES = 1024 * 1024
# About a millisecond for the 150 kB of a list of jobs.
LEVEL = 3


def compressed(handler: RequestHandler, body: bytes) -> bytes:
    """`body` as it is to be sent; the headers that say how are set on `handler`."""
    if not SHORTEST_BYTES <= len(body) <= LONGEST_BYTES:
        return body
    handler.set_header("Vary", "Accept-Encoding")
    if not takes_gzip(handler.request.headers.get("Accept-Encoding", "")):
        return body
    handler.set_header("Content-Encoding", "gzip")
    # No time in it: the same body has the same Etag.
    return gzip.compress(body, LEVEL, mtime=0)


def takes_gzip(accept_encoding: str) -> bool:
    """Whether a client that sent this Accept-Encoding header wants gzip (RFC 9110, 12.5.3)."""
    weights = {}
    for part in accept_encoding.lower().split(","):
        coding, _, parameter = part.partition(";")
        weights[coding.strip()] = parameter.replace(" ", "")
    weight = weights.get("gzip", weights.get("*", "q=0"))
    return re.fullmatch(r"q=0(\.0*)?", weight) is None
