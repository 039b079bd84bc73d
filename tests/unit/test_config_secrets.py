"""Settings that can not be read are refused without the secrets among them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ndscheduler.config_args import parse_options
from ndscheduler.config_sources import resolve_options
from ndscheduler.corescheduler.errors import ConfigError

CANARY = "canary-2f60"


def refusal(yaml_text: str, folder: Path, **environment: str) -> str:
    """The sentence with which these settings are refused."""
    (folder / "config.yaml").write_text(yaml_text)
    options = parse_options(["-y", str(folder / "config.yaml")])
    with pytest.raises(ConfigError) as refused:
        resolve_options(options, environment)
    return str(refused.value)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"SECURE_COOKIE: *{CANARY}", "found undefined alias ... in line 1"),
        (f"SECURE_COOKIE: !{CANARY} x", "constructor for the tag ... in line 1"),
        (f"SECURE_COOKIE: !{CANARY}!x y", "found undefined tag handle ... in line 1"),
        (f'SECURE_COOKIE: "{CANARY}\\q"', "found unknown escape character 'q' in line 1"),
        (f"SECURE_COOKIE: a: {CANARY}", "mapping values are not allowed here in line 1"),
        (f"SECURE_COOKIE: {CANARY}", "SECURE_COOKIE must"),
        (f"SECURE_COOKIE: [{CANARY}]", "SECURE_COOKIE must"),
        (f"AUTH_CREDENTIALS: {CANARY}", "AUTH_CREDENTIALS must have NAME:HASH in each line"),
        (f"AUTH_CREDENTIALS: [{CANARY}]", "AUTH_CREDENTIALS must have NAME:HASH in each line"),
        (f"AUTH_CREDENTIALS: {{user: {CANARY}}}", "AUTH_CREDENTIALS must have a bcrypt hash"),
        (f"MAIL_SERVER: {{a: {CANARY}}}", "MAIL_SERVER must"),
        (f"DATABASE_CONFIG_DICT: {CANARY}", "DATABASE_CONFIG_DICT must"),
    ],
)
def test_a_file_that_can_not_be_read_keeps_its_secrets(
    tmp_path: Path, text: str, words: str
) -> None:
    sentence = refusal(text, tmp_path)

    assert words in sentence
    assert CANARY not in sentence


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("DATABASE_CONFIG_DICT", f"{{password: *{CANARY}}}"),
        ("AUTH_CREDENTIALS", f"{{user: {CANARY}"),
        ("MAIL_SERVER", f"[!{CANARY} x]"),
    ],
)
def test_an_environment_that_can_not_be_read_keeps_its_secrets(
    tmp_path: Path, name: str, text: str
) -> None:
    sentence = refusal("", tmp_path, **{f"NDSCHEDULER_{name}": text})

    assert sentence == f"NDSCHEDULER_{name} is not YAML."
