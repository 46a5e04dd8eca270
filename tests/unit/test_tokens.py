"""The secret addresses of feeds: long enough, told apart, and not to be had from the database alone."""

from __future__ import annotations

import base64
import hashlib
import math
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.running import ROOT
from todo.errors import BadSetting
from todo.tokens import TOKEN, Tokens, hash_of, load_secret

SECRET = b"a secret of this test, and of no other one"
TOKENS = Tokens(SECRET)


def test_a_token_has_128_bits_and_is_spelled_in_one_way() -> None:
    seed, _ = TOKENS.new()
    token = TOKENS.token(seed)
    assert TOKEN.fullmatch(token)
    octets = base64.urlsafe_b64decode(token + "==")
    assert len(octets) * 8 == 128
    assert base64.urlsafe_b64encode(octets).decode().rstrip("=") == token


def test_every_bit_of_a_token_is_as_often_one_as_zero() -> None:
    made = [base64.urlsafe_b64decode(TOKENS.token(TOKENS.new()[0]) + "==") for _ in range(2_000)]
    assert len(set(made)) == 2_000
    numbers = [int.from_bytes(octets, "big") for octets in made]
    ones = [sum(number >> bit & 1 for number in numbers) for bit in range(128)]
    assert all(abs(count - 1_000) < 6 * math.sqrt(500) for count in ones)  # six deviations: once in four million runs


def test_what_the_database_holds_neither_is_the_token_nor_leads_to_it() -> None:
    seed, token_hash = TOKENS.new()
    token = TOKENS.token(seed)
    assert token not in seed + token_hash
    assert TOKENS.token(seed) == token  # its owner sees it again
    assert Tokens(b"another secret, that somebody has who has the database").token(seed) != token
    for guessed in (seed.encode(), b"feed " + seed.encode(), bytes.fromhex(seed)):
        assert base64.urlsafe_b64encode(guessed[:16]).decode().rstrip("=") != token
        assert base64.urlsafe_b64encode(hashlib.sha256(guessed).digest()[:16]).decode().rstrip("=") != token


def test_a_token_is_found_by_its_hash() -> None:
    seed, token_hash = TOKENS.new()
    assert token_hash == hash_of(TOKENS.token(seed)) == hashlib.sha256(TOKENS.token(seed).encode()).hexdigest()
    assert token_hash != hash_of(TOKENS.token(TOKENS.new()[0]))


def test_a_configured_secret_is_taken_and_no_file_is_made(tmp_path: Path) -> None:
    assert load_secret("configured", tmp_path / "data") == b"configured"
    assert not (tmp_path / "data").exists()


def test_the_file_is_made_for_its_owner_alone_and_read_again(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there"
    secret = load_secret("", folder)
    [file] = folder.iterdir()
    assert (file.name, file.stat().st_mode & 0o777) == ("secret_key", 0o600)
    assert folder.stat().st_mode & 0o077 == 0
    assert len(bytes.fromhex(secret.decode())) * 8 == 256
    assert load_secret("", folder) == secret
    assert load_secret("", tmp_path / "elsewhere") != secret


def test_a_secret_that_is_too_short_to_be_one_stops_the_process(tmp_path: Path) -> None:
    (tmp_path / "secret_key").touch()
    with pytest.raises(BadSetting, match="secret_key"):
        load_secret("", tmp_path)


LOAD = "import sys; from pathlib import Path; from todo.tokens import load_secret\n"
LOAD += "sys.stdin.readline(); print(load_secret('', Path(sys.argv[1])).decode())"


def test_many_processes_that_come_first_at_once_get_one_secret(tmp_path: Path) -> None:
    for number in range(5):
        folder = tmp_path / str(number)
        processes = [
            subprocess.Popen(
                [sys.executable, "-c", LOAD, str(folder)],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            for _ in range(6)
        ]
        with ThreadPoolExecutor(len(processes)) as threads:
            # All have imported what they need when they are told to begin.
            printed = list(threads.map(lambda process: process.communicate("begin\n", timeout=60)[0], processes))
        assert [process.returncode for process in processes] == [0] * 6
        assert len(set(printed)) == 1
        assert len(printed[0].strip()) == 64
        assert [file.name for file in folder.iterdir()] == ["secret_key"]


def test_threads_that_come_first_at_once_get_one_secret(tmp_path: Path) -> None:
    for number in range(20):
        folder = tmp_path / str(number)
        with ThreadPoolExecutor(8) as threads:
            secrets = set(threads.map(lambda _, folder=folder: load_secret("", folder), range(8)))
        assert len(secrets) == 1
