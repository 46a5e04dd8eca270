"""Keys in a `.env` file, beside the environment and profiles."""

from __future__ import annotations

from pathlib import Path

import pytest

from todo.errors import BadInput
from todo.queues.connection import take_env_file

KEYS = "AWS_ACCESS_KEY_ID=a\nAWS_SECRET_ACCESS_KEY=b/c+$d\nAWS_SESSION_TOKEN=t==\n"


def taken(tmp_path: Path, text: str, profile: str | None = None, **environment: str) -> dict[str, str]:
    file = tmp_path / ".env"
    file.write_text(text, encoding="utf-8")
    take_env_file(file, environment, profile=profile)
    return environment


def test_keys_are_taken_as_they_stand(tmp_path: Path) -> None:
    assert taken(tmp_path, f"TERM=xterm-256color\n{KEYS}") == {
        "AWS_ACCESS_KEY_ID": "a",
        "AWS_SECRET_ACCESS_KEY": "b/c+$d",
        "AWS_SESSION_TOKEN": "t==",
    }


def test_keys_pasted_in_the_form_of_a_credentials_file_are_taken(tmp_path: Path) -> None:
    text = "\ufeff[default]\naws_access_key_id = a\naws_secret_access_key = b\n"
    assert taken(tmp_path, text) == {"AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b"}


def test_a_key_of_the_environment_is_not_mixed_with_another_ones_token(tmp_path: Path) -> None:
    environment = {"AWS_ACCESS_KEY_ID": "mine", "AWS_SECRET_ACCESS_KEY": "mine"}
    assert taken(tmp_path, KEYS, **environment) == environment


@pytest.mark.parametrize("how", ["option", "environment"])
def test_keys_yield_to_a_profile(tmp_path: Path, how: str) -> None:
    if how == "option":
        assert taken(tmp_path, KEYS, profile="work") == {}
    else:
        assert taken(tmp_path, KEYS, AWS_PROFILE="work") == {"AWS_PROFILE": "work"}


def test_region_and_address_are_taken_where_the_environment_is_silent(tmp_path: Path) -> None:
    text = "AWS_REGION=eu-central-1\nAWS_ENDPOINT_URL=http://127.0.0.1:1\n"
    assert taken(tmp_path, text, AWS_REGION="us-west-2") == {
        "AWS_REGION": "us-west-2",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:1",
    }


def test_no_file_and_a_folder_of_that_name_say_nothing(tmp_path: Path) -> None:
    environment: dict[str, str] = {}
    take_env_file(tmp_path / "none", environment)
    take_env_file(tmp_path, environment)
    assert environment == {}


def test_a_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"AWS_REGION=\xff\xfe\n")
    with pytest.raises(BadInput, match=r"\.env cannot be read"):
        take_env_file(tmp_path / ".env", {})
