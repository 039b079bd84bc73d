"""SECRETS_FILE is read when a secret is asked for, and refused when others may read it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ndscheduler.corescheduler import secrets_file
from ndscheduler.corescheduler.errors import SecretNotAvailable
from ndscheduler.corescheduler.secrets_file import SecretsFile

CANARY = "canary-5d1f"


def written(path: Path, content: str, mode: int = 0o600) -> SecretsFile:
    path.write_text(content, encoding="utf-8")
    path.chmod(mode)
    return SecretsFile(str(path))


def refusal(file: SecretsFile, name: str = "KEY") -> str:
    """The sentence with which the secret is refused; it tells nothing of what is in the file."""
    with pytest.raises(SecretNotAvailable) as refused:
        file.text_of(name)
    assert CANARY not in f"{refused.value!r}"
    assert refused.value.__cause__ is None
    assert refused.value.__context__ is None or refused.value.__suppress_context__
    return str(refused.value)


@pytest.mark.parametrize(
    "content",
    [
        f"KEY: {CANARY}\nOTHER: 'x'\n",
        f'{{"KEY": "{CANARY}", "COUNT": 3}}',
        f'{{\t"KEY":\t"{CANARY}"}}',
        f"\ufeffKEY: {CANARY}\n",
    ],
)
def test_a_secret_is_read_from_yaml_and_json(tmp_path: Path, content: str) -> None:
    assert written(tmp_path / "secrets", content).text_of("KEY") == CANARY


@pytest.mark.parametrize("mode", [0o604, 0o640, 0o620, 0o602, 0o610, 0o601])
def test_a_file_that_others_may_open_is_refused(tmp_path: Path, mode: int) -> None:
    sentence = refusal(written(tmp_path / "secrets", f"KEY: {CANARY}\n", mode))

    assert sentence == (
        f"The secret 'KEY' can not be used: SECRETS_FILE is open to other users "
        f"(mode {mode:04o}); set its mode to 0600."
    )


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")
def test_a_file_of_another_user_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path / "secrets", f"KEY: {CANARY}\n")
    os.chown(tmp_path / "secrets", 12345, -1)

    assert "belongs to another user" in refusal(file)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (f"KEY: [{CANARY}\n", "is neither YAML nor JSON"),
        (f"KEY: &{CANARY} *x\n", "is neither YAML nor JSON"),
        (f"- {CANARY}\n", "must hold lines"),
        (CANARY, "must hold lines"),
        ("", "has no such name"),
        (f"OTHER: {CANARY}\n", "has no such name"),
        ("KEY: 12345678\n", "is no text; put it in quotes"),
        (f"KEY: [{CANARY}]\n", "is no text"),
        ("KEY: abc\n", "shorter than 4 characters"),
        ("KEY: 'ab    '\n", "shorter than 4 characters"),
        (f"KEY: {CANARY}\n#{'x' * secrets_file.MAX_BYTES}", "is longer than"),
    ],
)
def test_what_is_no_secret_is_refused_without_being_told(
    tmp_path: Path, content: str, words: str
) -> None:
    assert words in refusal(written(tmp_path / "secrets", content))


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    file = written(tmp_path / "secrets", "")
    (tmp_path / "secrets").write_bytes(b"KEY: \xff\xfe")

    assert "is neither YAML nor JSON" in refusal(file)


def test_no_file_is_one_sentence(tmp_path: Path) -> None:
    assert refusal(SecretsFile(None)).endswith("SECRETS_FILE is not set.")
    assert "No such file" in refusal(SecretsFile(str(tmp_path / "none")))
    assert "is no file" in refusal(SecretsFile(str(tmp_path)))


def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)

    assert "is no file" in refusal(SecretsFile(str(tmp_path / "pipe")))


def test_a_change_is_seen_whatever_its_size_and_time(tmp_path: Path) -> None:
    path = tmp_path / "secrets"
    file = written(path, "KEY: first-1\n")
    seen = []
    for text in ("first-1", "first-2", "first-3"):
        path.write_text(f"KEY: {text}\n")
        seen.append(file.text_of("KEY"))

    assert seen == ["first-1", "first-2", "first-3"]


def test_a_file_that_is_put_in_its_place_is_read(tmp_path: Path) -> None:
    file = written(tmp_path / "secrets", "KEY: first\n")
    assert file.text_of("KEY") == "first"

    written(tmp_path / "new", "KEY: other\n")
    (tmp_path / "new").replace(tmp_path / "secrets")

    assert file.text_of("KEY") == "other"


def test_a_file_that_is_opened_to_others_later_is_refused(tmp_path: Path) -> None:
    file = written(tmp_path / "secrets", "KEY: first\n")
    assert file.text_of("KEY") == "first"

    (tmp_path / "secrets").chmod(0o644)

    assert "is open to other users" in refusal(file)


def test_a_problem_is_known_before_a_job_needs_a_secret(tmp_path: Path) -> None:
    assert SecretsFile(None).find_problem() is None
    assert written(tmp_path / "a", "KEY: text\n").find_problem() is None
    assert "is open to other users" in (
        written(tmp_path / "b", "KEY: text\n", 0o644).find_problem() or ""
    )
