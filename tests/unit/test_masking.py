"""Secrets are taken out of texts in every form in which a text may hold them."""

from __future__ import annotations

import html
import json
import logging
import shlex
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ndscheduler.corescheduler.masking import Mask, MaskingFilter, masking

# A secret, and a word of it that no quoting changes.
SECRETS = [
    ("simple-text", "simple"),
    ('it\'s "quoted" \\ 100% & <ü>', "quoted"),
    ("tab\tand\nline two is long", "two"),
]
QUOTED: list[Callable[[str], str]] = [
    str,
    json.dumps,
    lambda text: json.dumps(text, ensure_ascii=False),
    lambda text: json.dumps(json.dumps({"a": text})),
    repr,
    lambda text: repr([text, "it's", 'a "b"']),
    lambda text: repr(f"'{text}\" and more"),
    lambda text: repr(text.encode()),
    lambda text: json.dumps(repr(ValueError(text))),
    quote,
    lambda text: quote(text, safe=""),
    quote_plus,
    html.escape,
    shlex.quote,
]


@pytest.mark.parametrize(("secret", "word"), SECRETS)
@pytest.mark.parametrize("quoted", QUOTED)
def test_a_secret_is_masked_however_it_is_quoted(
    secret: str, word: str, quoted: Callable[[str], str]
) -> None:
    text = f"before {quoted(secret)} after"
    assert word in text

    masked = Mask([secret]).text(text)

    assert word not in masked
    assert "***" in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.text(min_size=4).filter(lambda text: len(text.strip()) >= 4), st.text())
def test_no_secret_is_left_whatever_stands_around_it(secret: str, around: str) -> None:
    masked = Mask([secret]).text(f"{around}{secret}{around}")

    assert secret not in masked or secret in "***"


def test_secrets_that_overlap_are_both_masked() -> None:
    assert Mask(["abcdef", "defghi"]).text("-abcdefghi-") == "-***-"
    assert Mask(["abcd", "abcdef"]).text("-abcdef-") == "-***-"
    assert Mask(["aaaa"]).text("-aaaaaa-") == "-***-"


def test_a_line_of_a_key_is_masked_alone() -> None:
    key = "-----BEGIN KEY-----\nMIIEvQIBADANBg\nab==\n-----END KEY-----\n"

    masked = Mask([key]).text("head\nMIIEvQIBADANBg\nab==\n")

    assert masked == "head\n***\nab==\n"


def test_json_stays_json() -> None:
    mask = Mask(["12345678"])

    assert json.loads(mask.json_text('{"pin": 12345678}')) == '{"pin": ***}'
    assert mask.json_text('{"pin": "12345678"}') == '{"pin": "***"}'
    assert mask.json_text("no JSON 12345678") == "no JSON ***"


def test_without_secrets_nothing_changes() -> None:
    assert Mask().text("anything") == "anything"


def test_log_lines_of_a_run_are_masked_and_others_are_not(caplog: Any) -> None:
    logger = logging.getLogger("a.job.of.a.user")
    caplog.handler.addFilter(filtering := MaskingFilter())
    try:
        with masking(Mask(["the-secret"])):
            logger.warning("with %s and %s", "the-secret", ["the-secret"])
            try:
                raise ValueError("the-secret")
            except ValueError:
                logger.exception("failed with %s", "the-secret", stack_info=True)
        logger.warning("outside %s", "the-secret")
    finally:
        caplog.handler.removeFilter(filtering)

    first, second, third = caplog.text.split("WARNING")[1], caplog.text, caplog.messages[-1]
    assert "with *** and ['***']" in first
    assert "ValueError: ***" in second
    assert third == "outside the-secret"
    assert caplog.text.count("the-secret") == 1
